/* stats/channels: mean and standard deviation of each channel over all pixels of many pictures:
 * what a network's input is normalised with. Exact sums, so the order of pictures does not matter.
 */
#ifndef STATS_CHANNELS_H
#define STATS_CHANNELS_H

#include "stats/pixels.h"

#include <stdint.h>

/* A grey picture counts as one whose three channels are equal, as it does for a network of colour
 * pictures. */
struct channels {
    uint64_t pictures, grey; /* grey: among the pictures */
    uint64_t pixels;
    uint64_t sums[PIXELS_CHANNELS], squares[PIXELS_CHANNELS];
};

/* Zero-initialise (= {0}) to start. */
void channels_add(struct channels *channels, const struct pixels *pixels);
/* 1 where all pictures are grey, else PIXELS_CHANNELS; 0 where there are none. */
int channels_count(const struct channels *channels);
double channels_mean(const struct channels *channels, int channel);
/* Of all pixels, not an estimate from some: divided by their number. */
double channels_deviation(const struct channels *channels, int channel);

#endif
