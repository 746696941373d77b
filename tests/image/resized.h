/* The sum by which a resized picture is known. */
#ifndef TESTS_IMAGE_RESIZED_H
#define TESTS_IMAGE_RESIZED_H

#include "image/resize.h"
#include "tests/image/pictures.h"

/* CRC-32 of the bytes of the picture, resized as a whole. */
static uint32_t sum_of_resized(struct resizer *resizer, const struct picture *from,
                               enum recipe_filter filter, int width, int height)
{
    size_t size = (size_t)width * (size_t)height * (size_t)from->channels;
    const struct window all = {0, 0, width, height};
    unsigned char *to = malloc(size);
    struct error err;
    uint32_t crc;
    resize(resizer, from, filter, width, height, &all, to, &err);
    crc = (uint32_t)crc32(0, to, (uInt)size);
    free(to);
    return crc;
}

#endif
