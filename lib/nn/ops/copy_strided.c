/* One copy between two sets of strides, which is all that Transpose, Concat, Split, Slice, Expand
 * and their like do, at the speed of memory.
 *
 * Dimensions that both sides run through alike are made one first. What is then contiguous on both
 * sides is copied as runs; where the input runs along another dimension than the output, planes of
 * the two are copied in squares, so that each line of the cache is used whole. */
#include "nn/ops/op_internal.h"

#include <string.h>

/* The dimensions of a copy, outermost first: elements, and strides on both sides. */
struct walk {
    int rank;
    int64_t count[SHAPE_RANK_MAX], from[SHAPE_RANK_MAX], to[SHAPE_RANK_MAX];
};

static void make_walk(struct walk *walk, const struct shape *shape, const int64_t *from,
                      const int64_t *to)
{
    memset(walk, 0, sizeof *walk);
    for (int i = 0; i < shape->rank; i++) {
        int last = walk->rank - 1;
        if (shape->dim[i] == 1)
            continue;
        if (last >= 0 && walk->from[last] == from[i] * shape->dim[i] &&
            walk->to[last] == to[i] * shape->dim[i]) {
            walk->count[last] *= shape->dim[i];
        } else {
            last = walk->rank++;
            walk->count[last] = shape->dim[i];
        }
        walk->from[last] = from[i];
        walk->to[last] = to[i];
    }
}

static void swap(int64_t list[SHAPE_RANK_MAX], int i, int j)
{
    int64_t kept = list[i];
    list[i] = list[j];
    list[j] = kept;
}

/* The dimension along which the input runs comes just before the last. */
static void bring_near(struct walk *walk)
{
    int near = walk->rank - 2;
    if (near < 0 || walk->from[near + 1] == 1)
        return;
    for (int i = 0; i < near; i++)
        if (walk->from[i] == 1) {
            swap(walk->count, i, near);
            swap(walk->from, i, near);
            swap(walk->to, i, near);
        }
}

enum { SQUARE = 16 };

#define DEFINE_COPY_PLANE(type)                                                                    \
    static void copy_plane_##type(const int64_t count[2], const type *from, const int64_t fs[2],   \
                                  type *to, const int64_t ts[2])                                   \
    {                                                                                              \
        for (int64_t i = 0; i < count[0]; i += SQUARE)                                             \
            for (int64_t j = 0; j < count[1]; j += SQUARE) {                                       \
                int64_t i_end = count[0] - i < SQUARE ? count[0] : i + SQUARE;                     \
                int64_t j_end = count[1] - j < SQUARE ? count[1] : j + SQUARE;                     \
                for (int64_t r = i; r < i_end; r++)                                                \
                    for (int64_t c = j; c < j_end; c++)                                            \
                        to[r * ts[0] + c * ts[1]] = from[r * fs[0] + c * fs[1]];                   \
            }                                                                                      \
    }
DEFINE_COPY_PLANE(uint8_t)
DEFINE_COPY_PLANE(uint16_t)
DEFINE_COPY_PLANE(uint32_t)
DEFINE_COPY_PLANE(uint64_t)

/* count[0] rows of count[1] elements. */
static void copy_plane(size_t size, const int64_t count[2], const void *from, const int64_t fs[2],
                       void *to, const int64_t ts[2])
{
    if (fs[1] == 1 && ts[1] == 1)
        for (int64_t row = 0; row < count[0]; row++)
            memcpy((char *)to + row * ts[0] * (int64_t)size,
                   (const char *)from + row * fs[0] * (int64_t)size, (size_t)count[1] * size);
    else if (size == 1)
        copy_plane_uint8_t(count, from, fs, to, ts);
    else if (size == 2)
        copy_plane_uint16_t(count, from, fs, to, ts);
    else if (size == 4)
        copy_plane_uint32_t(count, from, fs, to, ts);
    else
        copy_plane_uint64_t(count, from, fs, to, ts);
}

void copy_strided(const struct shape *shape, size_t size, const void *from,
                  const int64_t from_strides[SHAPE_RANK_MAX], void *to,
                  const int64_t to_strides[SHAPE_RANK_MAX])
{
    int64_t index[SHAPE_RANK_MAX] = {0}, count[2] = {1, 1}, fs[2] = {0, 1}, ts[2] = {0, 1};
    struct walk walk;
    struct shape outer = {0};
    int inner;
    if (shape_count(shape) == 0)
        return;
    make_walk(&walk, shape, from_strides, to_strides);
    bring_near(&walk);
    inner = walk.rank < 2 ? walk.rank : 2;
    for (int i = 0; i < inner; i++) {
        count[2 - inner + i] = walk.count[walk.rank - inner + i];
        fs[2 - inner + i] = walk.from[walk.rank - inner + i];
        ts[2 - inner + i] = walk.to[walk.rank - inner + i];
    }
    outer.rank = walk.rank - inner;
    memcpy(outer.dim, walk.count, (size_t)outer.rank * sizeof *walk.count);
    do {
        int64_t at_from = 0, at_to = 0;
        for (int i = 0; i < outer.rank; i++) {
            at_from += index[i] * walk.from[i];
            at_to += index[i] * walk.to[i];
        }
        copy_plane(size, count, (const char *)from + at_from * (int64_t)size, fs,
                   (char *)to + at_to * (int64_t)size, ts);
    } while (shape_next(&outer, 0, index));
}
