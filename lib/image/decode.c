#include "image/decode.h"
#include "image/decode_internal.h"

#include <stdlib.h>
#include <string.h>

enum format { FORMAT_JPEG, FORMAT_PNG, FORMAT_PNM };

struct decoder {
    struct decode_options options;
    enum format format; /* of the picture opened last */
    struct jpeg *jpeg;
    struct png png;
    struct pnm pnm;
};

void decode_init(struct decode_options *options)
{
    memset(options, 0, sizeof *options);
    options->max_pixels = DECODE_MAX_PIXELS;
    options->max_scans = DECODE_MAX_SCANS;
}

enum status decoder_new(const struct decode_options *options, struct decoder **decoder,
                        struct error *err)
{
    enum status status;
    *decoder = memory_array(1, sizeof **decoder);
    if (!*decoder)
        return error_memory(err);
    (*decoder)->options = *options;
    status = jpeg_new(&(*decoder)->jpeg, err);
    if (status != STATUS_OK) {
        free(*decoder);
        *decoder = NULL;
    }
    return status;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    png_close(&decoder->png);
    jpeg_free(decoder->jpeg);
    free(decoder);
}

/* What else comes along in archives of pictures, so that the reason can name it. */
static const struct {
    size_t offset;
    const char *magic;
    size_t length;
    const char *name;
} others[] = {
    {0, "GIF8", 4, "GIF"},         {8, "WEBP", 4, "WebP"},
    {0, "II*\0", 4, "TIFF"},       {0, "MM\0*", 4, "TIFF"},
    {0, "BM", 2, "BMP"},           {4, "ftypavif", 8, "AVIF"},
    {4, "ftyphei", 7, "HEIF"},     {4, "ftypmif1", 8, "HEIF"},
    {4, "jP  ", 4, "JPEG 2000"},   {0, "\xFF\x4F\xFF\x51", 4, "JPEG 2000"},
    {0, "\xFF\x0A", 2, "JPEG XL"}, {4, "JXL ", 4, "JPEG XL"},
    {0, "P7\n", 3, "PAM"},         {0, "8BPS", 4, "Photoshop"},
    {0, "\0\0\1\0", 4, "icon"},    {0, "<svg", 4, "SVG"},
    {0, "<?xml", 5, "XML"},        {0, "<!DOCTYPE", 9, "HTML"},
    {0, "<html", 5, "HTML"},
};

static enum status refuse(const unsigned char *bytes, size_t size, struct error *err)
{
    if (size == 0)
        return error_set(err, STATUS_FAILED, "no bytes, expected an encoded picture");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (size >= others[i].offset + others[i].length &&
            memcmp(bytes + others[i].offset, others[i].magic, others[i].length) == 0)
            return error_set(err, STATUS_FAILED,
                             "%s files are not supported, expected JPEG, PNG or PNM",
                             others[i].name);
    return error_set(err, STATUS_FAILED,
                     "unknown format (the first byte is 0x%02X), expected JPEG, PNG or PNM",
                     bytes[0]);
}

enum status decode_open(struct decoder *decoder, const void *bytes, size_t size,
                        struct decode_info *info, struct error *err)
{
    const unsigned char *magic = bytes;
    const struct decode_options *options = &decoder->options;
    jpeg_close(decoder->jpeg);
    png_close(&decoder->png);
    if (size >= 3 && memcmp(magic, "\xFF\xD8\xFF", 3) == 0) {
        decoder->format = FORMAT_JPEG;
        return jpeg_open(decoder->jpeg, options, bytes, size, info, err);
    }
    if (size >= 8 && memcmp(magic, "\x89PNG\r\n\x1A\n", 8) == 0) {
        decoder->format = FORMAT_PNG;
        return png_open(&decoder->png, options, bytes, size, info, err);
    }
    if (size >= 3 && magic[0] == 'P' && magic[1] >= '1' && magic[1] <= '6' &&
        strchr(" \t\n\v\f\r#", magic[2])) {
        decoder->format = FORMAT_PNM;
        return pnm_open(&decoder->pnm, options, bytes, size, info, err);
    }
    return refuse(bytes, size, err);
}

enum status decode_pixels(struct decoder *decoder, const struct window *needed,
                          struct picture *picture, struct error *err)
{
    switch (decoder->format) {
    case FORMAT_JPEG:
        return jpeg_read(decoder->jpeg, needed, picture, err);
    case FORMAT_PNG:
        return png_read(&decoder->png, needed, picture, err);
    default:
        return pnm_read(&decoder->pnm, needed, picture, err);
    }
}
