/* The decoders of the single formats, for decode.c. Each has checked nothing but the magic bytes.
 */
#ifndef IMAGE_DECODE_INTERNAL_H
#define IMAGE_DECODE_INTERNAL_H

#include "image/decode.h"

/* Each format has these three: X_open reads the header, X_read the pixels (all of `needed`, maybe
 * more), X_close ends what X_open began; it may be called at any time. */
struct jpeg;
enum status jpeg_new(struct jpeg **jpeg, struct error *err);
void jpeg_free(struct jpeg *jpeg);
enum status jpeg_open(struct jpeg *jpeg, const struct decode_options *options,
                      const unsigned char *bytes, size_t size, struct decode_info *info,
                      struct error *err);
enum status jpeg_read(struct jpeg *jpeg, const struct window *needed, struct picture *picture,
                      struct error *err);
void jpeg_close(struct jpeg *jpeg);

struct png {
    struct png_struct_def *read; /* NULL: nothing is open */
    struct png_info_def *info;
    const unsigned char *bytes;
    size_t left;
    int64_t max_pixels;
    struct error *err;
    enum status status;
};
enum status png_open(struct png *png, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct decode_info *info,
                     struct error *err);
enum status png_read(struct png *png, const struct window *needed, struct picture *picture,
                     struct error *err);
void png_close(struct png *png);

struct pnm {
    const unsigned char *at, *end; /* what is left of the file */
    int format;                    /* 1 bits, 2 grey, 3 colour; 4 to 6 the same, raw */
    int32_t width, height, maximum;
    struct error *err;
};
enum status pnm_open(struct pnm *pnm, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct decode_info *info,
                     struct error *err);
enum status pnm_read(struct pnm *pnm, const struct window *needed, struct picture *picture,
                     struct error *err);

#endif
