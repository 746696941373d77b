/* Depthwise convolution with the usual kernels, 3x3 and 5x5, strides 1 and 2: each channel by
 * itself, tiles of 2 x 4 output pixels.
 *
 * The picture is done in bands whose input fits in the second-level cache, a band one vector of
 * channels after the other. The input lines under two lines of outputs are copied into a ring of as
 * many lines as the tile spans, with zeros for the padding: so each input is read from the
 * second-level cache once, and not once for each kernel row, and the border needs no code of its
 * own.
 * Within a tile each input is loaded once and used by all outputs around it: for 3x3 and stride 1,
 * 24 inputs for 72 multiply-adds. Outputs beyond the picture are computed and not stored. Packed
 * weights as in depthwise.c.
 */
#include "nn/kernels/isa/border.h"

enum { LINES = 2, PIXELS = 4, RING_MOST = 2 + 5 };

static int suits(const struct kernel_window *w)
{
    return w->groups == w->channels && w->out_channels == w->channels &&
           w->kernel_h == w->kernel_w && w->stride_h == w->stride_w &&
           (w->kernel_h == 3 || w->kernel_h == 5) && w->stride_h <= 2 && w->dilation_h == 1 &&
           w->dilation_w == 1 && w->pad_left <= w->kernel_w;
}

/* Measured: about twice as fast as depthwise.c. */
static double cost(const struct kernel_window *w)
{
    return (double)(w->batch * w->out_height * w->out_width) *
           (double)(w->out_channels * w->kernel_h * w->kernel_w);
}

/* Input pixels, with padding, of a ring's line. */
static size_t line_pixels(const struct kernel_window *w)
{
    size_t outputs = (w->out_width + PIXELS - 1) / PIXELS * PIXELS;
    return windows_span(outputs, w->stride_w, w->kernel_w, 1);
}

static size_t ring_lines(const struct kernel_window *w)
{
    return windows_span(LINES, w->stride_h, w->kernel_h, 1);
}

static size_t scratch_size(const struct kernel_window *w)
{
    return (ring_lines(w) + 1) * line_pixels(w) * VW * sizeof(float); /* and a line of zeros */
}

/* Output lines of a band. */
static size_t band_lines(const struct kernel_window *w)
{
    enum { CACHE = 1 << 18 };
    size_t lines = CACHE / (w->width * w->in_ld * sizeof(float)) / w->stride_h;
    return lines < 2 * LINES ? (size_t)(2 * LINES) : lines / LINES * LINES;
}

/* What all tiles of a vector of channels share. */
struct work {
    const struct kernel_window *window;
    const float *picture; /* at the first of the channels */
    size_t channels;      /* that are left from there on: VW of them are done, at most */
    const float *weights;
    size_t plane; /* floats from tap to tap of the weights */
    float *ring;
    size_t line;              /* floats of a ring's line */
    struct epilogue epilogue; /* at the first of the channels, too */
    struct clamp clamp;
};

/* Input line `row`, counted from the top of the padding: its place in the ring, or the zeros. */
static const float *line_at(const struct work *work, size_t row)
{
    const struct kernel_window *w = work->window;
    int outside = !picture_line(w, work->picture, row);
    return work->ring + (outside ? ring_lines(w) : row % ring_lines(w)) * work->line;
}

/* Lines [from, to), counted likewise, into the ring, between the zeros that are there. */
static void copy_lines(const struct work *work, size_t from, size_t to)
{
    const struct kernel_window *w = work->window;
    struct range inside = picture_pixels(w, line_pixels(w));
    size_t pixels = inside.to - inside.from;
    for (size_t row = from; row < to; row++) {
        const float *in = picture_line(w, work->picture, row);
        float *out = work->ring + row % ring_lines(w) * work->line + inside.from * VW;
        if (!in)
            continue;
        if (work->channels >= VW)
            for (size_t x = 0; x < pixels; x++)
                store(out + x * VW, load(in + x * w->in_ld));
        else
            for (size_t x = 0; x < pixels; x++)
                store(out + x * VW, load_part(in + x * w->in_ld, work->channels));
    }
}

/* LINES x PIXELS outputs; lines[r] is the tile's first input in its line r. */
INLINE void multiply(const int size, const int stride, const struct work *work,
                     const float *const *lines, vec sum[LINES][PIXELS])
{
    UNROLL
    for (int i = 0; i < LINES; i++)
        UNROLL
    for (int j = 0; j < PIXELS; j++)
        sum[i][j] = splat(0);
    UNROLL
    for (int r = 0; r < (LINES - 1) * stride + size; r++) {
        vec weight[LINES][5];
        UNROLL
        for (int i = 0; i < LINES; i++)
            if (r - i * stride >= 0 && r - i * stride < size)
                UNROLL
        for (int k = 0; k < size; k++)
            weight[i][k] =
                load(work->weights + (size_t)((r - i * stride) * size + k) * work->plane);
        UNROLL
        for (int x = 0; x < (PIXELS - 1) * stride + size; x++) {
            vec in = load(lines[r] + x * VW);
            UNROLL
            for (int i = 0; i < LINES; i++)
                if (r - i * stride >= 0 && r - i * stride < size)
                    UNROLL
            for (int j = 0; j < PIXELS; j++)
                if (x - j * stride >= 0 && x - j * stride < size)
                    sum[i][j] += weight[i][x - j * stride] * in;
        }
    }
}

