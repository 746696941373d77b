/* Depthwise convolution, any kernel: each channel by itself.
 *
 * Layout: weights packed as [tap][channels rounded up to VW], so a vector holds VW channels of one
 * pixel. PIXELS neighbouring output pixels share each load of a weight: PIXELS + 1 loads for PIXELS
 * multiply-adds. At the left and right borders, pixels are done one at a time with the taps that
 * lie inside. The work is bound by loads, not arithmetic.
 */
#include "nn/kernels/isa/border.h"

enum { PIXELS = VW == 4 ? 4 : 8 };

static int suits(const struct kernel_window *w)
{
    return w->groups == w->channels && w->out_channels == w->channels;
}

size_t ISA_NAME(depthwise_packed)(const struct kernel_window *w)
{
    return whole_vectors(w->channels) * w->kernel_h * w->kernel_w * sizeof(float);
}

void ISA_NAME(depthwise_pack)(const struct kernel_window *w, const float *weights,
                              const float *out_scale, const float *in_scale, float *packed)
{
    size_t taps = w->kernel_h * w->kernel_w;
    memset(packed, 0, ISA_NAME(depthwise_packed)(w));
    for (size_t c = 0; c < w->channels; c++) {
        float scale = (out_scale ? out_scale[c] : 1) * (in_scale ? in_scale[c] : 1);
        for (size_t t = 0; t < taps; t++)
            packed[t * whole_vectors(w->channels) + c] = *weights++ * scale;
    }
}

static size_t scratch_size(const struct kernel_window *w)
{
    (void)w;
    return 0;
}

/* Kernel rows and columns. */
struct taps {
    struct range rows, columns;
};

/* `count` (a constant) output pixels beside each other, all channels. `in` is where the first
 * pixel's first tap is, which may lie outside the picture: only the taps given are read. `index` is
 * the output pixel's number. */
INLINE void pixels(const size_t count, const struct kernel_window *w, const struct taps *taps,
                   const float *in, const float *packed, float *out, size_t index,
                   const struct epilogue *epilogue)
{
    size_t next = w->stride_w * w->in_ld, plane = whole_vectors(w->channels);
    for (size_t c = 0; c < w->channels; c += VW) {
        size_t left = w->channels - c;
        vec sum[PIXELS];
        for (size_t i = 0; i < count; i++)
            sum[i] = (vec){0};
        for (size_t kh = taps->rows.from; kh < taps->rows.to; kh++) {
            const float *row = in + (ptrdiff_t)(kh * w->dilation_h * w->width * w->in_ld + c);
            const float *weight = packed + kh * w->kernel_w * plane + c;
            if (left >= VW) {
                for (size_t kw = taps->columns.from; kw < taps->columns.to; kw++) {
                    vec factor = load(weight + kw * plane);
                    const float *p = row + (ptrdiff_t)(kw * w->dilation_w * w->in_ld);
                    UNROLL
                    for (size_t i = 0; i < count; i++)
                        sum[i] += factor * load(p + i * next);
                }
            } else {
                for (size_t kw = taps->columns.from; kw < taps->columns.to; kw++) {
                    vec factor = load(weight + kw * plane);
                    const float *p = row + (ptrdiff_t)(kw * w->dilation_w * w->in_ld);
                    UNROLL
                    for (size_t i = 0; i < count; i++)
                        sum[i] += factor * load_part(p + i * next, left);
                }
            }
        }
        for (size_t i = 0; i < count; i++)
            store_up_to(out + i * w->out_ld + c,
                        finish_vector(epilogue, sum[i], index + i, c, left), left);
    }
}

static void run_row(const struct kernel_window *w, const float *in, const float *packed, float *out,
                    size_t index, struct range rows, const struct epilogue *epilogue)
{
    for (size_t x = 0; x < w->out_width;) {
        ptrdiff_t left = (ptrdiff_t)(x * w->stride_w) - (ptrdiff_t)w->pad_left;
        size_t last = w->stride_w * (PIXELS - 1) + w->dilation_w * (w->kernel_w - 1);
        const float *p = in + left * (ptrdiff_t)w->in_ld;
        struct taps taps = {rows, taps_inside(left, w->kernel_w, w->dilation_w, w->width)};
        if (left >= 0 && x + PIXELS <= w->out_width && (size_t)left + last < w->width) {
            pixels(PIXELS, w, &taps, p, packed, out + x * w->out_ld, index + x, epilogue);
            x += PIXELS;
        } else {
            pixels(1, w, &taps, p, packed, out + x * w->out_ld, index + x, epilogue);
            x++;
        }
    }
}

static void run(const struct kernel_window *w, const float *in, const float *packed, float *out,
                const struct epilogue *epilogue, float *scratch)
{
    (void)scratch;
    for (size_t image = 0; image < w->batch; image++)
        for (size_t y = 0; y < w->out_height; y++) {
            ptrdiff_t top = (ptrdiff_t)(y * w->stride_h) - (ptrdiff_t)w->pad_top;
            ptrdiff_t row = (ptrdiff_t)(image * w->height) + top;
            size_t index = (image * w->out_height + y) * w->out_width;
            run_row(w, in + row * (ptrdiff_t)(w->width * w->in_ld), packed, out + index * w->out_ld,
                    index, taps_inside(top, w->kernel_h, w->dilation_h, w->height), epilogue);
        }
}

/* No multiplication is done in vain, but each needs an input of its own. */
static double cost(const struct kernel_window *w)
{
    return 2 * (double)(w->batch * w->out_height * w->out_width) *
           (double)(w->out_channels * w->kernel_h * w->kernel_w);
}

const struct convolution ISA_NAME(conv_depthwise) = {
    .name = "depthwise",
    .suits = suits,
    .cost = cost,
    .packed_size = ISA_NAME(depthwise_packed),
    .pack = ISA_NAME(depthwise_pack),
    .scratch_size = scratch_size,
    .run = run,
};
