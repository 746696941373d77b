#include "stats/channels.h"

#include <math.h>

/* One channel of a picture, whose values stand `stride` bytes apart. */
static void add_channel(struct channels *channels, int channel, const unsigned char *values,
                        size_t count, size_t stride)
{
    uint64_t sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t value = values[i * stride];
        sum += value;
        squares += value * value;
    }
    channels->sums[channel] += sum;
    channels->squares[channel] += squares;
}

static void add_picture(struct channels *channels, const unsigned char *values, size_t count,
                        int channel_count, size_t stride, size_t step)
{
    for (int i = 0; i < CHANNELS_MAX; i++)
        add_channel(channels, i, values + (channel_count == 1 ? 0 : (size_t)i * step), count,
                    stride);
    channels->pictures++;
    channels->grey += channel_count == 1;
    channels->pixels += count;
}

void channels_add(struct channels *channels, const unsigned char *pixels, size_t count,
                  int channel_count)
{
    add_picture(channels, pixels, count, channel_count, (size_t)channel_count, 1);
}

static int is_channels(int64_t dimension)
{
    return dimension == 1 || dimension == CHANNELS_MAX;
}

int channels_add_record(struct channels *channels, const struct record *record)
{
    const struct shape *shape = &record->shape;
    const unsigned char *values = record->payload.data;
    int last = shape->rank == 3 && is_channels(shape->dim[2]);
    int channel_count;
    size_t count;
    if (record->kind != RECORD_TENSOR || record->type != ELEMENT_U8 || shape->rank != 3 ||
        !(last || is_channels(shape->dim[0])))
        return 0;
    channel_count = (int)(last ? shape->dim[2] : shape->dim[0]);
    count = record->payload.size / (size_t)channel_count;
    if (last)
        channels_add(channels, values, count, channel_count);
    else
        add_picture(channels, values, count, channel_count, 1, count);
    return 1;
}

int channels_count(const struct channels *channels)
{
    return channels->pixels == 0 ? 0 : channels->grey == channels->pictures ? 1 : CHANNELS_MAX;
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
