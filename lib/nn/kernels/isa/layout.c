/* Elements in another order: ONNX's layout of pictures and NHWC, shuffles of channels. Bound by
 * memory, read once. */
#include "nn/kernels/isa/transpose.h"

static void shuffle_groups(size_t rows, size_t groups, size_t channels, const float *const *in,
                           const size_t *in_ld, float *restrict out, size_t out_ld)
{
    for (size_t row = 0; row < rows; row++, out += out_ld)
        for (size_t c = 0; c < channels; c++)
            for (size_t g = 0; g < groups; g++)
                out[c * groups + g] = in[g][row * in_ld[g] + c];
}

/* The usual number; the compiler interleaves vectors. */
static void shuffle_two(size_t rows, size_t channels, const float *a, size_t lda, const float *b,
                        size_t ldb, float *out, size_t out_ld)
{
    for (size_t row = 0; row < rows; row++, a += lda, b += ldb, out += out_ld)
        for (size_t c = 0; c < channels; c++) {
            out[2 * c] = a[c];
            out[2 * c + 1] = b[c];
        }
}

void ISA_NAME(shuffle)(size_t rows, size_t groups, size_t channels, const float *const *in,
                       const size_t *in_ld, float *out, size_t out_ld)
{
    if (groups == 2)
        shuffle_two(rows, channels, in[0], in_ld[0], in[1], in_ld[1], out, out_ld);
    else
        shuffle_groups(rows, groups, channels, in, in_ld, out, out_ld);
}

/* Rows x columns to columns x rows, at most VW of each; less than a whole square one by one. */
static void turn_square(size_t rows, size_t columns, const float *in, size_t in_ld, float *out,
                        size_t out_ld)
{
    vec square[VW];
    if (rows < VW || columns < VW) {
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++)
                out[c * out_ld + r] = in[r * in_ld + c];
        return;
    }
    load_square(in, in_ld, rows, columns, square);
    transpose_square(square);
    UNROLL
    for (size_t c = 0; c < VW; c++)
        store(out + c * out_ld, square[c]);
}

static void turn(size_t rows, size_t columns, const float *in, size_t in_ld, float *out,
                 size_t out_ld)
{
    for (size_t i = 0; i < rows; i += VW)
        for (size_t j = 0; j < columns; j += VW)
            turn_square(rows - i < VW ? rows - i : (size_t)VW,
                        columns - j < VW ? columns - j : (size_t)VW, in + i * in_ld + j, in_ld,
                        out + j * out_ld + i, out_ld);
}

void ISA_NAME(to_nhwc)(size_t batch, size_t channels, size_t pixels, const float *in, float *out,
                       size_t ld)
{
    for (size_t i = 0; i < batch; i++)
        turn(channels, pixels, in + i * channels * pixels, pixels, out + i * pixels * ld, ld);
}

void ISA_NAME(to_nchw)(size_t batch, size_t channels, size_t pixels, const float *in, size_t ld,
                       float *out)
{
    for (size_t i = 0; i < batch; i++)
        turn(pixels, channels, in + i * pixels * ld, ld, out + i * channels * pixels, pixels);
}
