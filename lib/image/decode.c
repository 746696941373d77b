#include "image/decode.h"
#include "image/formats/exif.h"
#include "image/formats/formats.h"

#include <stdlib.h>
#include <string.h>

enum format { FORMAT_JPEG, FORMAT_PNG, FORMAT_PNM };

struct decoder {
    struct decode_options options;
    enum format format;    /* of the picture opened last */
    struct header header;  /* its header */
    struct picture stored; /* as it is stored, where it is to be turned */
    struct jpeg *jpeg;
    struct png png;
    struct pnm pnm;
};

void decode_init(struct decode_options *options)
{
    memset(options, 0, sizeof *options);
    options->max_pixels = DECODE_MAX_PIXELS;
    options->max_scans = DECODE_MAX_SCANS;
    options->max_memory = DECODE_MAX_MEMORY;
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
    buffer_free(&decoder->png.rows);
    jpeg_free(decoder->jpeg);
    picture_free(&decoder->stored);
    free(decoder);
}

enum status decode_check_memory(const struct decode_options *options, int64_t bytes,
                                struct error *err)
{
    if (bytes <= options->max_memory)
        return STATUS_OK;
    return error_set(err, STATUS_FAILED,
                     "decoding the picture takes %lld bytes of memory, more than %lld",
                     (long long)bytes, (long long)options->max_memory);
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

/* By the first bytes, whatever the file is called. */
static enum status open_format(struct decoder *decoder, const unsigned char *bytes, size_t size,
                               struct error *err)
{
    const struct decode_options *options = &decoder->options;
    struct header *header = &decoder->header;
    if (size >= 3 && memcmp(bytes, "\xFF\xD8\xFF", 3) == 0) {
        decoder->format = FORMAT_JPEG;
        return jpeg_open(decoder->jpeg, options, bytes, size, header, err);
    }
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1A\n", 8) == 0) {
        decoder->format = FORMAT_PNG;
        return png_open(&decoder->png, options, bytes, size, header, err);
    }
    if (size >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
        strchr(" \t\n\v\f\r#", bytes[2])) {
        decoder->format = FORMAT_PNM;
        return pnm_open(&decoder->pnm, options, bytes, size, header, err);
    }
    return refuse(bytes, size, err);
}

/* The size upright. */
static struct decode_info upright(const struct header *header)
{
    if (exif_is_sideways(header->orientation))
        return (struct decode_info){header->height, header->width};
    return (struct decode_info){header->width, header->height};
}

enum status decode_open(struct decoder *decoder, const void *bytes, size_t size,
                        struct decode_info *info, struct error *err)
{
    jpeg_close(decoder->jpeg);
    png_close(&decoder->png);
    decoder->header = (struct header){0, 0, EXIF_UPRIGHT};
    TRY(open_format(decoder, bytes, size, err));
    *info = upright(&decoder->header);
    return STATUS_OK;
}

void decode_shrink(struct decoder *decoder, int width, int height, struct decode_info *info)
{
    struct header *header = &decoder->header;
    int sideways = exif_is_sideways(header->orientation);
    if (decoder->format == FORMAT_JPEG)
        jpeg_shrink(decoder->jpeg, sideways ? height : width, sideways ? width : height, header);
    *info = upright(header);
}

static enum status read_format(struct decoder *decoder, const struct window *needed,
                               enum decode_rest rest, struct picture *picture, struct error *err)
{
    switch (decoder->format) {
    case FORMAT_JPEG:
        return jpeg_read(decoder->jpeg, needed, rest, picture, err);
    case FORMAT_PNG:
        return png_read(&decoder->png, needed, rest, picture, err);
    default:
        return pnm_read(&decoder->pnm, needed, picture, err);
    }
}

enum status decode_pixels(struct decoder *decoder, const struct window *needed,
                          enum decode_rest rest, struct picture *picture, struct error *err)
{
    struct decode_info size = upright(&decoder->header);
    struct window window = {0, 0, size.width, size.height};
    int orientation = decoder->header.orientation;
    if (needed)
        window = *needed;
    if (orientation == EXIF_UPRIGHT)
        return read_format(decoder, &window, rest, picture, err);
    window = exif_stored(&window, orientation, size.width, size.height);
    TRY(read_format(decoder, &window, rest, &decoder->stored, err));
    TRY(decode_check_memory(&decoder->options, 2 * (int64_t)decoder->stored.pixels.size, err));
    return exif_turn(&decoder->stored, orientation, picture, err);
}

const char *decode_warning(const struct decoder *decoder)
{
    return decoder->format == FORMAT_JPEG ? jpeg_warning(decoder->jpeg) : NULL;
}
