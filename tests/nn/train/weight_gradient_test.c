/* Every way to make a convolution's gradient by its weights, of every instruction set, against sums
 * in double. */
#include "base/random.h"
#include "nn/kernels/kernels.h"
#include "nn/train/kernels.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *numbers(size_t count)
{
    struct random random;
    float *data = malloc((count + 1) * sizeof *data);
    random_seed(&random, count);
    for (size_t i = 0; data && i < count; i++)
        data[i] = (float)random_normal(&random);
    return data;
}

static double exact(const struct kernel_window *w, const float *x, const float *dy, size_t tap,
                    size_t in, size_t out)
{
    double sum = 0;
    for (size_t n = 0; n < w->batch; n++)
        for (size_t oy = 0; oy < w->out_height; oy++)
            for (size_t ox = 0; ox < w->out_width; ox++) {
                size_t y = oy * w->stride_h + tap / w->kernel_w * w->dilation_h - w->pad_top;
                size_t column = ox * w->stride_w + tap % w->kernel_w * w->dilation_w - w->pad_left;
                if (y < w->height && column < w->width) /* before 0 they wrap around */
                    sum += (double)x[((n * w->height + y) * w->width + column) * w->in_ld + in] *
                           (double)
                               dy[((n * w->out_height + oy) * w->out_width + ox) * w->out_ld + out];
            }
    return sum;
}

/* The largest error, relative to the largest number. dw begins with 1 everywhere, for it is added
 * to. */
static double error(const struct kernel_window *w, const float *x, const float *dy, const float *dw)
{
    size_t taps = w->kernel_h * w->kernel_w, ins = w->channels / w->groups,
           outs = w->out_channels / w->groups;
    double worst = 0, largest = 0;
    for (size_t g = 0; g < w->groups; g++)
        for (size_t t = 0; t < taps; t++)
            for (size_t i = 0; i < ins; i++)
                for (size_t o = 0; o < outs; o++) {
                    double want = exact(w, x, dy, t, g * ins + i, g * outs + o) + 1;
                    double got = (double)dw[((g * taps + t) * ins + i) * outs + o];
                    worst = fmax(worst, fabs(got - want));
                    largest = fmax(largest, fabs(want));
                }
    return worst / largest;
}

/* Sizes of picture and channels, kernel, stride, dilation, padding, groups. */
static void check(size_t batch, size_t height, size_t width, size_t channels, size_t outputs,
                  size_t kernel, size_t stride, size_t dilation, size_t pad, size_t groups)
{
    struct kernel_window w = {.batch = batch,
                              .height = height,
                              .width = width,
                              .channels = channels,
                              .in_ld = channels,
                              .out_channels = outputs,
                              .out_ld = outputs,
                              .kernel_h = kernel,
                              .kernel_w = kernel,
                              .stride_h = stride,
                              .stride_w = stride,
                              .dilation_h = dilation,
                              .dilation_w = dilation,
                              .pad_top = pad,
                              .pad_left = pad,
                              .pad_bottom = pad,
                              .pad_right = pad,
                              .groups = groups};
    size_t count = kernel * kernel * channels / groups * outputs;
    float *x, *dy, *dw = malloc((count + 1) * sizeof *dw);
    w.out_height = (height + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
    w.out_width = (width + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
    x = numbers(batch * height * width * channels);
    dy = numbers(batch * w.out_height * w.out_width * outputs);
    for (size_t k = 0; kernels_at(k); k++)
        for (const struct convolution_gradient *const *at =
                 train_kernels_of(kernels_at(k))->convolution_gradients;
             *at; at++) {
            float *scratch;
            if (!(*at)->suits(&w))
                continue;
            scratch = aligned_alloc(64, ((*at)->scratch_size(&w) * sizeof(float) + 64) / 64 * 64);
            for (size_t i = 0; i < count; i++)
                dw[i] = 1;
            (*at)->run(&w, x, dy, dw, scratch);
            ok(error(&w, x, dy, dw) < 1e-5, "%s, %s: %zux%zux%zu to %zu, %zux%zu", (*at)->name,
               kernels_at(k)->isa, channels, height, width, outputs, kernel, kernel);
            free(scratch);
        }
    free(x);
    free(dy);
    free(dw);
}

int main(void)
{
    check(3, 8, 8, 5, 7, 3, 1, 1, 1, 1);
    check(2, 9, 7, 16, 33, 3, 1, 1, 1, 1);
    check(2, 5, 6, 35, 20, 3, 1, 1, 0, 1);
    check(1, 4, 4, 8, 8, 3, 1, 1, 2, 1);
    check(5, 16, 16, 6, 40, 3, 1, 1, 1, 1);
    check(2, 10, 9, 6, 9, 3, 2, 1, 1, 3);
    check(2, 11, 12, 4, 6, 3, 2, 2, 2, 1);
    check(3, 7, 9, 17, 18, 1, 1, 1, 0, 1);
    check(2, 12, 12, 3, 16, 5, 1, 1, 2, 1);
    return tap_done();
}
