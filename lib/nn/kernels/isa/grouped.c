/* Convolution in groups of fewer outputs than a vector has elements: several groups in each vector.
 *
 * The input rows under a row of outputs are copied once into scratch, a ring of as many rows as the
 * kernel spans, with zeros for the padding, and spread: input i of each group is repeated below all
 * outputs of that group, so that a multiply-add does its work for all groups of the vector. PIXELS
 * neighbouring outputs share each load of weights, as in depthwise.c. Packed weights: [vector of
 * outputs][tap][input of the group][VW]. Cost: a load and a multiply-add for each vector of
 * products, and a permutation for each input and vector, shared by all taps.
 */
#include "nn/kernels/isa/border.h"

enum { PIXELS = VW == 16 ? 14 : VW == 8 ? 12 : 8 };

/* How the outputs are cut: `count` vectors of at most `width` outputs, which are whole groups. */
struct cut {
    size_t inputs, outputs; /* of a group */
    size_t width, count;
};

static struct cut cut_of(const struct kernel_window *w)
{
    struct cut cut = {w->channels / w->groups, w->out_channels / w->groups, 0, 0};
    cut.width = VW / cut.outputs * cut.outputs;
    cut.count = (w->out_channels + cut.width - 1) / cut.width;
    return cut;
}

/* The inputs of a vector's groups must fit in a vector, too. */
static int suits(const struct kernel_window *w)
{
    size_t inputs = w->channels / w->groups, outputs = w->out_channels / w->groups;
    return w->groups > 1 && outputs < VW && inputs <= outputs;
}

/* Measured: half as fast as a large product. */
static double cost(const struct kernel_window *w)
{
    struct cut cut = cut_of(w);
    return 2 * (double)(w->batch * w->out_height * w->out_width) *
           (double)(cut.inputs * w->kernel_h * w->kernel_w) * (double)(cut.count * VW);
}

static size_t vector_size(const struct kernel_window *w, const struct cut *cut)
{
    return w->kernel_h * w->kernel_w * cut->inputs * VW;
}

static size_t packed_bytes(const struct kernel_window *w)
{
    struct cut cut = cut_of(w);
    return cut.count * vector_size(w, &cut) * sizeof(float);
}

static void pack(const struct kernel_window *w, const float *weights, const float *out_scale,
                 const float *in_scale, float *packed)
{
    struct cut cut = cut_of(w);
    size_t taps = w->kernel_h * w->kernel_w;
    memset(packed, 0, packed_bytes(w));
    for (size_t o = 0; o < w->out_channels; o++) {
        float *to = packed + o / cut.width * vector_size(w, &cut) + o % cut.width;
        float scale = out_scale ? out_scale[o] : 1;
        for (size_t c = 0; c < cut.inputs; c++) {
            float both = in_scale ? scale * in_scale[o / cut.outputs * cut.inputs + c] : scale;
            for (size_t t = 0; t < taps; t++)
                to[(t * cut.inputs + c) * VW] = *weights++ * both;
        }
    }
}

/* ---- the rows in scratch ---- */

static size_t span(const struct kernel_window *w)
{
    return windows_span(1, w->stride_h, w->kernel_h, w->dilation_h);
}

static size_t row_pixels(const struct kernel_window *w)
{
    return windows_span(w->out_width, w->stride_w, w->kernel_w, w->dilation_w);
}

static size_t scratch_size(const struct kernel_window *w)
{
    struct cut cut = cut_of(w);
    return (span(w) * row_pixels(w) * cut.inputs * VW + VW) * sizeof(float);
}

/* The element of each lane's group in the vector of inputs. */
static ivec lanes_of(const struct cut *cut)
{
    ivec index;
    for (size_t i = 0; i < VW; i++)
        index[i] = i < cut->width ? (int32_t)(i / cut->outputs * cut->inputs) : 0;
    return index;
}

/* Row q, counted from the top of the padding; `first` is the first channel. */
static void copy_row(const struct kernel_window *w, const struct cut *cut, const float *picture,
                     size_t q, size_t first, float *to)
{
    size_t pixels = row_pixels(w), size = cut->inputs * VW;
    struct range inside = picture_pixels(w, pixels);
    const float *row = picture_line(w, picture, q);
    ivec lanes = lanes_of(cut);
    if (!row)
        inside.from = inside.to = pixels;
    memset(to, 0, inside.from * size * sizeof *to);
    for (size_t x = inside.from; x < inside.to; x++, row += w->in_ld) {
        vec all = load_up_to(row + first, w->channels - first);
        for (size_t c = 0; c < cut->inputs; c++)
            store(to + x * size + c * VW, vpermute(all, lanes + (int32_t)c));
    }
    memset(to + inside.to * size, 0, (pixels - inside.to) * size * sizeof *to);
}

