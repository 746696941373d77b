/* Kernels of training (nn/train/kernels.h), compiled once per instruction set.
 *
 * These loops are simple enough for the compiler to vectorise: channels are contiguous. */
#include "nn/kernels/isa/isa.h"
#include "nn/train/kernels.h"

#include <math.h>

enum { CHUNK = 64, COLUMNS = 64 };

static void add(size_t count, const float *x, float *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] += x[i];
}

/* A NaN stays a NaN: comparisons are written so that it is kept. */
INLINE float clipped(float x, float low, float high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

static void clip(size_t count, const float *x, float low, float high, float *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] = clipped(x[i], low, high);
}

static void clip_gradient(size_t count, const float *y, float low, float high, const float *dy,
                          float *dx, int more)
{
    if (more)
        for (size_t i = 0; i < count; i++)
            dx[i] += ((y[i] > low) & (y[i] < high)) ? dy[i] : 0;
    else
        for (size_t i = 0; i < count; i++)
            dx[i] = ((y[i] > low) & (y[i] < high)) ? dy[i] : 0;
}

static void sums(size_t rows, size_t channels, const float *x, float *sum)
{
    for (size_t from = 0; from < channels; from += COLUMNS) {
        size_t width = channels - from < COLUMNS ? channels - from : COLUMNS;
        double total[COLUMNS] = {0};
        for (size_t r = 0; r < rows; r += CHUNK) {
            size_t end = rows - r < CHUNK ? rows : r + CHUNK;
            float part[COLUMNS] = {0};
            for (size_t i = r; i < end; i++)
                for (size_t c = 0; c < width; c++)
                    part[c] += x[i * channels + from + c];
            for (size_t c = 0; c < width; c++)
                total[c] += (double)part[c];
        }
        for (size_t c = 0; c < width; c++)
            sum[from + c] = (float)total[c];
    }
}

static void moments(size_t rows, size_t channels, const float *x, const float *shift, double *sum,
                    double *squares)
{
    for (size_t from = 0; from < channels; from += COLUMNS) {
        size_t width = channels - from < COLUMNS ? channels - from : COLUMNS;
        for (size_t r = 0; r < rows; r += CHUNK) {
            size_t end = rows - r < CHUNK ? rows : r + CHUNK;
            float part[COLUMNS] = {0}, square[COLUMNS] = {0};
            for (size_t i = r; i < end; i++)
                for (size_t c = 0; c < width; c++) {
                    float value = x[i * channels + from + c] - shift[from + c];
                    part[c] += value;
                    square[c] += value * value;
                }
            for (size_t c = 0; c < width; c++) {
                sum[from + c] += (double)part[c];
                squares[from + c] += (double)square[c];
            }
        }
    }
}

/* dy where the gate is open; gated is a constant. */
INLINE float pass(const int gated, const struct norm_gate *gate, size_t c, float x, float dy)
{
    float y;
    if (!gated)
        return dy;
    y = x * gate->scale[c] + gate->shift[c];
    return ((y > gate->low) & (y < gate->high)) ? dy : 0;
}

INLINE void gradient_chunk(const int gated, const struct norm_gate *gate, size_t rows,
                           size_t channels, size_t from, size_t width, const float *dy,
                           const float *x, const float *mean, float *part, float *multiplied)
{
    for (size_t r = 0; r < rows; r++, dy += channels, x += channels)
        for (size_t c = 0; c < width; c++) {
            float g = pass(gated, gate, from + c, x[c], dy[c]);
            part[c] += g;
            multiplied[c] += g * (x[c] - mean[c]);
        }
}

static void gradient_moments(size_t rows, size_t channels, const float *dy, const float *x,
                             const float *mean, const struct norm_gate *gate, double *sum,
                             double *product)
{
    for (size_t from = 0; from < channels; from += COLUMNS) {
        size_t width = channels - from < COLUMNS ? channels - from : COLUMNS;
        for (size_t r = 0; r < rows; r += CHUNK) {
            size_t count = rows - r < CHUNK ? rows - r : CHUNK, at = r * channels + from;
            float part[COLUMNS] = {0}, multiplied[COLUMNS] = {0};
            if (gate)
                gradient_chunk(1, gate, count, channels, from, width, dy + at, x + at, mean + from,
                               part, multiplied);
            else
                gradient_chunk(0, gate, count, channels, from, width, dy + at, x + at, mean + from,
                               part, multiplied);
            for (size_t c = 0; c < width; c++) {
                sum[from + c] += (double)part[c];
                product[from + c] += (double)multiplied[c];
            }
        }
    }
}

static void affine(size_t rows, size_t channels, const float *x, const float *scale,
                   const float *shift, float *y)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++)
            y[r * channels + c] = x[r * channels + c] * scale[c] + shift[c];
}

static void affine_clip(size_t rows, size_t channels, const float *x, const float *scale,
                        const float *shift, const float *more, float low, float high, float *y)
{
    for (size_t r = 0; r < rows; r++, x += channels, y += channels) {
        if (more)
            for (size_t c = 0; c < channels; c++)
                y[c] = clipped(x[c] * scale[c] + shift[c] + more[c], low, high);
        else
            for (size_t c = 0; c < channels; c++)
                y[c] = clipped(x[c] * scale[c] + shift[c], low, high);
        more = more ? more + channels : NULL;
    }
}

