/* image/decode: the bytes of a JPEG, PNG or PNM file to pixels.
 *
 * What comes out is what Pillow's Image.open(...).convert("RGB") gives (or "L" for a grey file),
 * with the same decoders (libjpeg-turbo, libpng).
 *
 * JPEG: grey, YCbCr, RGB; CMYK and YCCK, taken as inverted (Adobe's habit) and turned to RGB by
 * Pillow's formula.
 *
 * PNG: all colour types and depths; 16 bits keep the high byte; alpha and transparency are dropped,
 * not blended; gamma and colour profiles are ignored.
 *
 * PNM: P1 to P6, scaled to 0..255 by their maximum, rounded.
 *
 * The orientation in EXIF is not applied. Of files with several pictures the first is taken.
 */
#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include "image/picture.h"
#include "image/recipe.h"

struct decode_options {
    enum recipe_dct dct;
    enum recipe_upsampling upsampling;
    int64_t
        max_pixels; /* larger pictures are refused by their header, before anything is allocated */
    int max_scans;  /* of a progressive JPEG: each costs a pass over all coefficients */
    int ignore_warnings; /* 0: whatever libjpeg warns of (a premature end, corrupt data) is a
                            failure */
};

#define DECODE_MAX_PIXELS INT64_C(178956970) /* where Pillow raises its DecompressionBombError */
enum { DECODE_MAX_SCANS = 100 };             /* encoders write about 10 */

/* Defaults: islow, fancy, the limits above, warnings are failures. */
void decode_init(struct decode_options *options);

/* Holds the JPEG decoder from picture to picture. One per thread. */
struct decoder;
enum status decoder_new(const struct decode_options *options, struct decoder **decoder,
                        struct error *err);
void decoder_free(struct decoder *decoder);

/* What the header says. */
struct decode_info {
    int width, height;
};

/* Reads the header. The bytes must stay until decode_pixels has read the rest. STATUS_FAILED says
 * why this cannot be decoded. STATUS_SYSTEM. */
enum status decode_open(struct decoder *decoder, const void *bytes, size_t size,
                        struct decode_info *info, struct error *err);
/* The pixels of the picture opened last: at least those of the window `needed` (NULL: all);
 * picture->part says which. STATUS_FAILED: the pixels are undefined. STATUS_SYSTEM. */
enum status decode_pixels(struct decoder *decoder, const struct window *needed,
                          struct picture *picture, struct error *err);

#endif
