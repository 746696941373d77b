/* image/augment/: the steps of image/augment. */
#ifndef IMAGE_AUGMENT_INTERNAL_H
#define IMAGE_AUGMENT_INTERNAL_H

#include "image/augment.h"

/* augment/colour.c: brightness, contrast and saturation, in place. */
void augment_colour(const struct augment *augment, const struct augment_change *change,
                    float *pixels);
/* augment/place.c: turned, rotated, mirrored, and the window taken. */
void augment_place(const struct augment *augment, const struct augment_change *change,
                   const float *from, float *to);

#endif