INLINE void affine2_rows(const int gated, const int more, size_t rows, size_t channels,
                         const float *dy, const float *x, const float *a, const float *b,
                         const float *d, const struct norm_gate *gate, float *dx)
{
    for (size_t r = 0; r < rows; r++, dy += channels, x += channels, dx += channels)
        for (size_t c = 0; c < channels; c++) {
            float g = pass(gated, gate, c, x[c], dy[c]) * a[c] + x[c] * b[c] + d[c];
            dx[c] = more ? dx[c] + g : g;
        }
}

static void affine2(size_t rows, size_t channels, const float *dy, const float *x, const float *a,
                    const float *b, const float *d, const struct norm_gate *gate, float *dx,
                    int more)
{
    if (gate && more)
        affine2_rows(1, 1, rows, channels, dy, x, a, b, d, gate, dx);
    else if (gate)
        affine2_rows(1, 0, rows, channels, dy, x, a, b, d, gate, dx);
    else if (more)
        affine2_rows(0, 1, rows, channels, dy, x, a, b, d, gate, dx);
    else
        affine2_rows(0, 0, rows, channels, dy, x, a, b, d, gate, dx);
}

static void tap(size_t count, size_t channels, const float *x, size_t step, const float *w,
                float *y)
{
    for (size_t i = 0; i < count; i++, x += step, y += channels)
        for (size_t c = 0; c < channels; c++)
            y[c] += x[c] * w[c];
}

static void tap_weight(size_t count, size_t channels, const float *dy, const float *x, size_t step,
                       float *dw)
{
    for (size_t i = 0; i < count; i++, x += step, dy += channels)
        for (size_t c = 0; c < channels; c++)
            dw[c] += dy[c] * x[c];
}

static void maximum(size_t count, size_t channels, const float *x, size_t step, unsigned char index,
                    float *y, unsigned char *at)
{
    for (size_t i = 0; i < count; i++, x += step, y += channels, at += channels)
        for (size_t c = 0; c < channels; c++) {
            int more = x[c] > y[c];
            y[c] = more ? x[c] : y[c];
            at[c] = more ? index : at[c];
        }
}

static void maximum_gradient(size_t count, size_t channels, const float *dy,
                             const unsigned char *at, unsigned char index, float *dx, size_t step)
{
    for (size_t i = 0; i < count; i++, dx += step, dy += channels, at += channels)
        for (size_t c = 0; c < channels; c++)
            dx[c] += at[c] == index ? dy[c] : 0;
}

static double squares(size_t count, const float *x)
{
    double part[COLUMNS] = {0}, sum = 0;
    for (size_t i = 0; i < count; i += COLUMNS) {
        size_t width = count - i < COLUMNS ? count - i : COLUMNS;
        for (size_t c = 0; c < width; c++)
            part[c] += (double)x[i + c] * (double)x[i + c];
    }
    for (size_t c = 0; c < COLUMNS; c++)
        sum += part[c];
    return sum;
}

static void blend(size_t count, const float *x, float share, float *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] += share * (x[i] - y[i]);
}

static void sgd(size_t count, float *w, float *v, const float *g, const struct train_update *update)
{
    float scale = update->scale, decay = update->decay, momentum = update->momentum;
    float rate = update->rate;
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * scale + decay * w[i];
        v[i] = momentum * v[i] + gradient;
        w[i] -= rate * (update->nesterov ? gradient + momentum * v[i] : v[i]);
    }
}

static void adam(size_t count, float *w, float *m, float *v, const float *g,
                 const struct train_update *update)
{
    struct train_update u = *update;
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * u.scale + u.decay * w[i];
        m[i] = u.momentum * m[i] + u.rest * gradient;
        v[i] = u.beta2 * v[i] + u.rest2 * gradient * gradient;
        w[i] = u.keep * w[i] - u.rate * m[i] / (u.root * sqrtf(v[i]) + u.epsilon);
    }
}

extern const struct convolution_gradient ISA_NAME(conv_gradient), ISA_NAME(conv_gradient_winograd2),
    ISA_NAME(conv_gradient_winograd4);

static const struct convolution_gradient *const convolution_gradients[] = {
    &ISA_NAME(conv_gradient_winograd4),
    &ISA_NAME(conv_gradient_winograd2),
    &ISA_NAME(conv_gradient),
    NULL,
};

extern const struct train_kernels ISA_NAME(train_kernels);
const struct train_kernels ISA_NAME(train_kernels) = {
    .convolution_gradients = convolution_gradients,
    .gemm_tn = ISA_NAME(gemm_tn),
    .gemm_tn_scratch = ISA_NAME(gemm_tn_scratch),
    .row_products = ISA_NAME(row_products),
    .row_gradients = ISA_NAME(row_gradients),
    .add = add,
    .clip = clip,
    .clip_gradient = clip_gradient,
    .sums = sums,
    .moments = moments,
    .gradient_moments = gradient_moments,
    .affine = affine,
    .affine_clip = affine_clip,
    .affine2 = affine2,
    .tap = tap,
    .tap_weight = tap_weight,
    .maximum = maximum,
    .maximum_gradient = maximum_gradient,
    .squares = squares,
    .blend = blend,
    .sgd = sgd,
    .adam = adam,
};
