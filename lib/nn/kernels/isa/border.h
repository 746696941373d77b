/* kernels/isa/border: where a window that slides over a picture reaches over its border.
 *
 * Lines and pixels are counted from the beginning of the padding, so that the window of output o
 * begins at o times the stride.
 */
#ifndef NN_KERNELS_BORDER_H
#define NN_KERNELS_BORDER_H

#include "nn/kernels/isa/isa.h"

/* Pixels that `count` windows beside each other span. */
INLINE size_t windows_span(size_t count, size_t stride, size_t kernel, size_t dilation)
{
    return (count - 1) * stride + (kernel - 1) * dilation + 1;
}

/* The input line `line` of a picture; NULL where that is padding. */
INLINE const float *picture_line(const struct kernel_window *w, const float *picture, size_t line)
{
    if (line < w->pad_top || line >= w->pad_top + w->height)
        return NULL;
    return picture + (line - w->pad_top) * w->width * w->in_ld;
}

/* What comes first, and after the last. */
struct range {
    size_t from, to;
};

/* Those of the first `count` pixels of a line that are no padding. */
INLINE struct range picture_pixels(const struct kernel_window *w, size_t count)
{
    size_t from = w->pad_left, to = from + w->width;
    return (struct range){from < count ? from : count, to < count ? to : count};
}

/* The taps of a kernel of `size` that lie in [0, limit) when its first one is at `start`. */
INLINE struct range taps_inside(ptrdiff_t start, size_t size, size_t dilation, size_t limit)
{
    struct range taps = {start < 0 ? ((size_t)-start + dilation - 1) / dilation : 0, 0};
    if (start < (ptrdiff_t)limit)
        taps.to = ((size_t)((ptrdiff_t)limit - start) + dilation - 1) / dilation;
    if (taps.to > size)
        taps.to = size;
    if (taps.from > taps.to)
        taps.from = taps.to;
    return taps;
}

#endif
