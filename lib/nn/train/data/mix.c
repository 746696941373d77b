#include "nn/train/data/mix.h"

#include <math.h>
#include <string.h>

static void draw_rectangle(struct dims dims, struct random *random, struct mix *mix)
{
    double side = sqrt(1 - (double)mix->share);
    int height = (int)(dims.height * side), width = (int)(dims.width * side);
    int top = (int)random_below(random, (uint64_t)dims.height) - height / 2;
    int left = (int)random_below(random, (uint64_t)dims.width) - width / 2;
    mix->top = top > 0 ? top : 0;
    mix->left = left > 0 ? left : 0;
    mix->bottom = top + height < dims.height ? top + height : dims.height;
    mix->right = left + width < dims.width ? left + width : dims.width;
    mix->share = 1 - (float)((mix->bottom - mix->top) * (mix->right - mix->left)) /
                         (float)(dims.height * dims.width);
}

void mix_draw(double mixup, double cutmix, struct dims dims, struct random *random, struct mix *mix)
{
    int cut = cutmix > 0 && (mixup <= 0 || random_below(random, 2));
    double alpha = cut ? cutmix : mixup;
    memset(mix, 0, sizeof *mix);
    mix->share = (float)random_beta(random, alpha, alpha);
    if (cut)
        draw_rectangle(dims, random, mix);
}

static void blend(float share, size_t count, float *values, const float *other)
{
    for (size_t i = 0; i < count; i++)
        values[i] = share * values[i] + (1 - share) * other[i];
}

void mix_pixels(const struct mix *mix, struct dims dims, float *pixels, const float *other)
{
    size_t channels = (size_t)dims.channels, width = (size_t)dims.width;
    if (mix->bottom == 0) {
        blend(mix->share, channels * (dims.height ? (size_t)dims.height * width : 1), pixels,
              other);
        return;
    }
    for (int y = mix->top; y < mix->bottom; y++) {
        size_t at = ((size_t)y * width + (size_t)mix->left) * channels;
        memcpy(pixels + at, other + at,
               (size_t)(mix->right - mix->left) * channels * sizeof *pixels);
    }
}

void mix_targets(const struct mix *mix, size_t count, float *target, const float *other)
{
    for (size_t i = 0; i < count; i++)
        target[i] = target[i] < 0 || other[i] < 0
                        ? -1
                        : mix->share * target[i] + (1 - mix->share) * other[i];
}
