/* kernels/isa: a matrix transposed in squares of VW x VW that stay in registers. Packing weights
 * and changes of layout are little else.
 */
#ifndef NN_KERNELS_TRANSPOSE_H
#define NN_KERNELS_TRANSPOSE_H

#include "nn/kernels/isa/isa.h"

#if defined(__clang__)
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (ivec){__VA_ARGS__})
#endif

/* a0 b0 a1 b1 ... of the lower and of the upper halves. */
INLINE vec interleave_low(vec a, vec b)
{
#if defined(__AVX512F__)
    return SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif defined(__AVX2__)
    return SHUFFLE(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
    return SHUFFLE(a, b, 0, 4, 1, 5);
#endif
}
INLINE vec interleave_high(vec a, vec b)
{
#if defined(__AVX512F__)
    return SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif defined(__AVX2__)
    return SHUFFLE(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
    return SHUFFLE(a, b, 2, 6, 3, 7);
#endif
}

/* Interleaving the first half of the rows with the second, log2(VW) times, transposes (Stone,
 * "Parallel Processing with the Perfect Shuffle", 1971). */
INLINE void transpose_square(vec rows[VW])
{
    vec other[VW];
    UNROLL
    for (int done = 1; done < VW; done *= 2) {
        UNROLL
        for (int i = 0; i < VW / 2; i++) {
            other[2 * i] = interleave_low(rows[i], rows[i + VW / 2]);
            other[2 * i + 1] = interleave_high(rows[i], rows[i + VW / 2]);
        }
        UNROLL
        for (int i = 0; i < VW; i++)
            rows[i] = other[i];
    }
}

/* At most VW x VW elements, zeros around them. */
INLINE void load_square(const float *from, size_t ld, size_t rows, size_t columns, vec square[VW])
{
    if (rows >= VW && columns >= VW) {
        UNROLL
        for (size_t r = 0; r < VW; r++)
            square[r] = load(from + r * ld);
    } else {
        for (size_t r = 0; r < VW; r++)
            square[r] = r < rows ? load_up_to(from + r * ld, columns) : splat(0);
    }
}

/* Column c of a matrix of rows <= VW becomes the VW floats at to + c * to_ld, zeros beyond `rows`.
 */
INLINE void transpose(const float *from, size_t ld, size_t rows, size_t columns, float *to,
                      size_t to_ld)
{
    for (size_t c = 0; c < columns; c += VW) {
        size_t left = columns - c;
        vec square[VW];
        load_square(from + c, ld, rows, left, square);
        transpose_square(square);
        UNROLL
        for (size_t r = 0; r < VW; r++)
            if (r < left)
                store(to + (c + r) * to_ld, square[r]);
    }
}

#endif
