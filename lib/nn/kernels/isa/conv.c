/* Convolution as a matrix product that reads the picture in place ("implicit GEMM"): any kernel,
 * stride, padding, dilation and number of groups.
 *
 * A row of A is the patch under one output pixel, a column of B an output channel, and K runs over
 * (kernel row, kernel column, input channel). Nothing is unrolled: the product's tiles read patches
 * where they are (patches.h). A 1x1 convolution of stride 1 is a plain product.
 */
#include "nn/kernels/isa/patches.h"

enum { COPY_COST = 1 }; /* of an element of A whose line is copied, in multiply-adds */

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
    size_t channels = w->channels / w->groups, outputs = w->out_channels / w->groups, k = depth(w);
    for (size_t group = 0; group < w->groups; group++)
        ISA_NAME(pack_taps)
    (weights + group * outputs * k, k, channels, w->kernel_h * w->kernel_w, outputs,
     out_scale ? out_scale + group * outputs : NULL, in_scale ? in_scale + group * channels : NULL,
     packed + group * group_size(w));
}

static int is_plain(const struct kernel_window *w)
{
    return w->kernel_h == 1 && w->kernel_w == 1 && w->stride_h == 1 && w->stride_w == 1 &&
           w->out_height == w->height && w->out_width == w->width && !w->pad_top && !w->pad_left;
}

static size_t scratch_size(const struct kernel_window *w)
{
    struct block b = block_of(w, GEMM_MC);
    return is_plain(w) ? 0 : block_copy_size(w, &b) * sizeof(float);
}

/* All of K, in blocks of at most KC_MAX: parts of a run where it is longer, else several runs. */
static void multiply(struct patches *patches, const struct taps *taps, size_t n, size_t k,
                     const float *packed, float *out, size_t out_ld,
                     const struct epilogue *epilogue)
{
    const float *data = patches->data;
    struct epilogue_parts parts = parts_of(epilogue, out);
    size_t part = ISA_NAME(gemm_kc)(taps->run), most = KC_MAX / part,
           blocks = (taps->inner + most - 1) / most,
           runs = part < taps->run ? 1 : (taps->inner + blocks - 1) / blocks, k0 = 0;
    for (size_t o = 0; o < taps->outer; o++)
        for (size_t i = 0; i < taps->inner; i += runs)
            for (size_t r = 0; r < taps->run; r += part) {
                patches->data = data + o * taps->outer_step + i * taps->inner_step + r;
                patches->runs = taps->inner - i < runs ? taps->inner - i : runs;
                patches->run_step = taps->inner_step;
                patches->run = taps->run - r < part ? taps->run - r : part;
                ISA_NAME(gemm_patches)
                (patches, n, k, k0, packed, out, out_ld, parts.in_place || k0 > 0,
                 part_of(&parts, k0 == 0, k0 + patches->runs * patches->run == k));
                k0 += patches->runs * patches->run;
            }
}

/* A block from that image and output line on. */
static void run_block(const struct kernel_window *w, const struct block *b, size_t image,
                      size_t line, const float *in, const float *packed, float *out,
                      const struct epilogue *epilogue, float *scratch)
{
    size_t first = (image * w->out_height + line) * w->out_width;
    struct taps taps = taps_of(w, b);
    struct epilogue here = *epilogue;
    struct patches patches = block_patches(w, b, in, image, line, scratch);
    if (here.residual)
        here.residual += first * here.residual_ld;
    multiply(&patches, &taps, w->out_channels / w->groups, depth(w), packed,
             out + first * w->out_ld, w->out_ld, &here);
}

static void run_group(const struct kernel_window *w, const float *in, const float *packed,
                      float *out, const struct epilogue *epilogue, float *scratch)
{
    struct block b = block_of(w, GEMM_MC);
    if (is_plain(w)) {
        ISA_NAME(gemm_packed)
        (w->batch * w->height * w->width, w->out_channels / w->groups, depth(w), in, w->in_ld,
         packed, out, w->out_ld, 0, epilogue);
        return;
    }
    for (size_t image = 0; image < w->batch; image += b.images)
        for (size_t line = 0; line < w->out_height; line += b.lines)
            run_block(w, &b, image, line, in, packed, out, epilogue, scratch);
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

/* Panels are whole vectors wide. */
static double cost(const struct kernel_window *w)
{
    double m = (double)(w->batch * w->out_height * w->out_width),
           k = (double)(w->groups * depth(w));
    size_t n = whole_vectors(w->out_channels / w->groups);
    return m * k * ((double)n + (is_padded(w) ? COPY_COST : 0));
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
