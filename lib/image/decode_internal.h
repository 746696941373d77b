/* The decoders of the single formats, for decode.c. Each has checked nothing but the magic bytes.
 */
#ifndef IMAGE_DECODE_INTERNAL_H
#define IMAGE_DECODE_INTERNAL_H

#include "image/decode.h"

struct jpeg;
enum status jpeg_new(struct jpeg **jpeg, struct error *err);
void jpeg_free(struct jpeg *jpeg);
enum status jpeg_decode(struct jpeg *jpeg, const struct decode_options *options,
                        const unsigned char *bytes, size_t size, struct picture *picture,
                        struct error *err);

enum status png_decode(const struct decode_options *options, const unsigned char *bytes,
                       size_t size, struct picture *picture, struct error *err);

enum status pnm_decode(const struct decode_options *options, const unsigned char *bytes,
                       size_t size, struct picture *picture, struct error *err);

#endif