/* Stores what of the tile at output (y, x) lies in the picture; `first` is the picture's first
 * output pixel, `out` points to that one's channels. */
static void store_tile(const struct work *work, size_t y, size_t x, size_t first, float *out,
                       const vec sum[LINES][PIXELS])
{
    const struct kernel_window *w = work->window;
    const struct epilogue *epilogue = &work->epilogue;
    vec bias = epilogue->bias ? load_up_to(epilogue->bias, work->channels) : splat(0);
    for (size_t i = 0; i < LINES && y + i < w->out_height; i++)
        for (size_t j = 0; j < PIXELS && x + j < w->out_width; j++) {
            size_t pixel = first + (y + i) * w->out_width + x + j;
            vec value = sum[i][j] + bias;
            if (epilogue->residual)
                value +=
                    load_up_to(epilogue->residual + pixel * epilogue->residual_ld, work->channels);
            store_up_to(out + pixel * w->out_ld, clamped(&work->clamp, epilogue, value),
                        work->channels);
        }
}

/* A vector of channels of the band of output lines [from, to). */
INLINE void run_vector(const int size, const int stride, const struct work *work, size_t from,
                       size_t to, size_t first, float *out)
{
    const struct kernel_window *w = work->window;
    size_t copied = 0;
    for (size_t y = from; y < to; y += LINES) {
        const float *lines[RING_MOST];
        size_t top = y * (size_t)stride, end = top + (size_t)((LINES - 1) * stride + size);
        copy_lines(work, copied > top ? copied : top, end);
        copied = end;
        for (size_t r = 0; r < end - top; r++)
            lines[r] = line_at(work, top + r);
        for (size_t x = 0; x < w->out_width; x += PIXELS) {
            vec sum[LINES][PIXELS];
            multiply(size, stride, work, lines, sum);
            store_tile(work, y, x, first, out, sum);
            for (size_t r = 0; r < end - top; r++)
                lines[r] += PIXELS * stride * VW;
        }
    }
}

static void run_3_1(const struct work *work, size_t from, size_t to, size_t first, float *out)
{
    run_vector(3, 1, work, from, to, first, out);
}
static void run_3_2(const struct work *work, size_t from, size_t to, size_t first, float *out)
{
    run_vector(3, 2, work, from, to, first, out);
}
static void run_5_1(const struct work *work, size_t from, size_t to, size_t first, float *out)
{
    run_vector(5, 1, work, from, to, first, out);
}
static void run_5_2(const struct work *work, size_t from, size_t to, size_t first, float *out)
{
    run_vector(5, 2, work, from, to, first, out);
}

static void run_band(struct work *work, const float *picture, const float *packed, size_t from,
                     size_t to, size_t first, float *out, const struct epilogue *epilogue)
{
    static void (*const runners[2][2])(const struct work *, size_t, size_t, size_t,
                                       float *) = {{run_3_1, run_3_2}, {run_5_1, run_5_2}};
    const struct kernel_window *w = work->window;
    work->epilogue = *epilogue;
    for (size_t c = 0; c < w->channels; c += VW) {
        work->picture = picture + c;
        work->channels = w->channels - c;
        work->weights = packed + c;
        work->epilogue.bias = epilogue->bias ? epilogue->bias + c : NULL;
        work->epilogue.residual = epilogue->residual ? epilogue->residual + c : NULL;
        runners[w->kernel_h / 4][w->stride_h - 1](work, from, to, first, out + c);
    }
}

static void run(const struct kernel_window *w, const float *in, const float *packed, float *out,
                const struct epilogue *epilogue, float *scratch)
{
    struct work work = {.window = w, .ring = scratch};
    size_t band = band_lines(w);
    work.clamp = clamp_of(epilogue);
    work.line = line_pixels(w) * VW;
    work.plane = whole_vectors(w->channels);
    memset(scratch, 0, scratch_size(w));
    for (size_t image = 0; image < w->batch; image++)
        for (size_t y = 0; y < w->out_height; y += band)
            run_band(&work, in + image * w->height * w->width * w->in_ld, packed, y,
                     y + band < w->out_height ? y + band : w->out_height,
                     image * w->out_height * w->out_width, out, epilogue);
}

const struct convolution ISA_NAME(conv_depthwise_tile) = {
    .name = "depthwise_tile",
    .suits = suits,
    .cost = cost,
    .packed_size = ISA_NAME(depthwise_packed),
    .pack = ISA_NAME(depthwise_pack),
    .scratch_size = scratch_size,
    .run = run,
};
