/* The right side of a matrix product in the order in which gemm.c reads it: panels NV * VW columns
 * wide (the last one as many vectors as it needs), each panel K rows of consecutive vectors,
 * columns beyond N zero. Weights are read once and written once: what this costs is memory traffic.
 */
#include "nn/kernels/isa/isa.h"
#include "nn/kernels/isa/transpose.h"

enum {
    NR = NV * VW,
    ROWS = 32,  /* of B at a time: as many pages are being read */
    LINES = 144 /* transposed at a time, in the first-level cache: a multiple of VW and of 3 x 3 */
};

static size_t panel_width(size_t n, size_t column)
{
    size_t left = whole_vectors(n - column);
    return left < NR ? left : (size_t)NR;
}

size_t ISA_NAME(packed_size)(size_t k, size_t n)
{
    return k * whole_vectors(n) * sizeof(float);
}

static void pack_rows(const float *b, size_t ldb, size_t k, size_t n, float *packed)
{
    for (size_t first = 0; first < k; first += ROWS) {
        size_t end = k - first < ROWS ? k : first + ROWS;
        for (size_t column = 0; column < n; column += NR) {
            size_t width = panel_width(n, column);
            float *to = packed + column * k + first * width;
            for (size_t row = first; row < end; row++, to += width)
                for (size_t j = 0; j < width; j += VW) {
                    size_t left = n - column - j;
                    const float *from = b + row * ldb + column + j;
                    store(to + j, left >= VW ? load(from) : load_part(from, left));
                }
        }
    }
}

/* VW columns, `columns` of which exist: rows of `weights`, `ld` floats apart. The row of B that
 * weight (channel, tap) goes to is tap * channels + channel. */
static void pack_columns(const float *weights, size_t ld, size_t columns, size_t channels,
                         size_t taps, vec scale, const float *in_scale, float *to, size_t width)
{
    float lines[LINES * VW];
    size_t k = channels * taps, channel = 0, tap = 0;
    for (size_t first = 0; first < k; first += LINES) {
        size_t count = k - first < LINES ? k - first : (size_t)LINES;
        transpose(weights + first, ld, columns, count, lines, VW);
        for (size_t i = 0; i < count; i++) {
            vec x = load(lines + i * VW) * scale;
            store(to + (tap * channels + channel) * width, in_scale ? x * in_scale[channel] : x);
            if (++tap == taps) {
                tap = 0;
                channel++;
            }
        }
    }
}

void ISA_NAME(pack_taps)(const float *weights, size_t ld, size_t channels, size_t taps, size_t n,
                         const float *out_scale, const float *in_scale, float *packed)
{
    for (size_t column = 0; column < n; column += VW) {
        size_t panel = column / NR * NR, left = n - column;
        vec scale = out_scale ? load_up_to(out_scale + column, left) : splat(1);
        pack_columns(weights + column * ld, ld, left < VW ? left : (size_t)VW, channels, taps,
                     scale, in_scale, packed + panel * channels * taps + (column - panel),
                     panel_width(n, panel));
    }
}

void ISA_NAME(pack_b)(const float *b, size_t ldb, int transposed, size_t k, size_t n, float *packed)
{
    if (transposed)
        ISA_NAME(pack_taps)(b, ldb, k, 1, n, NULL, NULL, packed);
    else
        pack_rows(b, ldb, k, n, packed);
}
