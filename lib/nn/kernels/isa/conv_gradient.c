/* The gradient of a convolution by its weights: C += A^T B, where a row of A is the patch under an
 * output pixel and a row of B the gradients of that pixel's outputs.
 *
 * The patches are read in place (patches.h), some output pixels at a time: a tile of MR
 * neighbouring elements of a kernel row x NV vectors of output channels stays in registers while
 * these pixels pass by. B is copied into panels NV vectors wide, so that all tiles of a panel read
 * it in order, out of the first-level cache. Cost: as gemm.c, one multiply-add per pixel and
 * weight; a tile reads MR + NV * VW floats a pixel. gemm_tn is the same for a plain matrix A.
 */
#include "nn/kernels/isa/patches.h"
#include "nn/train/kernels.h"

enum { PANEL = NV * VW, PIXELS = 128 };

#define EACH_SUM(i, j)                                                                             \
    UNROLL                                                                                         \
    for (int i = 0; i < rows; i++)                                                                 \
        UNROLL                                                                                     \
    for (int j = 0; j < vectors; j++)

/* Where a tile goes: C at its first row and column; columns is how many of its columns exist. */
struct target {
    float *c;
    size_t ldc, columns;
    int accumulate;
};

/* `dy` runs through a panel, pixel by pixel. */
INLINE void tile(const int rows, const int vectors, const struct patches *from, const float *data,
                 const float *dy, const struct target *target)
{
    vec sum[MR][NV];
    EACH_SUM (i, j)
        sum[i][j] = splat(0);
    for (size_t image = 0; image < from->images; image++)
        for (size_t line = 0; line < from->lines; line++) {
            const float *x = data + image * from->image_step + line * from->line_step;
            for (size_t p = 0; p < from->pixels; p++, x += from->pixel_step, dy += vectors * VW) {
                vec right[NV];
                UNROLL
                for (int j = 0; j < vectors; j++)
                    right[j] = load(dy + j * VW);
                EACH_SUM (i, j)
                    sum[i][j] += right[j] * x[i];
            }
        }
    EACH_SUM (i, j) {
        float *to = target->c + (size_t)i * target->ldc + j * VW;
        size_t left = target->columns - (size_t)(j * VW);
        store_up_to(to, target->accumulate ? load_up_to(to, left) + sum[i][j] : sum[i][j], left);
    }
}

typedef void tile_function(const struct patches *from, const float *data, const float *dy,
                           const struct target *target);

#define TILE(rows, vectors)                                                                        \
    static void tile_##rows##_##vectors(const struct patches *from, const float *data,             \
                                        const float *dy, const struct target *target)              \
    {                                                                                              \
        tile(rows, vectors, from, data, dy, target);                                               \
    }
#include "nn/kernels/isa/tiles.h"

static size_t panel_width(size_t n, size_t column)
{
    size_t left = whole_vectors(n - column);
    return left < PANEL ? left : (size_t)PANEL;
}

/* B, `pixels` rows ld apart, panel after panel; columns beyond n are 0. */
static void pack(size_t pixels, size_t n, const float *b, size_t ld, float *panels)
{
    for (size_t column = 0; column < n; column += PANEL) {
        size_t width = panel_width(n, column);
        for (size_t p = 0; p < pixels; p++, panels += width)
            for (size_t j = 0; j < width; j += VW)
                store(panels + j, load_up_to(b + p * ld + column + j, n - column - j));
    }
}

/* One run of a patch: from->run rows of C, split evenly over the tiles. */
static void run_rows(const struct patches *from, const float *data, const float *panels,
                     size_t pixels, size_t n, float *c, size_t ldc, int accumulate)
{
    size_t count = (from->run + MR - 1) / MR, rows = from->run / count, more = from->run % count;
    for (size_t column = 0; column < n; column += PANEL) {
        size_t vectors = panel_width(n, column) / VW, row = 0;
        for (size_t t = 0; t < count; t++) {
            struct target target = {c + row * ldc + column, ldc, n - column, accumulate};
            size_t height = rows + (t < more);
            tile_functions[height - 1][vectors - 1](from, data + row, panels + column * pixels,
                                                    &target);
            row += height;
        }
    }
}

/* The block from that image and output line on, one group. */
static void run_block(const struct kernel_window *w, const struct block *b, size_t image,
                      size_t line, const float *x, const float *dy, float *dw, float *scratch)
{
    size_t n = w->out_channels / w->groups;
    struct patches from = block_patches(w, b, x, image, line, scratch);
    struct taps taps = taps_of(w, b);
    size_t pixels = from.images * from.lines * from.pixels;
    float *panels = scratch + block_copy_size(w, b);
    from.run = taps.run;
    pack(pixels, n, dy + (image * w->out_height + line) * w->out_width * w->out_ld, w->out_ld,
         panels);
    for (size_t o = 0; o < taps.outer; o++)
        for (size_t i = 0; i < taps.inner; i++, dw += taps.run * n)
            run_rows(&from, from.data + o * taps.outer_step + i * taps.inner_step, panels, pixels,
                     n, dw, n, 1);
}

static size_t scratch_size(const struct kernel_window *w)
{
    struct block b = block_of(w, PIXELS);
    return block_copy_size(w, &b) +
           b.images * b.lines * w->out_width * whole_vectors(w->out_channels / w->groups);
}

static void run(const struct kernel_window *w, const float *x, const float *dy, float *dw,
                float *scratch)
{
    struct block b = block_of(w, PIXELS);
    size_t channels = w->channels / w->groups, outputs = w->out_channels / w->groups;
    for (size_t image = 0; image < w->batch; image += b.images)
        for (size_t line = 0; line < w->out_height; line += b.lines)
            for (size_t g = 0; g < w->groups; g++)
                run_block(w, &b, image, line, x + g * channels, dy + g * outputs,
                          dw + g * w->kernel_h * w->kernel_w * channels * outputs, scratch);
}

static int suits(const struct kernel_window *w)
{
    (void)w;
    return 1;
}

static double cost(const struct kernel_window *w)
{
    return (double)(w->batch * w->out_height * w->out_width) *
           (double)(w->kernel_h * w->kernel_w * w->channels) *
           (double)whole_vectors(w->out_channels / w->groups);
}

const struct convolution_gradient ISA_NAME(conv_gradient) = {
    .name = "direct",
    .suits = suits,
    .cost = cost,
    .scratch_size = scratch_size,
    .run = run,
};

void ISA_NAME(gemm_tn_panels)(size_t p, size_t k, size_t n, const float *a, size_t lda,
                              const float *panels, float *c, size_t ldc, int accumulate)
{
    struct patches from = {
        .images = 1, .lines = 1, .pixels = p, .pixel_step = lda, .runs = 1, .run = k};
    run_rows(&from, a, panels, p, n, c, ldc, accumulate);
}

size_t ISA_NAME(gemm_tn_scratch)(size_t n)
{
    return PIXELS * whole_vectors(n);
}

void ISA_NAME(gemm_tn)(size_t p, size_t k, size_t n, const float *a, size_t lda, const float *b,
                       size_t ldb, float *c, size_t ldc, float *scratch)
{
    for (size_t q = 0; q < p; q += PIXELS) {
        size_t depth = p - q < PIXELS ? p - q : (size_t)PIXELS;
        pack(depth, n, b + q * ldb, ldb, scratch);
        ISA_NAME(gemm_tn_panels)(depth, k, n, a + q * lda, lda, scratch, c, ldc, 1);
    }
}
