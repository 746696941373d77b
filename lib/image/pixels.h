/* image/pixels: grey, the order of channels, values and layout. */
#ifndef IMAGE_PIXELS_H
#define IMAGE_PIXELS_H

#include "image/picture.h"
#include "image/recipe.h"

/* RGB becomes grey in place, as Pillow's convert("L"): (19595 R + 38470 G + 7471 B + 2^15) >> 16.
 * Grey stays. */
void pixels_grey(struct picture *picture);

/* Of `element` bytes each: 1 (pixels) or those of an f32. `count` pixels of the recipe's colour
 * `pad`; and `count` pixels of 1 or of the recipe's number of channels, a single one repeated. */
void pixels_fill(void *to, size_t count, const struct recipe *recipe, size_t element);
void pixels_repeat(const void *from, int channels, size_t count, const struct recipe *recipe,
                   size_t element, void *to);

/* `from` is u8 [count][channels], channels 1 or 3 (RGB); `to` gets recipe_channels(recipe) channels
 * in the recipe's colour order and layout; a single channel is repeated. Grey recipes take one
 * channel. */
void pixels_arrange_u8(const unsigned char *from, int channels, size_t count,
                       const struct recipe *recipe, unsigned char *to);
/* The same, each pixel p of channel c becoming values[c][p]. */
void pixels_arrange_f32(const unsigned char *from, int channels, size_t count,
                        const struct recipe *recipe, const float (*values)[256], float *to);
/* The same of pixels with fractions, f32 0 to 255. */
void pixels_arrange_fractions(const float *from, int channels, size_t count,
                              const struct recipe *recipe, float *to);
/* `from` is f32 [count][recipe_channels], values in the recipe's colour order, as changes of
 * pictures leave them; `to` gets the recipe's type and layout: values, or the nearest pixels. */
void pixels_arrange_values(const float *from, size_t count, const struct recipe *recipe, void *to);

#endif
