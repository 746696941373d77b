/* PNM: the formats of pbm(5), pgm(5) and ppm(5), plain (P1 to P3) and raw (P4 to P6). */
#include "image/formats/formats.h"

#include <string.h>

static int is_space(int byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Over white space and comments, which run from # to the end of the line. */
static void skip(struct pnm *pnm)
{
    while (pnm->at < pnm->end && (is_space(*pnm->at) || *pnm->at == '#')) {
        if (*pnm->at == '#')
            while (pnm->at < pnm->end && *pnm->at != '\n' && *pnm->at != '\r')
                pnm->at++;
        else
            pnm->at++;
    }
}

static enum status number(struct pnm *pnm, const char *what, int32_t *value)
{
    skip(pnm);
    if (pnm->at == pnm->end)
        return error_set(pnm->err, STATUS_FAILED, "PNM: the file ends early, expected the %s",
                         what);
    if (*pnm->at < '0' || *pnm->at > '9')
        return error_set(pnm->err, STATUS_FAILED, "PNM: byte 0x%02X, expected the %s", *pnm->at,
                         what);
    for (*value = 0; pnm->at < pnm->end && *pnm->at >= '0' && *pnm->at <= '9'; pnm->at++) {
        if (*value > (INT32_MAX - 9) / 10)
            return error_set(pnm->err, STATUS_FAILED, "PNM: the %s is beyond all limits", what);
        *value = *value * 10 + (*pnm->at - '0');
    }
    return STATUS_OK;
}

/* sample * 255 / maximum, halves to the even neighbour, as Pillow rounds. */
static unsigned char scale(uint32_t sample, uint32_t maximum)
{
    uint32_t product = (sample < maximum ? sample : maximum) * 255U;
    uint32_t quotient = product / maximum;
    uint32_t twice = 2 * (product % maximum);
    return (unsigned char)(quotient + (twice > maximum || (twice == maximum && quotient % 2)));
}

/* P1: digits may stand without space between them; 1 is black. */
static enum status plain_bits(struct pnm *pnm, unsigned char *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        skip(pnm);
        if (pnm->at == pnm->end || (*pnm->at != '0' && *pnm->at != '1'))
            return error_set(pnm->err, STATUS_FAILED, "PNM: %zu of %zu pixels", i, count);
        to[i] = *pnm->at++ == '0' ? 255 : 0;
    }
    return STATUS_OK;
}

static enum status plain_samples(struct pnm *pnm, unsigned char *to, size_t count, int32_t maximum)
{
    for (size_t i = 0; i < count; i++) {
        int32_t sample = 0;
        enum status status = number(pnm, "next sample", &sample);
        if (status != STATUS_OK)
            return status;
        to[i] = scale((uint32_t)sample, (uint32_t)maximum);
    }
    return STATUS_OK;
}

/* `count` pixels of a row, from column x on. */
static void raw_bits(const unsigned char *row, size_t x, unsigned char *to, size_t count)
{
    for (size_t end = x + count; x < end; x++)
        *to++ = row[x / 8] >> (7 - x % 8) & 1 ? 0 : 255;
}

static void raw_samples(const unsigned char *from, unsigned char *to, size_t count, int32_t maximum)
{
    if (maximum == 255)
        memcpy(to, from, count);
    else
        for (size_t i = 0; i < count; i++)
            to[i] = maximum < 256
                        ? scale(from[i], (uint32_t)maximum)
                        : scale((uint32_t)from[2 * i] << 8 | from[2 * i + 1], (uint32_t)maximum);
}

/* Is there as much as the header promises? Asked before memory is taken for it; plain samples take
 * a byte at least. */
static enum status check_length(const struct pnm *pnm)
{
    int64_t left = pnm->end - pnm->at, width = pnm->width,
            samples = width * (pnm->format % 3 == 0 ? 3 : 1);
    int64_t expected = pnm->height * (pnm->format == 4                        ? (width + 7) / 8
                                      : pnm->format > 3 && pnm->maximum > 255 ? 2 * samples
                                                                              : samples);
    if (left < expected)
        return error_set(pnm->err, STATUS_FAILED, "PNM: %lld bytes of pixels, expected %s%lld",
                         (long long)left, pnm->format > 3 ? "" : "at least ", (long long)expected);
    return STATUS_OK;
}

static enum status read_header(struct pnm *pnm)
{
    enum status status = number(pnm, "width", &pnm->width);
    pnm->maximum = 1;
    if (status == STATUS_OK)
        status = number(pnm, "height", &pnm->height);
    if (status == STATUS_OK && pnm->format % 3 != 1)
        status = number(pnm, "maximum", &pnm->maximum);
    if (status != STATUS_OK)
        return status;
    if (pnm->maximum < 1 || pnm->maximum > 65535)
        return error_set(pnm->err, STATUS_FAILED, "PNM: the maximum is %d, expected 1 to 65535",
                         (int)pnm->maximum);
    if (pnm->at == pnm->end || !is_space(*pnm->at))
        return error_set(pnm->err, STATUS_FAILED, "PNM: no white space after the header");
    pnm->at++;
    return STATUS_OK;
}

enum status pnm_open(struct pnm *pnm, const struct decode_options *options,
                     const unsigned char *bytes, size_t size, struct header *header,
                     struct error *err)
{
    enum status status;
    *pnm = (struct pnm){options, bytes + 2, bytes + size, bytes[1] - '0', 0, 0, 0, err};
    status = read_header(pnm);
    if (status == STATUS_OK)
        status = picture_check_size(pnm->width, pnm->height, options->max_pixels, err);
    if (status == STATUS_OK)
        status = check_length(pnm);
    header->width = pnm->width;
    header->height = pnm->height;
    return status;
}

/* Bytes of `columns` columns of a raw row. */
static size_t raw_size(const struct pnm *pnm, int columns)
{
    size_t samples = (size_t)columns * (pnm->format == 6 ? 3 : 1);
    if (pnm->format == 4)
        return (samples + 7) / 8;
    return pnm->maximum > 255 ? 2 * samples : samples;
}

static void read_raw(const struct pnm *pnm, struct picture *picture)
{
    const struct window *part = &picture->part;
    size_t size = picture_stride(picture), row = raw_size(pnm, pnm->width);
    for (int y = 0; y < part->height; y++) {
        const unsigned char *from = pnm->at + (size_t)(part->y + y) * row;
        unsigned char *to = picture->pixels.data + (size_t)y * size;
        if (pnm->format == 4)
            raw_bits(from, (size_t)part->x, to, size);
        else
            raw_samples(from + raw_size(pnm, part->x), to, size, pnm->maximum);
    }
}

enum status pnm_read(struct pnm *pnm, const struct window *needed, struct picture *picture,
                     struct error *err)
{
    int channels = pnm->format % 3 == 0 ? 3 : 1, plain = pnm->format < 4;
    struct window part = plain ? (struct window){0, 0, pnm->width, pnm->height} : *needed;
    pnm->err = err;
    if (pnm->maximum < 1)
        return error_set(err, STATUS_USAGE, "PNM: no header was read");
    TRY(decode_check_memory(pnm->options, (int64_t)part.width * part.height * channels, err));
    TRY(picture_resize(picture, pnm->width, pnm->height, &part, channels, err));
    if (!plain) {
        read_raw(pnm, picture);
        return STATUS_OK;
    }
    return pnm->format == 1
               ? plain_bits(pnm, picture->pixels.data, picture->pixels.size)
               : plain_samples(pnm, picture->pixels.data, picture->pixels.size, pnm->maximum);
}
