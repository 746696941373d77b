/* Convolution as a matrix product: any kernel, stride, padding, dilation and number of groups.
 *
 * A row of A is an output pixel, a column of B an output channel, and K runs over (kernel row,
 * kernel column, input channel). A 1x1 convolution of stride 1 multiplies the picture as it lies.
 * Otherwise a block of A, GEMM_MC pixels by at most KC_MAX of K, is gathered into scratch (rows
 * KC_MAX + 16 floats apart: a power of two would alias in the cache) and multiplied while it is in
 * the second-level cache. Gathering costs a copy of each element of A, shared by all output
 * channels: 6% of the time at 64 channels, less above.
 */
#include "nn/kernels/isa/isa.h"

enum {
    A_LD = KC_MAX + 16,
    GATHER_COST = 4, /* of an element of A, in multiply-adds */
};

static int suits(const struct kernel_window *w)
{
    (void)w;
    return 1;
}

static size_t depth(const struct kernel_window *w)
{
    return w->channels / w->groups * w->kernel_h * w->kernel_w;
}

static size_t group_size(const struct kernel_window *w)
{
    return ISA_NAME(packed_size)(depth(w), w->out_channels / w->groups) / sizeof(float);
}

static size_t packed_bytes(const struct kernel_window *w)
{
    return w->groups * group_size(w) * sizeof(float);
}

static void pack(const struct kernel_window *w, const float *weights, const float *out_scale,
                 const float *in_scale, float *packed)
{
    size_t channels = w->channels / w->groups, outputs = w->out_channels / w->groups;
    size_t taps = w->kernel_h * w->kernel_w, k = depth(w), nr = NV * VW;
    memset(packed, 0, packed_bytes(w));
    for (size_t o = 0; o < w->out_channels; o++) {
        size_t group = o / outputs, column = o % outputs, first = column / nr * nr;
        size_t width = outputs - first >= nr ? nr : (outputs - first + VW - 1) / VW * VW;
        float *to = packed + group * group_size(w) + first * k + (column - first);
        float scale = out_scale ? out_scale[o] : 1;
        for (size_t c = 0; c < channels; c++) {
            float both = in_scale ? scale * in_scale[group * channels + c] : scale;
            for (size_t t = 0; t < taps; t++)
                to[(t * channels + c) * width] = *weights++ * both;
        }
    }
}

static int is_direct(const struct kernel_window *w)
{
    return w->kernel_h == 1 && w->kernel_w == 1 && w->stride_h == 1 && w->stride_w == 1 &&
           !w->pad_top && !w->pad_left && !w->pad_bottom && !w->pad_right;
}

static size_t scratch_size(const struct kernel_window *w)
{
    return is_direct(w) ? 0 : (size_t)GEMM_MC * A_LD * sizeof(float);
}

/* K's part [k0, k0 + kc) of one output pixel's window, whose first tap is at (top, left) of the
 * picture. */
static void gather_row(const struct kernel_window *w, const float *picture, ptrdiff_t top,
                       ptrdiff_t left, size_t k0, size_t kc, float *to)
{
    size_t channels = w->channels / w->groups, tap = k0 / channels, c = k0 % channels;
    int inside =
        left >= 0 && left + (ptrdiff_t)((w->kernel_w - 1) * w->dilation_w) < (ptrdiff_t)w->width;
    int runs = inside && w->dilation_w == 1 &&
               w->in_ld == channels; /* a kernel row is one run of floats */
    while (kc > 0) {
        size_t kh = tap / w->kernel_w, kw = tap % w->kernel_w;
        ptrdiff_t y = top + (ptrdiff_t)(kh * w->dilation_h),
                  x = left + (ptrdiff_t)(kw * w->dilation_w);
        size_t run = (runs ? (w->kernel_w - kw) * channels : channels) - c;
        if (run > kc)
            run = kc;
        if (y < 0 || y >= (ptrdiff_t)w->height || x < 0 || x >= (ptrdiff_t)w->width)
            memset(to, 0, run * sizeof *to);
        else
            memcpy(to, picture + ((size_t)y * w->width + (size_t)x) * w->in_ld + c,
                   run * sizeof *to);
        to += run;
        kc -= run;
        tap += (c + run) / channels;
        c = (c + run) % channels;
    }
}

static void gather(const struct kernel_window *w, const float *in, size_t first, size_t rows,
                   size_t k0, size_t kc, float *to)
{
    size_t pixels = w->out_height * w->out_width;
    for (size_t i = first; i < first + rows; i++, to += A_LD) {
        size_t image = i / pixels, y = i % pixels / w->out_width, x = i % w->out_width;
        gather_row(w, in + image * w->height * w->width * w->in_ld,
                   (ptrdiff_t)(y * w->stride_h) - (ptrdiff_t)w->pad_top,
                   (ptrdiff_t)(x * w->stride_w) - (ptrdiff_t)w->pad_left, k0, kc, to);
    }
}

static void run_group(const struct kernel_window *w, const float *in, const float *packed,
                      float *out, const struct epilogue *epilogue, float *scratch)
{
    size_t m = w->batch * w->out_height * w->out_width, n = w->out_channels / w->groups,
           k = depth(w);
    size_t step = ISA_NAME(gemm_kc)(k);
    int direct = is_direct(w);
    for (size_t row = 0; row < m; row += GEMM_MC) {
        size_t rows = m - row < GEMM_MC ? m - row : (size_t)GEMM_MC;
        struct epilogue here = *epilogue;
        here.residual =
            epilogue->residual ? epilogue->residual + row * epilogue->residual_ld : NULL;
        for (size_t k0 = 0; k0 < k; k0 += step) {
            size_t kc = k - k0 < step ? k - k0 : step;
            const float *a = direct ? in + row * w->in_ld + k0 : scratch;
            if (!direct)
                gather(w, in, row, rows, k0, kc, scratch);
            ISA_NAME(gemm_block)
            (rows, n, k, k0, kc, a, direct ? w->in_ld : (size_t)A_LD, packed, out + row * w->out_ld,
             w->out_ld, k0 > 0, k0 + kc == k ? &here : NULL);
        }
    }
}

static void run(const struct kernel_window *w, const float *in, const float *packed, float *out,
                const struct epilogue *epilogue, float *scratch)
{
    size_t channels = w->channels / w->groups, outputs = w->out_channels / w->groups;
    for (size_t group = 0; group < w->groups; group++) {
        struct epilogue here = *epilogue;
        here.bias = epilogue->bias ? epilogue->bias + group * outputs : NULL;
        here.residual = epilogue->residual ? epilogue->residual + group * outputs : NULL;
        run_group(w, in + group * channels, packed + group * group_size(w), out + group * outputs,
                  &here, scratch);
    }
}

/* Panels are whole vectors wide, and rows of A are gathered. */
static double cost(const struct kernel_window *w)
{
    double m = (double)(w->batch * w->out_height * w->out_width),
           k = (double)(w->groups * depth(w));
    size_t n = (w->out_channels / w->groups + VW - 1) / VW * VW;
    return m * k * ((double)n + (is_direct(w) ? 0 : GATHER_COST));
}

const struct convolution ISA_NAME(conv_gemm) = {
    .name = "gemm",
    .suits = suits,
    .cost = cost,
    .packed_size = packed_bytes,
    .pack = pack,
    .scratch_size = scratch_size,
    .run = run,
};
