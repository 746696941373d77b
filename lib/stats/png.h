/* stats/png: pixels to a PNG file in memory (ISO/IEC 15948): 8 bits, grey or RGB, each row filtered
 * by the difference to the one above, which suits photographs well enough for thumbnails. */
#ifndef STATS_PNG_H
#define STATS_PNG_H

#include "stats/pixels.h"

/* Appends the file to `out`. STATUS_FAILED: there is no pixel, or there are more than a page should
 * hold. */
enum status png_write(const struct pixels *pixels, struct buffer *out, struct error *err);

#endif
