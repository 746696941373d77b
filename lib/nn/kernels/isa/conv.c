/* Convolution as a matrix product that reads the picture in place ("implicit GEMM"): any kernel,
 * stride, padding, dilation and number of groups.
 *
 * A row of A is the patch under one output pixel, a column of B an output channel, and K runs over
 * (kernel row, kernel column, input channel). Nothing is unrolled: where pixels lie side by side, a
 * kernel row of a patch is one run of floats, and neighbouring patches are a constant step apart,
 * so the product's tiles read them where they are. Only where the window reaches over the border
 * are the input lines of a block first copied between zeros, which costs a copy of each element for
 * a block of lines, shared by all taps and output channels. A 1x1 convolution of stride 1 is a
 * plain product.
 */
#include "nn/kernels/isa/border.h"

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

static int is_padded(const struct kernel_window *w)
{
    return w->pad_top || w->pad_left ||
           windows_span(w->out_height, w->stride_h, w->kernel_h, w->dilation_h) > w->height ||
           windows_span(w->out_width, w->stride_w, w->kernel_w, w->dilation_w) > w->width;
}

/* What is multiplied at once: about GEMM_MC output pixels, whole lines of one image or whole
 * images; and the input that they cover. */
struct block {
    size_t images, lines, in_lines, in_width;
};

static struct block block_of(const struct kernel_window *w)
{
    /* of wide pictures: a block copies again the lines that it shares with the one before */
    enum { LINES_LEAST = 4 };
    struct block b = {.images = 1, .lines = (GEMM_MC + w->out_width - 1) / w->out_width};
    if (b.lines < LINES_LEAST)
        b.lines = LINES_LEAST;
    if (b.lines >= w->out_height) {
        b.lines = w->out_height;
        b.images = GEMM_MC / (b.lines * w->out_width);
        b.images = b.images < 1 ? 1 : b.images > w->batch ? w->batch : b.images;
    } else {
        size_t blocks = (w->out_height + b.lines - 1) / b.lines;
        b.lines = (w->out_height + blocks - 1) / blocks;
    }
    b.in_lines = windows_span(b.lines, w->stride_h, w->kernel_h, w->dilation_h);
    b.in_width = windows_span(w->out_width, w->stride_w, w->kernel_w, w->dilation_w);
    return b;
}

static size_t scratch_size(const struct kernel_window *w)
{
    struct block b = block_of(w);
    return is_plain(w) || !is_padded(w)
               ? 0
               : b.images * b.in_lines * b.in_width * (w->channels / w->groups) * sizeof(float);
}

/* One line of the picture, between its padding; all of it zeros where it is padding (NULL). */
static void copy_line(const struct kernel_window *w, const float *line, size_t in_width, float *to)
{
    size_t channels = w->channels / w->groups;
    struct range inside = picture_pixels(w, in_width);
    if (!line)
        inside.from = inside.to = in_width;
    memset(to, 0, inside.from * channels * sizeof *to);
    if (w->in_ld == channels && inside.to > inside.from)
        memcpy(to + inside.from * channels, line,
               (inside.to - inside.from) * channels * sizeof *to);
    else
        for (size_t x = inside.from; x < inside.to; x++, line += w->in_ld)
            memcpy(to + x * channels, line, channels * sizeof *to);
    memset(to + inside.to * channels, 0, (in_width - inside.to) * channels * sizeof *to);
}

static void copy_block(const struct kernel_window *w, const struct block *b, const float *in,
                       size_t image, size_t line, float *to)
{
    size_t channels = w->channels / w->groups;
    for (size_t i = image; i < image + b->images && i < w->batch; i++)
        for (size_t l = 0; l < b->in_lines; l++, to += b->in_width * channels)
            copy_line(
                w,
                picture_line(w, in + i * w->height * w->width * w->in_ld, line * w->stride_h + l),
                b->in_width, to);
}

/* How the taps of a patch follow each other: `outer` times `inner` runs of `run` floats. */
struct taps {
    size_t outer, outer_step, inner, inner_step, run;
};

static struct taps taps_of(const struct kernel_window *w, size_t pixel, size_t line)
{
    size_t channels = w->channels / w->groups;
    if (pixel == channels && w->dilation_w == 1)
        return (struct taps){1, 0, w->kernel_h, w->dilation_h * line, w->kernel_w * channels};
    return (struct taps){w->kernel_h, w->dilation_h * line, w->kernel_w, w->dilation_w * pixel,
                         channels};
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
    int padded = is_padded(w);
    size_t pixel = padded ? w->channels / w->groups : w->in_ld,
           line_step = pixel * (padded ? b->in_width : w->width),
           first = (image * w->out_height + line) * w->out_width;
    struct taps taps = taps_of(w, pixel, line_step);
    struct epilogue here = *epilogue;
    struct patches patches = {
        .data = padded ? scratch : in + (image * w->height + line * w->stride_h) * line_step,
        .images = w->batch - image < b->images ? w->batch - image : b->images,
        .image_step = line_step * (padded ? b->in_lines : w->height),
        .lines = w->out_height - line < b->lines ? w->out_height - line : b->lines,
        .line_step = w->stride_h * line_step,
        .pixels = w->out_width,
        .pixel_step = w->stride_w * pixel,
    };
    if (padded)
        copy_block(w, b, in, image, line, scratch);
    if (patches.line_step == patches.pixels * patches.pixel_step) {
        patches.pixels *= patches.lines; /* lines follow each other as their pixels do */
        patches.lines = 1;
    }
    if (here.residual)
        here.residual += first * here.residual_ld;
    multiply(&patches, &taps, w->out_channels / w->groups, depth(w), packed,
             out + first * w->out_ld, w->out_ld, &here);
}

static void run_group(const struct kernel_window *w, const float *in, const float *packed,
                      float *out, const struct epilogue *epilogue, float *scratch)
{
    struct block b = block_of(w);
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
