/* stats/channels: mean and standard deviation of each channel over all pixels of many pictures:
 * what a network's input is normalised with. Exact sums, so the order of pictures does not matter.
 */
#ifndef STATS_CHANNELS_H
#define STATS_CHANNELS_H

#include "stream/record.h"

#include <stdint.h>

enum { CHANNELS_MAX = 3 };

/* A grey picture counts as one whose three channels are equal, as it does for a network of colour
 * pictures. */
struct channels {
    uint64_t pictures, grey; /* grey: among the pictures */
    uint64_t pixels;
    uint64_t sums[CHANNELS_MAX], squares[CHANNELS_MAX];
};

/* Zero-initialise (= {0}) to start. Pixels u8 with their 1 or 3 channels beside each other. */
void channels_add(struct channels *channels, const unsigned char *pixels, size_t count,
                  int channel_count);
/* The pixels of a tensor record, u8 [height][width][channels] or [channels][height][width]; others
 * are passed over. Returns whether it was one. */
int channels_add_record(struct channels *channels, const struct record *record);
/* 1 where all pictures are grey, else CHANNELS_MAX; 0 where there are none. */
int channels_count(const struct channels *channels);
double channels_mean(const struct channels *channels, int channel);
/* Of all pixels, not an estimate from some: divided by their number. */
double channels_deviation(const struct channels *channels, int channel);

#endif
