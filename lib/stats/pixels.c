#include "stats/pixels.h"

struct pixels pixels_of(const unsigned char *values, int64_t width, int64_t height, int channels)
{
    return (struct pixels){values,   width, height, channels, (ptrdiff_t)width * channels,
                           channels, 1};
}

static int is_channels(int64_t dimension)
{
    return dimension == 1 || dimension == PIXELS_CHANNELS;
}

int pixels_of_record(const struct record *record, struct pixels *pixels)
{
    const int64_t *dim = record->shape.dim;
    if (record->kind != RECORD_TENSOR || record->type != ELEMENT_U8 || record->shape.rank != 3)
        return 0;
    if (is_channels(dim[2])) {
        *pixels = pixels_of(record->payload.data, dim[1], dim[0], (int)dim[2]);
        return 1;
    }
    if (!is_channels(dim[0]))
        return 0;
    *pixels = pixels_of(record->payload.data, dim[2], dim[1], 1);
    pixels->channels = (int)dim[0];
    pixels->channel = (ptrdiff_t)(dim[1] * dim[2]);
    return 1;
}

void pixels_reverse(struct pixels *pixels)
{
    pixels->values += (pixels->channels - 1) * pixels->channel;
    pixels->channel = -pixels->channel;
}
