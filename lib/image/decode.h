/* image/decode: the bytes of a JPEG, PNG or PNM file to pixels.
 *
 * What comes out is what Pillow's Image.open(...).convert("RGB") gives (or "L" for a grey file),
 * with the same decoders (libjpeg-turbo, libpng).
 *
 * JPEG: grey, YCbCr, RGB; CMYK and YCCK, taken as inverted (Adobe's habit) and turned to RGB by
 * Pillow's formula.
 *
 * PNG: all colour types and depths; 16 bits keep the high byte; alpha and transparency are dropped,
 * or blended on a background as Pillow's Image.alpha_composite does; gamma and colour profiles are
 * ignored.
 *
 * PNM: P1 to P6, scaled to 0..255 by their maximum, rounded.
 *
 * The orientation in EXIF is applied where the options say so. Of files with several pictures the
 * first is taken.
 */
#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include "image/picture.h"
#include "image/recipe.h"

/* What to do with a JPEG that libjpeg warns of (a premature end, corrupt data): it makes up pixels
 * for those that are missing. */
enum decode_warnings {
    WARNINGS_ERROR,  /* the picture is refused */
    WARNINGS_RECORD, /* it is taken, and decode_warning says what was found */
    WARNINGS_IGNORE, /* it is taken */
};

struct decode_options {
    enum recipe_dct dct;
    enum recipe_upsampling upsampling;
    enum recipe_exif exif;
    int has_background; /* blend transparent pixels on this; 0: drop alpha */
    unsigned char background[RECIPE_CHANNELS];
    int64_t
        max_pixels; /* larger pictures are refused by their header, before anything is allocated */
    int max_scans;  /* of a progressive JPEG: each costs a pass over all coefficients */
    int64_t max_memory; /* bytes for one picture: its pixels, and the coefficients of a progressive
                           JPEG */
    enum decode_warnings warnings;
};

#define DECODE_MAX_PIXELS INT64_C(178956970) /* where Pillow raises its DecompressionBombError */
#define DECODE_MAX_MEMORY (INT64_C(1) << 31) /* so many pixels, progressive, of 4 inks */
enum { DECODE_MAX_SCANS = 100 };             /* encoders write about 10 */

/* Defaults: islow, fancy, EXIF ignored, alpha dropped, the limits above, warnings are failures. */
void decode_init(struct decode_options *options);

/* Holds the decoders from picture to picture. One per thread. */
struct decoder;
enum status decoder_new(const struct decode_options *options, struct decoder **decoder,
                        struct error *err);
void decoder_free(struct decoder *decoder);

/* What the header says: the size upright, as the pixels will come. */
struct decode_info {
    int width, height;
};

/* Reads the header. The bytes must stay until decode_pixels has read the rest. STATUS_FAILED says
 * why this cannot be decoded. STATUS_SYSTEM. */
enum status decode_open(struct decoder *decoder, const void *bytes, size_t size,
                        struct decode_info *info, struct error *err);
/* Between the two: a JPEG may come at 1/2, 1/4 or 1/8 of its size, computed so from fewer
 * frequencies, and is the smallest of these (or as it is) that has at least width x height pixels.
 * `info` becomes the size that will come. */
void decode_shrink(struct decoder *decoder, int width, int height, struct decode_info *info);

/* Of the rows below the window: are they looked at for damage? */
enum decode_rest { REST_CHECKED, REST_UNREAD };
/* The pixels of the picture opened last: at least those of the window `needed` (NULL: all);
 * picture->part says which. STATUS_FAILED: the pixels are undefined. STATUS_SYSTEM. */
enum status decode_pixels(struct decoder *decoder, const struct window *needed,
                          enum decode_rest rest, struct picture *picture, struct error *err);
/* The first warning of the picture read last, where warnings are recorded; NULL: none. */
const char *decode_warning(const struct decoder *decoder);

#endif
