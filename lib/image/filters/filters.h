/* image/filters: the families of filters that image/resize chooses from: one file each. */
#ifndef IMAGE_FILTERS_H
#define IMAGE_FILTERS_H

#include "image/resize.h"

/* Makes `axis` the one wanted (of which filter, from, to, first, count and taps say which), with
 * room for count starts and lengths and count * taps weights of that many bytes. `filled` when they
 * are there already, from the picture before; else the caller computes them. */
enum status resize_axis_room(struct resize_axis *axis, const struct resize_axis *wanted,
                             size_t weight, int *filled, struct error *err);

/* pillow.c: the filters of Pillow but for nearest. As resize and resize_reach, where the sizes
 * differ. */
enum status pillow_resize(struct resizer *resizer, const struct picture *from,
                          enum recipe_filter filter, int width, int height,
                          const struct window *window, unsigned char *to, struct error *err);
void pillow_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *end);
/* pillow_weights.c. Computes the weights of an axis, unless it has them already. */
enum status pillow_weigh(struct resize_axis *axis, enum recipe_filter filter, int from, int to,
                         int first, int count, struct buffer *scratch, struct error *err);
/* Is it a filter of Pillow 13, which begins with the columns where the height shrinks much more? */
int pillow_columns_may_lead(enum recipe_filter filter);

/* opencv.c: linear and area of OpenCV. As resize and resize_reach, where the sizes differ in
 * either direction. */
enum status opencv_resize(struct resizer *resizer, const struct picture *from,
                          enum recipe_filter filter, int width, int height,
                          const struct window *window, unsigned char *to, struct error *err);
void opencv_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *end);
/* tensorflow.c: bilinear of TensorFlow; resize_fractions is there. */
void resize_tf_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                     int *end);

/* nearest.c: one input pixel for each output pixel. */
enum status nearest_resize(struct resizer *resizer, const struct picture *from,
                           enum recipe_filter filter, int width, int height,
                           const struct window *window, unsigned char *to, struct error *err);
void nearest_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                   int *end);

#endif
