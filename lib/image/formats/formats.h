/* image/formats: the decoders that image/decode chooses from: one file each. Each has checked
 * nothing but the magic bytes. */
#ifndef IMAGE_FORMATS_H
#define IMAGE_FORMATS_H

#include "image/decode.h"

/* STATUS_FAILED when so many bytes are more than the options allow. */
enum status decode_check_memory(const struct decode_options *options, int64_t bytes,
                                struct error *err);

/* Each format has these three: X_open reads the header, X_read the pixels (all of `needed`, maybe
 * more), X_close ends what X_open began; it may be called at any time. Sizes and windows are those
 * of the stored picture, whatever its orientation. */
struct header {
    int width, height;
    int orientation; /* as in exif.h; only looked for where the options apply it */
};

struct jpeg;
enum status jpeg_new(struct jpeg **jpeg, struct error *err);
void jpeg_free(struct jpeg *jpeg);
enum status jpeg_open(struct jpeg *jpeg, const struct decode_options *options,
                      const unsigned char *bytes, size_t size, struct header *header,
                      struct error *err);
/* decode_shrink; the header becomes that of the smaller picture. */
void jpeg_shrink(struct jpeg *jpeg, int width, int height, struct header *header);
enum status jpeg_read(struct jpeg *jpeg, const struct window *needed, enum decode_rest rest,
                      struct picture *picture, struct error *err);
void jpeg_close(struct jpeg *jpeg);
const char *jpeg_warning(const struct jpeg *jpeg); /* NULL: none */

struct png {
    struct png_struct_def *read; /* NULL: nothing is open */
    struct png_info_def *info;
    const unsigned char *bytes;
    size_t left;
    const struct decode_options *options;
    struct buffer rows; /* as libpng gives them, where they are not yet the picture's */
    struct error *err;
    enum status status;
};
enum status png_open(struct png *png, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct header *header,
                     struct error *err);
enum status png_read(struct png *png, const struct window *needed, enum decode_rest rest,
                     struct picture *picture, struct error *err);
void png_close(struct png *png);

struct pnm {
    const struct decode_options *options;
    const unsigned char *at, *end; /* what is left of the file */
    int format;                    /* 1 bits, 2 grey, 3 colour; 4 to 6 the same, raw */
    int32_t width, height, maximum;
    struct error *err;
};
enum status pnm_open(struct pnm *pnm, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct header *header,
                     struct error *err);
enum status pnm_read(struct pnm *pnm, const struct window *needed, struct picture *picture,
                     struct error *err);

#endif
