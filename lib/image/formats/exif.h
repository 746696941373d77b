/* image/exif: how a camera was held, as EXIF says it. */
#ifndef IMAGE_FORMATS_EXIF_H
#define IMAGE_FORMATS_EXIF_H

#include "image/picture.h"

/* Orientations are numbered as in EXIF 2.32, 4.6.4, tag 274: 1 upright; 2 mirrored; 3 turned by
 * 180 degrees; 4 upside down in a mirror; 5 transposed; 6 to be turned clockwise; 7 transposed
 * along the other diagonal; 8 to be turned counterclockwise. */
enum { EXIF_UPRIGHT = 1 };

/* Of the TIFF structure that EXIF is: 1 where it does not say, or is damaged. */
int exif_orientation(const unsigned char *tiff, size_t size);

/* Do width and height change places? */
int exif_is_sideways(int orientation);
/* Where a window of the upright picture, of width x height, lies in the stored one. */
struct window exif_stored(const struct window *window, int orientation, int width, int height);
/* Makes `upright` from what is in memory of the stored picture. STATUS_SYSTEM. */
enum status exif_turn(const struct picture *stored, int orientation, struct picture *upright,
                      struct error *err);

#endif
