/* If this fails, mixed pictures have other shares than their targets say. */
#include "nn/train/data/mix.h"

#include "tests/tap.h"

#include <math.h>

enum { WIDTH = 6, HEIGHT = 5, CHANNELS = 2, SIZE = WIDTH * HEIGHT * CHANNELS, DRAWS = 4000 };
static const struct dims dims = {CHANNELS, HEIGHT, WIDTH};

static void fill(float *pixels, float value)
{
    for (int i = 0; i < SIZE; i++)
        pixels[i] = value;
}

static double mean(const float *pixels)
{
    double sum = 0;
    for (int i = 0; i < SIZE; i++)
        sum += (double)pixels[i];
    return sum / SIZE;
}

/* A picture of ones with one of zeros: the mean is the share of the first, however it is mixed. */
static void check_shares(double mixup, double cutmix, const char *what)
{
    struct random random;
    double sum = 0, largest = 0;
    int blends = 0, whole = 0;
    random_seed(&random, 11);
    for (int i = 0; i < DRAWS; i++) {
        float one[SIZE], zero[SIZE] = {0}, target[3] = {1, 0, 0}, other[3] = {0, 0, 1};
        struct mix mix;
        fill(one, 1);
        mix_draw(mixup, cutmix, dims, &random, &mix);
        mix_pixels(&mix, dims, one, zero);
        mix_targets(&mix, 3, target, other);
        largest = fmax(largest, fabs(mean(one) - (double)target[0]));
        largest = fmax(largest, fabs((double)(target[0] + target[1] + target[2]) - 1));
        blends += one[0] > 0 && one[0] < 1;
        whole += mix.share == 1;
        sum += (double)mix.share;
    }
    near(largest, 0, 1e-6, what);
    if (cutmix <= 0)
        near(sum / DRAWS, 0.5, 0.03, "on average one half");
    else
        ok(sum / DRAWS > 0.5 && sum / DRAWS < 0.75 && whole < DRAWS / 2,
           "clipped rectangles leave more than a half");
    if (mixup > 0 && cutmix > 0)
        near((double)blends / DRAWS, 0.5, 0.05, "with both, one as often as the other");
    else
        ok(mixup > 0 ? blends > DRAWS * 9 / 10 : blends == 0, "by the way that was asked for");
}

int main(void)
{
    struct mix half = {.share = 0.25F},
               cut = {.share = 0, .top = 1, .left = 2, .bottom = 3, .right = 4};
    float a[SIZE], b[SIZE], known[3] = {1, -1, 0}, other[3] = {0, 1, -1};
    int inside = 0;
    check_shares(1, 0, "mixup: pixels and targets have the same shares");
    check_shares(0, 1, "cutmix: likewise");
    check_shares(1, 1, "both: likewise");
    fill(a, 8), fill(b, 4);
    mix_pixels(&half, dims, a, b);
    ok(a[0] == 5 && a[SIZE - 1] == 5, "a quarter of 8 and three of 4");
    mix_targets(&half, 3, known, other);
    ok(known[0] == 0.25F && known[1] == -1 && known[2] == -1,
       "what one does not know, nobody knows");
    fill(a, 8);
    mix_pixels(&cut, dims, a, b);
    for (int i = 0; i < SIZE; i++)
        inside += a[i] == 4 && i / CHANNELS / WIDTH >= 1 && i / CHANNELS / WIDTH < 3 &&
                  i / CHANNELS % WIDTH >= 2 && i / CHANNELS % WIDTH < 4;
    same_int(inside, 2 * 2 * CHANNELS, "the rectangle is the other's");
    near(mean(a) * SIZE, 8 * (SIZE - 8) + 4 * 8, 1e-3, "and nothing else");
    return tap_done();
}
