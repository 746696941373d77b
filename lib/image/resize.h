/* image/resize: pictures of another size, to the bit what the libraries make of them with which
 * models are trained. Each has its own method:
 *
 * - pil-..., pil13-... but nearest: Pillow's separable resampling (src/libImaging/Resample.c). An
 *   output pixel is the weighted mean of the input pixels under the filter, whose width grows with
 *   the factor of shrinking (so shrinking is always antialiased); one pass over the rows, one over
 *   the columns, with the picture between them rounded to bytes; weights in fixed point with 22
 *   bits. Up to Pillow 12 the rows come first (filters pil-...); since Pillow 13 the columns do
 *   (filters pil13-...) where the height shrinks by more than twice as many pixels as the width,
 *   which differs by one level in some pixels. That is not nothing: it moves probabilities of a
 *   MobileNet by up to 0.04.
 * - cv-linear, cv-area: OpenCV's resize (modules/imgproc/src/resize.cpp) for 8 bits: see
 *   filters/opencv.c.
 * - tf-bilinear: TensorFlow's tf.image.resize: see filters/tensorflow.c.
 * - ...-nearest: one pixel each: see nearest.c.
 */
#ifndef IMAGE_RESIZE_H
#define IMAGE_RESIZE_H

#include "image/picture.h"
#include "image/recipe.h"

/* Weights and the intermediate picture, kept from picture to picture. One per thread.
 * Zero-initialise. */
struct resize_axis {
    enum recipe_filter filter;
    int from, to;          /* pixels along this axis */
    int first, count;      /* the output pixels wanted */
    int taps;              /* room for weights of one output pixel */
    int longest;           /* of the lengths */
    int begin, end;        /* the input pixels under all of them */
    struct buffer starts;  /* int [count]: the first input pixel, counted from begin */
    struct buffer lengths; /* int [count]: how many input pixels */
    struct buffer weights; /* [count][taps] of what the family takes for weights */
};

struct resizer {
    struct resize_axis horizontal, vertical;
    struct buffer middle; /* u8: the picture between the two passes */
};

/* The part `window` of `from` resized to width x height; only that part is computed, and only what
 * resize_reach says of `from` need be in memory. `to` holds
 * [window.height][window.width][channels]. FILTER_NONE only where the size is that of `from`. */
enum status resize(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                   int width, int height, const struct window *window, unsigned char *to,
                   struct error *err);
/* The same for a filter that gives fractions, FILTER_TF_BILINEAR, for which resize is not. `to`
 * holds f32 [window.height][window.width][channels], 0 to 255. */
enum status resize_fractions(struct resizer *resizer, const struct picture *from,
                             enum recipe_filter filter, int width, int height,
                             const struct window *window, float *to, struct error *err);
/* Along one axis of `from` pixels that becomes `to` pixels: the input pixels that output pixels
 * [first, first + count) are made of. */
void resize_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *length);
void resizer_free(struct resizer *resizer);

#endif
