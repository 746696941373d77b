/* stats/pixels: where the pixels of a picture are in memory, whoever made them. */
#ifndef STATS_PIXELS_H
#define STATS_PIXELS_H

#include "stream/record.h"

#include <stddef.h>

enum { PIXELS_CHANNELS = 3 };

/* Channel c of pixel (x, y), 0..255, is values[y * row + x * column + c * channel]. Borrowed. */
struct pixels {
    const unsigned char *values;
    int64_t width, height;
    int channels; /* 1 grey, 3 RGB */
    ptrdiff_t row, column, channel;
};

/* Rows without gaps, the channels of a pixel beside each other. */
struct pixels pixels_of(const unsigned char *values, int64_t width, int64_t height, int channels);
/* Those of a tensor, u8 [height][width][channels] or [channels][height][width]. 0: it is none. */
int pixels_of_record(const struct record *record, struct pixels *pixels);
/* The same picture with its channels in the reverse order: BGR becomes RGB. */
void pixels_reverse(struct pixels *pixels);

#endif
