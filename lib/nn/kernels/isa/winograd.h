/* kernels/isa: Winograd's minimal filtering for 3x3 windows of stride 1, after Lavin & Gray, "Fast
 * Algorithms for Convolutional Neural Networks", 2016: the tiles and the transforms.
 *
 * F(m x m, 3 x 3) makes m x m outputs from an (m + 2) x (m + 2) tile of the input d and the kernel
 * g: A^T [(G g G^T) . (B^T d B)] A, where "." multiplies element by element. Summed over the input
 * channels, each of the (m + 2)^2 elements is a matrix product of its own: tiles x channels times
 * channels x outputs. F(4 x 4) multiplies 36 times for 16 outputs (direct: 144), F(2 x 2) 16 times
 * for 4 (direct: 36). The points are 0, 1, -1 and infinity for F(2 x 2), and for F(4 x 4) 0,
 * +-1/sqrt 2, +-sqrt 2 and infinity, whose largest error was 2 times that of a plain sum in float,
 * against 8 times for the usual 0, +-1, +-2 (measured with 256 channels).
 *
 * Transforms work on a vector of channels at once.
 */
#ifndef NN_KERNELS_WINOGRAD_H
#define NN_KERNELS_WINOGRAD_H

#include "nn/kernels/isa/isa.h"

enum {
    EDGE_MAX = 6, /* of a tile of the input */
    APART = 16,   /* floats between rows and matrices: no strides of powers of two */
};

#define ROOT_HALF 0.70710678f
#define ROOT_TWO  1.41421356f

INLINE int winograd_suits(const struct kernel_window *w)
{
    return w->kernel_h == 3 && w->kernel_w == 3 && w->stride_h == 1 && w->stride_w == 1 &&
           w->dilation_h == 1 && w->dilation_w == 1 && w->groups == 1;
}

/* The tiles with which F(m x m) covers a convolution's outputs. */
struct tiling {
    size_t edge, elements;      /* m + 2, and its square */
    size_t across, down, tiles; /* per picture; in the whole batch */
};

INLINE struct tiling tiling(const struct kernel_window *w, size_t m)
{
    struct tiling t = {.edge = m + 2, .elements = (m + 2) * (m + 2)};
    t.across = (w->out_width + m - 1) / m;
    t.down = (w->out_height + m - 1) / m;
    t.tiles = t.across * t.down * w->batch;
    return t;
}

/* G g, one dimension. */
INLINE void transform_weights(const int edge, const vec g[3], vec t[])
{
    if (edge == 4) {
        vec even = (g[0] + g[2]) * 0.5f, odd = g[1] * 0.5f;
        t[0] = g[0];
        t[1] = even + odd;
        t[2] = even - odd;
        t[3] = g[2];
    } else {
        vec even = g[0] * (-2.0f / 3) + g[2] * (-1.0f / 3), odd = g[1] * (-2.0f / 3 * ROOT_HALF);
        vec wide = g[0] * (1.0f / 6) + g[2] * (1.0f / 3), wide_odd = g[1] * (1.0f / 6 * ROOT_TWO);
        t[0] = g[0];
        t[1] = even + odd;
        t[2] = even - odd;
        t[3] = wide + wide_odd;
        t[4] = wide - wide_odd;
        t[5] = g[2];
    }
}

/* A tile's place: the picture, and its first row and column among the outputs. */
struct tile {
    size_t image, y, x;
};

INLINE struct tile tile_at(const struct tiling *t, size_t index)
{
    size_t m = t->edge - 2, inside = index % (t->across * t->down);
    struct tile tile = {index / (t->across * t->down), inside / t->across * m,
                        inside % t->across * m};
    return tile;
}

/* B^T d, one dimension. */
INLINE void transform_input(const int edge, const vec d[], vec t[])
{
    if (edge == 4) {
        t[0] = d[0] - d[2];
        t[1] = d[1] + d[2];
        t[2] = d[2] - d[1];
        t[3] = d[1] - d[3];
    } else {
        vec even = d[4] - d[2] * 2.0f, odd = d[3] * ROOT_HALF - d[1] * ROOT_TWO;
        vec wide = d[4] - d[2] * 0.5f, wide_odd = d[3] * ROOT_TWO - d[1] * ROOT_HALF;
        t[0] = d[0] - d[2] * 2.5f + d[4];
        t[1] = even + odd;
        t[2] = even - odd;
        t[3] = wide + wide_odd;
        t[4] = wide - wide_odd;
        t[5] = d[1] - d[3] * 2.5f + d[5];
    }
}

