/* Inside image/resize: the families of filters, and the inner loops of resample.c: one source for
 * every processor, and one for AVX2 that gives the same bytes.
 *
 * A weight is a fixed-point number with RESIZE_BITS bits, kept in two halves of 16 bits,
 * weight = low + high * 2^RESIZE_LOW with 0 <= low < 2^RESIZE_LOW, because AVX2 multiplies and adds
 * pairs of 16-bit numbers in one instruction. The weights of one output pixel are low[taps],
 * high[taps]; taps is even, and what lies beyond the pixel's own length is 0.
 */
#ifndef IMAGE_RESIZE_INTERNAL_H
#define IMAGE_RESIZE_INTERNAL_H

#include "image/resize.h"

#include <stddef.h>
#include <stdint.h>

/* Empties the buffer, which then has room for `size` bytes. */
enum status resize_room(struct buffer *buffer, size_t size, struct error *err);
/* Makes `axis` the one wanted (of which filter, from, to, first, count and taps say which), with
 * room for count starts and lengths and count * taps weights of that many bytes. `filled` when they
 * are there already, from the picture before; else the caller computes them. */
enum status resize_axis_room(struct resize_axis *axis, const struct resize_axis *wanted,
                             size_t weight, int *filled, struct error *err);

/* resample.c: the filters of Pillow but for nearest. As resize and resize_reach, where the sizes
 * differ. */
enum status resample(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                     int width, int height, const struct window *window, unsigned char *to,
                     struct error *err);
void resample_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                    int *end);
/* resample_weights.c. Computes the weights of an axis, unless it has them already. */
enum status resample_weigh(struct resize_axis *axis, enum recipe_filter filter, int from, int to,
                           int first, int count, struct buffer *scratch, struct error *err);
int resample_columns_may_lead(enum recipe_filter filter);

/* resize_cv.c: linear and area of OpenCV. As resize and resize_reach, where the sizes differ in
 * either direction. */
enum status resize_cv(struct resizer *resizer, const struct picture *from,
                      enum recipe_filter filter, int width, int height, const struct window *window,
                      unsigned char *to, struct error *err);
void resize_cv_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                     int *end);
/* resize_tf.c: bilinear of TensorFlow; resize_fractions is there. */
void resize_tf_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                     int *end);

/* nearest.c: one input pixel for each output pixel. */
enum status nearest(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                    int width, int height, const struct window *window, unsigned char *to,
                    struct error *err);
void nearest_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                   int *end);

enum {
    RESIZE_BITS = 32 - 8 - 2, /* less 8 for the pixel and 2 for sums beyond 255, as in Pillow */
    RESIZE_HALF = 1 << (RESIZE_BITS - 1),
    RESIZE_LOW = 15,
    RESIZE_SLACK = 64, /* bytes that must be there after the last row of a kernel's input */
};

struct resize_kernels {
    /* Two rows of RGB at once (they may be the same): to[r][x][c] = sum over i of
     * weight[x][i] * from[r][starts[x] + i][c], for x < count. */
    void (*rows)(const unsigned char *const from[2], const int *starts, const int *lengths,
                 const int16_t *weights, int taps, int count, unsigned char *const to[2]);
    /* One row out of `length` rows: to[i] = sum over t of weight[t] * from[t * stride + i], i <
     * size. */
    void (*column)(const unsigned char *from, size_t stride, const int16_t *weights, int taps,
                   int length, size_t size, unsigned char *to);
};

extern const struct resize_kernels resize_kernels_plain;
/* Those for this processor. */
const struct resize_kernels *resize_kernels(void);

/* The same for one row of grey. */
void resize_row_grey(const unsigned char *from, const int *starts, const int *lengths,
                     const int16_t *weights, int taps, int count, unsigned char *to);

#endif
