/* stats/png: pixels to a PNG file in memory (ISO/IEC 15948): 8 bits, grey or RGB, each row filtered
 * by the difference to the one above, which suits photographs well enough for thumbnails. */
#ifndef STATS_PNG_H
#define STATS_PNG_H

#include "base/memory.h"

#include <stdint.h>

/* Where the values are: pixel (x, y), channel c at y * row + x * column + c * channel bytes. */
struct png_layout {
    size_t row, column, channel;
};

/* Appends the file to `out`. channels: 1 or 3. STATUS_FAILED: there is no pixel, or there are more
 * than PNG can count. */
enum status png_write(const unsigned char *values, const struct png_layout *layout, int64_t width,
                      int64_t height, int channels, struct buffer *out, struct error *err);

#endif
