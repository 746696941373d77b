#include "stats/channels.h"

#include <math.h>

static void add_channel(struct channels *channels, int channel, const struct pixels *pixels)
{
    uint64_t sum = 0, squares = 0;
    for (int64_t y = 0; y < pixels->height; y++) {
        const unsigned char *row = pixels->values + y * pixels->row;
        if (pixels->channels == PIXELS_CHANNELS)
            row += channel * pixels->channel;
        for (int64_t x = 0; x < pixels->width; x++) {
            uint32_t value = row[x * pixels->column];
            sum += value;
            squares += value * value;
        }
    }
    channels->sums[channel] += sum;
    channels->squares[channel] += squares;
}

void channels_add(struct channels *channels, const struct pixels *pixels)
{
    for (int i = 0; i < PIXELS_CHANNELS; i++)
        add_channel(channels, i, pixels);
    channels->pictures++;
    channels->grey += pixels->channels == 1;
    channels->pixels += (uint64_t)(pixels->width * pixels->height);
}

int channels_count(const struct channels *channels)
{
    return channels->pixels == 0 ? 0 : channels->grey == channels->pictures ? 1 : PIXELS_CHANNELS;
}

double channels_mean(const struct channels *channels, int channel)
{
    return (double)channels->sums[channel] / (double)channels->pixels;
}

double channels_deviation(const struct channels *channels, int channel)
{
    double mean = channels_mean(channels, channel);
    return sqrt(
        fmax((double)channels->squares[channel] / (double)channels->pixels - mean * mean, 0));
}
