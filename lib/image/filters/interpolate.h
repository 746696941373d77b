/* image/interpolate, inside image/resize: the filters that mix two pixels along each axis, however
 * much the picture shrinks. The columns are mixed first, row by row, each row once; then two rows
 * at a time. What differs from library to library is the arithmetic.
 */
#ifndef IMAGE_FILTERS_INTERPOLATE_H
#define IMAGE_FILTERS_INTERPOLATE_H

#include "image/filters/filters.h"

struct interpolation {
    /* The first of the two pixels, which may be -1, and the share of the second. */
    int (*place)(enum recipe_filter filter, int from, int to, int output, float *share);
    void (*weigh)(float share, void *weights); /* the share as the two below take it */
    size_t weight;                             /* in so many bytes */
    /* A row; `from` is the first pixel of output pixel 0. A second pixel beyond the picture has the
     * share 0. */
    void (*row)(const struct resize_axis *across, const unsigned char *from, int channels,
                void *to);
    size_t number; /* bytes of a number in it */
    void (*mix)(const void *above, const void *below, const void *weights, size_t count, void *to);
    size_t result; /* bytes of a number that is the result */
};

/* As resize and resize_reach. */
enum status interpolate(const struct interpolation *way, struct resizer *resizer,
                        const struct picture *from, enum recipe_filter filter, int width,
                        int height, const struct window *window, void *to, struct error *err);
void interpolate_reach(const struct interpolation *way, enum recipe_filter filter, int from, int to,
                       int first, int count, int *begin, int *end);

#endif