/* Which rows and columns of a tile lie in the picture. */
struct inside {
    int top, bottom, left, right; /* first, and one after the last */
};

INLINE int clip(ptrdiff_t at, int edge)
{
    return at < 0 ? 0 : at > edge ? edge : (int)at;
}

/* edge x edge vectors, read or written one after the other: pointers that step are quicker than
 * addresses that are computed, of which there would be more than registers. */
INLINE const float *step(const float *at, size_t by)
{
    at += by;
    HIDE(at);
    return at;
}
INLINE float *step_out(float *at, size_t by)
{
    at += by;
    HIDE(at);
    return at;
}

/* One vector of channels; `from` is the tile's first pixel. */
INLINE void input_vector(const int edge, const float *from, size_t row, size_t pixel, float *to,
                         size_t apart)
{
    vec half[EDGE_MAX][EDGE_MAX], d[EDGE_MAX], t[EDGE_MAX];
    UNROLL
    for (int j = 0; j < edge; j++, from = step(from, pixel)) {
        const float *at = from;
        UNROLL
        for (int i = 0; i < edge; i++, at = step(at, row))
            d[i] = load(at);
        transform_input(edge, d, t);
        UNROLL
        for (int i = 0; i < edge; i++)
            half[i][j] = t[i];
    }
    UNROLL
    for (int i = 0; i < edge; i++) {
        transform_input(edge, half[i], t);
        UNROLL
        for (int j = 0; j < edge; j++, to = step_out(to, apart))
            store(to, t[j]);
    }
}

/* n channels of a tile that is not whole: its pixels between zeros, a vector each. `at` is where
 * the tile's first pixel is, or would be, in the picture `in`. */
INLINE void copy_inside(const int edge, const struct inside *inside, const float *in, ptrdiff_t at,
                        ptrdiff_t row, ptrdiff_t pixel, size_t n, float *copy)
{
    memset(copy, 0, (size_t)(edge * edge * VW) * sizeof *copy);
    for (int i = inside->top; i < inside->bottom; i++)
        for (int j = inside->left; j < inside->right; j++)
            store(copy + (i * edge + j) * VW, load_up_to(in + (at + i * row + j * pixel), n));
}

/* B^T d B of a tile, all channels; element e goes to `to` + e * apart. */
INLINE void input_tile(const int edge, const struct kernel_window *w, struct tile tile,
                       const float *in, float *to, size_t apart)
{
    ptrdiff_t y = (ptrdiff_t)tile.y - (ptrdiff_t)w->pad_top,
              x = (ptrdiff_t)tile.x - (ptrdiff_t)w->pad_left;
    struct inside inside = {clip(-y, edge), clip((ptrdiff_t)w->height - y, edge), clip(-x, edge),
                            clip((ptrdiff_t)w->width - x, edge)};
    int whole = inside.bottom - inside.top == edge && inside.right - inside.left == edge;
    ptrdiff_t pixel = (ptrdiff_t)w->in_ld, row = (ptrdiff_t)w->width * pixel,
              at = y * row + x * pixel;
    in += tile.image * w->height * w->width * w->in_ld;
    for (size_t channel = 0; channel < w->channels; channel += VW) {
        float copy[EDGE_MAX * EDGE_MAX * VW];
        const float *from = copy;
        size_t from_row = (size_t)(edge * VW), from_pixel = VW;
        if (whole && channel + VW <= w->channels) {
            from = in + channel + at;
            from_row = (size_t)row;
            from_pixel = (size_t)pixel;
        } else {
            copy_inside(edge, &inside, in + channel, at, row, pixel, w->channels - channel, copy);
        }
        input_vector(edge, from, from_row, from_pixel, to + channel, apart);
    }
}

/* A^T m, one dimension. */
INLINE void transform_output(const int edge, const vec m[], vec t[])
{
    vec even = m[1] + m[2], odd = m[1] - m[2];
    if (edge == 4) {
        t[0] = m[0] + even;
        t[1] = odd - m[3];
    } else {
        vec wide = m[3] + m[4], wide_odd = m[3] - m[4];
        t[0] = m[0] + even + wide;
        t[1] = odd * ROOT_HALF + wide_odd * ROOT_TWO;
        t[2] = even * 0.5f + wide * 2.0f;
        t[3] = odd * (0.5f * ROOT_HALF) + wide_odd * (2 * ROOT_TWO) + m[5];
    }
}

#endif
