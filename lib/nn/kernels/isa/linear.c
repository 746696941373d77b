/* One linear layer over rows that lie anywhere (nn/train/kernels.h: row_products, row_gradients).
 *
 * A layer of few columns, as logistic regression has, leaves most of a packed product's panel
 * empty, so here the vectors run along the row's length. A tile is TALL rows and WIDE columns: TALL
 * + WIDE loads for TALL * WIDE multiply-adds, whose sums stay in registers. The rows of a block and
 * the weights of WIDE columns stay in the first two caches while the tiles pass by. */
#include "nn/kernels/isa/isa.h"
#include "nn/train/kernels.h"

enum { TALL = 4, WIDE = VW == 16 ? 4 : 2 };

INLINE float total(vec x)
{
    float sum[VW];
    store(sum, x);
    for (int width = VW / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++)
            sum[i] += sum[i + width];
    return sum[0];
}

/* rows and columns are constants of each instance. */
INLINE void products_tile(const int rows, const int columns, size_t length, const float *const *x,
                          const float *w, float *z, size_t ldz)
{
    vec sum[TALL][WIDE] = {{{0}}};
    for (size_t j = 0; j < length; j += VW) {
        size_t left = length - j;
        vec weight[WIDE];
        UNROLL
        for (int c = 0; c < columns; c++)
            weight[c] = load_up_to(w + (size_t)c * length + j, left);
        UNROLL
        for (int r = 0; r < rows; r++) {
            vec value = load_up_to(x[r] + j, left);
            UNROLL
            for (int c = 0; c < columns; c++)
                sum[r][c] += value * weight[c];
        }
    }
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++)
            z[(size_t)r * ldz + (size_t)c] = total(sum[r][c]);
}

INLINE void gradients_tile(const int rows, const int columns, size_t length, const float *const *x,
                           const float *g, size_t ldg, float *dw)
{
    vec factor[TALL][WIDE];
    UNROLL
    for (int r = 0; r < rows; r++)
        UNROLL
    for (int c = 0; c < columns; c++)
        factor[r][c] = splat(g[(size_t)r * ldg + (size_t)c]);
    for (size_t j = 0; j < length; j += VW) {
        size_t left = length - j;
        vec sum[WIDE];
        UNROLL
        for (int c = 0; c < columns; c++)
            sum[c] = load_up_to(dw + (size_t)c * length + j, left);
        UNROLL
        for (int r = 0; r < rows; r++) {
            vec value = load_up_to(x[r] + j, left);
            UNROLL
            for (int c = 0; c < columns; c++)
                sum[c] += value * factor[r][c];
        }
        UNROLL
        for (int c = 0; c < columns; c++)
            store_up_to(dw + (size_t)c * length + j, sum[c], left);
    }
}

void ISA_NAME(row_products)(size_t rows, size_t columns, size_t length, const float *const *x,
                            const float *w, float *z)
{
    for (size_t c = 0; c < columns;) {
        int wide = columns - c >= WIDE ? WIDE : 1;
        for (size_t r = 0; r < rows;) {
            int tall = rows - r >= TALL ? TALL : 1;
            const float *weight = w + c * length;
            float *to = z + r * columns + c;
            if (tall == TALL && wide == WIDE)
                products_tile(TALL, WIDE, length, x + r, weight, to, columns);
            else if (tall == TALL)
                products_tile(TALL, 1, length, x + r, weight, to, columns);
            else if (wide == WIDE)
                products_tile(1, WIDE, length, x + r, weight, to, columns);
            else
                products_tile(1, 1, length, x + r, weight, to, columns);
            r += (size_t)tall;
        }
        c += (size_t)wide;
    }
}

void ISA_NAME(row_gradients)(size_t rows, size_t columns, size_t length, const float *const *x,
                             const float *g, float *dw)
{
    for (size_t c = 0; c < columns;) {
        int wide = columns - c >= WIDE ? WIDE : 1;
        for (size_t r = 0; r < rows;) {
            int tall = rows - r >= TALL ? TALL : 1;
            const float *from = g + r * columns + c;
            float *weight = dw + c * length;
            if (tall == TALL && wide == WIDE)
                gradients_tile(TALL, WIDE, length, x + r, from, columns, weight);
            else if (tall == TALL)
                gradients_tile(TALL, 1, length, x + r, from, columns, weight);
            else if (wide == WIDE)
                gradients_tile(1, WIDE, length, x + r, from, columns, weight);
            else
                gradients_tile(1, 1, length, x + r, from, columns, weight);
            r += (size_t)tall;
        }
        c += (size_t)wide;
    }
}
