/* Pooling over windows and over whole pictures. Each vector holds VW channels of a pixel; a result
 * reads its window once, so the work is bound by loads. */
#include "nn/kernels/isa/border.h"

#include <math.h>

/* The taps inside the picture along one axis, and how many are inside picture and padding. */
struct span {
    struct range inside;
    size_t padded;
    ptrdiff_t start;
};

static struct span span_of(size_t out, size_t kernel, size_t stride, size_t dilation, size_t pad,
                           size_t pad_end, size_t size)
{
    ptrdiff_t start = (ptrdiff_t)(out * stride) - (ptrdiff_t)pad;
    return (struct span){taps_inside(start, kernel, dilation, size),
                         taps_inside(start, kernel, dilation, size + pad_end).to, start};
}

INLINE void pixel(const int is_max, const struct kernel_window *w, const float *picture,
                  const struct span *y, const struct span *x, float divisor, float *out)
{
    for (size_t c = 0; c < w->channels; c += VW) {
        size_t left = w->channels - c;
        vec sum = splat(is_max ? -INFINITY : 0);
        for (size_t kh = y->inside.from; kh < y->inside.to; kh++)
            for (size_t kw = x->inside.from; kw < x->inside.to; kw++) {
                size_t row = (size_t)(y->start + (ptrdiff_t)(kh * w->dilation_h));
                size_t column = (size_t)(x->start + (ptrdiff_t)(kw * w->dilation_w));
                vec value = load_up_to(picture + (row * w->width + column) * w->in_ld + c, left);
                sum = is_max ? vmax(sum, value) : sum + value;
            }
        store_up_to(out + c, is_max ? sum : sum / divisor, left);
    }
}

INLINE void pool(const int is_max, const struct kernel_window *w, int include_pad, const float *in,
                 float *out)
{
    for (size_t image = 0; image < w->batch; image++, in += w->height * w->width * w->in_ld)
        for (size_t oy = 0; oy < w->out_height; oy++) {
            struct span y = span_of(oy, w->kernel_h, w->stride_h, w->dilation_h, w->pad_top,
                                    w->pad_bottom, w->height);
            for (size_t ox = 0; ox < w->out_width; ox++, out += w->out_ld) {
                struct span x = span_of(ox, w->kernel_w, w->stride_w, w->dilation_w, w->pad_left,
                                        w->pad_right, w->width);
                size_t count = include_pad
                                   ? y.padded * x.padded
                                   : (y.inside.to - y.inside.from) * (x.inside.to - x.inside.from);
                pixel(is_max, w, in, &y, &x, (float)count, out);
            }
        }
}

void ISA_NAME(max_pool)(const struct kernel_window *window, const float *in, float *out)
{
    pool(1, window, 0, in, out);
}

void ISA_NAME(average_pool)(const struct kernel_window *window, int include_pad, const float *in,
                            float *out)
{
    pool(0, window, include_pad, in, out);
}

INLINE void global(const int is_max, size_t batch, size_t pixels, size_t channels, size_t ld,
                   const float *in, float *out)
{
    for (size_t image = 0; image < batch; image++, in += pixels * ld, out += channels)
        for (size_t c = 0; c < channels; c += VW) {
            size_t left = channels - c, p = 0;
            vec sum[4];
            for (int i = 0; i < 4;
                 i++) /* four sums: the latency of the additions overlaps, and rounding is better */
                sum[i] = splat(is_max ? -INFINITY : 0);
            for (; p + 4 <= pixels; p += 4)
                for (size_t i = 0; i < 4; i++) {
                    vec value = load_up_to(in + (p + i) * ld + c, left);
                    sum[i] = is_max ? vmax(sum[i], value) : sum[i] + value;
                }
            for (; p < pixels; p++) {
                vec value = load_up_to(in + p * ld + c, left);
                sum[0] = is_max ? vmax(sum[0], value) : sum[0] + value;
            }
            if (is_max)
                sum[0] = vmax(vmax(sum[0], sum[1]), vmax(sum[2], sum[3]));
            else
                sum[0] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (float)pixels;
            store_up_to(out + c, sum[0], left);
        }
}

void ISA_NAME(global_average)(size_t batch, size_t pixels, size_t channels, size_t ld,
                              const float *in, float *out)
{
    global(0, batch, pixels, channels, ld, in, out);
}

void ISA_NAME(global_max)(size_t batch, size_t pixels, size_t channels, size_t ld, const float *in,
                          float *out)
{
    global(1, batch, pixels, channels, ld, in, out);
}
