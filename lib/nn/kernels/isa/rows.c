/* What goes over a tensor row by row: softmax, normalisation, reduction. Each row is read from the
 * first-level cache after the first time. */
#include "nn/kernels/isa/vmath.h"

static float sum_of(vec x)
{
    float sum = 0;
    for (int i = 0; i < VW; i++)
        sum += x[i];
    return sum;
}

static float largest_of(vec x)
{
    float most = x[0];
    for (int i = 1; i < VW; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

/* The first n elements of x, the others being `other`. */
INLINE vec only_first(vec x, size_t n, float other)
{
    ivec lane;
    if (n >= VW)
        return x;
    for (int i = 0; i < VW; i++)
        lane[i] = i;
    return choose(lane < (int32_t)n, x, splat(other));
}

void ISA_NAME(softmax)(size_t rows, size_t n, const float *in, float *out)
{
    for (size_t row = 0; row < rows; row++, in += n, out += n) {
        vec most = splat(-INFINITY), sum = {0};
        float top, factor;
        for (size_t i = 0; i < n; i += VW)
            most = vmax(most, only_first(load_up_to(in + i, n - i), n - i, -INFINITY));
        top = largest_of(most);
        for (size_t i = 0; i < n; i += VW) {
            vec x = vexp(load_up_to(in + i, n - i) - top);
            sum += only_first(x, n - i, 0);
            store_up_to(out + i, x, n - i);
        }
        factor = 1 / sum_of(sum);
        for (size_t i = 0; i < n; i += VW)
            store_up_to(out + i, load_up_to(out + i, n - i) * factor, n - i);
    }
}

/* The mean of a row, and 1 / sqrt(variance + epsilon); the variance from the differences to the
 * mean, so that a large mean costs no digits. */
static void moments(size_t n, float epsilon, const float *in, float *mean, float *factor)
{
    vec sum = {0}, square = {0};
    for (size_t i = 0; i < n; i += VW)
        sum += load_up_to(in + i, n - i);
    *mean = sum_of(sum) / (float)n;
    for (size_t i = 0; i < n; i += VW) {
        vec x = only_first(load_up_to(in + i, n - i) - *mean, n - i, 0);
        square += x * x;
    }
    *factor = 1 / sqrtf(sum_of(square) / (float)n + epsilon);
}

void ISA_NAME(normalize)(size_t rows, size_t channels, size_t length, size_t period, float epsilon,
                         const float *in, const float *scale, const float *shift, float *out)
{
    size_t n = channels * length;
    for (size_t row = 0; row < rows; row++, in += n, out += n) {
        size_t first = row * channels % period;
        float mean, factor;
        moments(n, epsilon, in, &mean, &factor);
        if (length == 1) {
            for (size_t i = 0; i < n; i += VW) {
                vec x = (load_up_to(in + i, n - i) - mean) * factor;
                if (scale)
                    x *= load_up_to(scale + first + i, n - i);
                if (shift)
                    x += load_up_to(shift + first + i, n - i);
                store_up_to(out + i, x, n - i);
            }
            continue;
        }
        for (size_t c = 0; c < channels; c++) {
            float by = scale ? factor * scale[first + c] : factor;
            float plus = shift ? shift[first + c] : 0;
            for (size_t i = 0; i < length; i += VW) {
                size_t left = length - i;
                vec x = load_up_to(in + c * length + i, left) - mean;
                store_up_to(out + c * length + i, x * by + plus, left);
            }
        }
    }
}

INLINE vec combine(const enum reduction op, vec sum, vec x)
{
    return op == REDUCTION_MAX ? vmax(sum, x) : op == REDUCTION_MIN ? vmin(sum, x) : sum + x;
}

/* Along rows of n. */
INLINE void reduce_row(const enum reduction op, size_t n, float factor, const float *in, float *out)
{
    float neutral = op == REDUCTION_MAX ? -INFINITY : op == REDUCTION_MIN ? INFINITY : 0;
    vec sum = splat(neutral);
    float result;
    for (size_t i = 0; i < n; i += VW)
        sum = combine(op, sum, only_first(load_up_to(in + i, n - i), n - i, neutral));
    result = sum[0];
    for (int i = 1; i < VW; i++)
        result = combine(op, splat(result), splat(sum[i]))[0];
    *out = result * factor;
}

/* Down n rows of `inner` elements, side by side. */
INLINE void reduce_columns(const enum reduction op, size_t n, size_t inner, float factor,
                           const float *in, float *out)
{
    for (size_t i = 0; i < inner; i += VW) {
        vec sum = load_up_to(in + i, inner - i);
        for (size_t row = 1; row < n; row++)
            sum = combine(op, sum, load_up_to(in + row * inner + i, inner - i));
        store_up_to(out + i, sum * factor, inner - i);
    }
}

void ISA_NAME(reduce)(enum reduction op, size_t outer, size_t n, size_t inner, const float *in,
                      float *out)
{
    float factor = op == REDUCTION_MEAN ? 1 / (float)n : 1;
    for (size_t i = 0; i < outer; i++, in += n * inner, out += inner) {
#define CASE(name)                                                                                 \
    case name:                                                                                     \
        if (inner == 1)                                                                            \
            reduce_row(name, n, factor, in, out);                                                  \
        else                                                                                       \
            reduce_columns(name, n, inner, factor, in, out);                                       \
        break
        switch (op) {
            CASE(REDUCTION_SUM);
            CASE(REDUCTION_MEAN);
            CASE(REDUCTION_MAX);
            CASE(REDUCTION_MIN);
        }
#undef CASE
    }
}