/* ---- the sums ---- */

/* Where a row of outputs comes from and goes to. */
struct row {
    const struct kernel_window *window;
    const struct cut *cut;
    const float *ring; /* span() rows */
    size_t top;        /* the first of them, counted from the top of the padding */
    const float *weights;
    float *out; /* the row's first pixel, this vector */
    size_t index, column, columns;
    const struct epilogue *epilogue;
};

/* `count` (a constant) output pixels beside each other, from pixel x on. */
INLINE void tile(const size_t count, const struct row *row, size_t x)
{
    const struct kernel_window *w = row->window;
    size_t size = row->cut->inputs * VW, next = w->stride_w * size, pixels = row_pixels(w),
           rows = span(w);
    const float *weight = row->weights;
    vec sum[PIXELS];
    for (size_t i = 0; i < count; i++)
        sum[i] = (vec){0};
    for (size_t kh = 0; kh < w->kernel_h; kh++) {
        const float *line = row->ring + (row->top + kh * w->dilation_h) % rows * pixels * size;
        for (size_t kw = 0; kw < w->kernel_w; kw++) {
            const float *in = line + (x * w->stride_w + kw * w->dilation_w) * size;
            for (size_t c = 0; c < row->cut->inputs; c++, in += VW, weight += VW) {
                vec factor = load(weight);
                UNROLL
                for (size_t i = 0; i < count; i++)
                    sum[i] += factor * load(in + i * next);
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        store_up_to(
            row->out + (x + i) * w->out_ld,
            finish_vector(row->epilogue, sum[i], row->index + x + i, row->column, row->columns),
            row->columns);
}

#define CASE(count)                                                                                \
    case count:                                                                                    \
        tile(count, row, x);                                                                       \
        break

/* The row is cut evenly: 28 pixels are 14 + 14, and 15 are 8 + 7. */
static void run_row(const struct row *row)
{
    size_t width = row->window->out_width, tiles = (width + PIXELS - 1) / PIXELS, x = 0;
    for (size_t t = 0; t < tiles; t++) {
        size_t count = width / tiles + (t < width % tiles);
        switch (count) {
            CASE(1);
            CASE(2);
            CASE(3);
            CASE(4);
            CASE(5);
            CASE(6);
            CASE(7);
            CASE(8);
#if defined(__AVX2__)
            CASE(9);
            CASE(10);
            CASE(11);
            CASE(12);
#endif
#if defined(__AVX512F__)
            CASE(13);
            CASE(14);
#endif
        }
        x += count;
    }
}

/* One vector of outputs, number `vector`, over one picture. */
static void run_vector(const struct kernel_window *w, const struct cut *cut, size_t image,
                       size_t vector, const float *in, const float *packed, float *out,
                       const struct epilogue *epilogue, float *ring)
{
    size_t rows = span(w), size = row_pixels(w) * cut->inputs * VW, filled = 0,
           first = vector * cut->width, left = w->out_channels - first;
    const float *picture = in + image * w->height * w->width * w->in_ld;
    struct row row = {.window = w,
                      .cut = cut,
                      .ring = ring,
                      .weights = packed + vector * vector_size(w, cut),
                      .column = first,
                      .columns = left < cut->width ? left : cut->width,
                      .epilogue = epilogue};
    for (size_t y = 0; y < w->out_height; y++) {
        row.top = y * w->stride_h;
        row.index = (image * w->out_height + y) * w->out_width;
        row.out = out + row.index * w->out_ld + first;
        for (filled = filled < row.top ? row.top : filled; filled < row.top + rows; filled++)
            copy_row(w, cut, picture, filled, first / cut->outputs * cut->inputs,
                     ring + filled % rows * size);
        run_row(&row);
    }
}

static void run(const struct kernel_window *w, const float *in, const float *packed, float *out,
                const struct epilogue *epilogue, float *scratch)
{
    struct cut cut = cut_of(w);
    for (size_t image = 0; image < w->batch; image++)
        for (size_t i = 0; i < cut.count; i++)
            run_vector(w, &cut, image, i, in, packed, out, epilogue, scratch);
}

const struct convolution ISA_NAME(conv_grouped) = {
    .name = "grouped",
    .suits = suits,
    .cost = cost,
    .packed_size = packed_bytes,
    .pack = pack,
    .scratch_size = scratch_size,
    .run = run,
};
