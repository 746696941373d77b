#include "stats/png.h"

#include <string.h>
#include <zlib.h>

enum { PNG_GREY = 0, PNG_RGB = 2, PNG_FILTER_UP = 2, PNG_SIDE_MAX = 65535 };

static void put_be32(unsigned char *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* Length, name, bytes, CRC of name and bytes. */
static enum status put_chunk(struct buffer *out, const char *name, const void *bytes, size_t size,
                             struct error *err)
{
    unsigned char head[8], tail[4];
    uLong crc = crc32(0, (const unsigned char *)name, 4);
    put_be32(head, (uint32_t)size);
    memcpy(head + 4, name, 4);
    if (size)
        crc = crc32(crc, bytes, (uInt)size);
    put_be32(tail, (uint32_t)crc);
    TRY(buffer_append(out, head, sizeof head, err));
    TRY(buffer_append(out, bytes, size, err));
    return buffer_append(out, tail, sizeof tail, err);
}

/* The rows, each behind the number of its filter. */
static void filter(const struct pixels *pixels, unsigned char *to)
{
    for (int64_t y = 0; y < pixels->height; y++) {
        *to++ = PNG_FILTER_UP;
        for (int64_t x = 0; x < pixels->width; x++)
            for (int c = 0; c < pixels->channels; c++) {
                const unsigned char *value =
                    pixels->values + y * pixels->row + x * pixels->column + c * pixels->channel;
                *to++ = (unsigned char)(*value - (y ? value[-pixels->row] : 0));
            }
    }
}

static enum status put_pixels(struct buffer *out, const struct buffer *rows, struct error *err)
{
    struct buffer packed = {0};
    uLongf size = compressBound((uLong)rows->size);
    enum status status = buffer_reserve(&packed, size, err);
    if (status == STATUS_OK &&
        compress2(packed.data, &size, rows->data, (uLong)rows->size, Z_DEFAULT_COMPRESSION) != Z_OK)
        status = error_memory(err);
    if (status == STATUS_OK)
        status = put_chunk(out, "IDAT", packed.data, size, err);
    buffer_free(&packed);
    return status;
}

enum status png_write(const struct pixels *pixels, struct buffer *out, struct error *err)
{
    unsigned char head[13] = {0};
    struct buffer rows = {0};
    int64_t width = pixels->width, height = pixels->height;
    size_t size;
    enum status status;
    if (width < 1 || height < 1 || width > PNG_SIDE_MAX || height > PNG_SIDE_MAX ||
        width * height > INT32_MAX / 4)
        return error_set(err, STATUS_FAILED, "no picture of this size can be shown");
    put_be32(head, (uint32_t)width);
    put_be32(head + 4, (uint32_t)height);
    head[8] = 8; /* bits */
    head[9] = pixels->channels == 1 ? PNG_GREY : PNG_RGB;
    size = (size_t)height * ((size_t)width * (size_t)pixels->channels + 1);
    status = buffer_reserve(&rows, size, err);
    if (status == STATUS_OK) {
        filter(pixels, rows.data);
        rows.size = size;
        status = buffer_append(out, "\x89PNG\r\n\x1a\n", 8, err);
    }
    if (status == STATUS_OK)
        status = put_chunk(out, "IHDR", head, sizeof head, err);
    if (status == STATUS_OK)
        status = put_pixels(out, &rows, err);
    if (status == STATUS_OK)
        status = put_chunk(out, "IEND", NULL, 0, err);
    buffer_free(&rows);
    return status;
}
