/* TensorFlow's bilinear with half-pixel centres, without antialiasing (tf.image.resize of version
 * 2, which Keras uses): the arithmetic of its resize_bilinear_op.cc in f32, whose fractions are not
 * rounded. */
#include "image/filters/interpolate.h"

#include "base/isa.h"

#include <math.h>

static int place(enum recipe_filter filter, int from, int to, int output, float *share)
{
    float scale = (float)from / (float)to, at = ((float)output + 0.5F) * scale - 0.5F;
    float first = floorf(at);
    (void)filter;
    *share = at - first;
    return (int)first;
}

static void weigh(float share, void *weights)
{
    *(float *)weights = share;
}

/* Called with constant channels, whose loops the compiler then writes out. */
INLINE void row_of(const struct resize_axis *across, const unsigned char *from, int channels,
                   float *to)
{
    const int *starts = (const int *)across->starts.data;
    const float *shares = (const float *)across->weights.data;
    for (int x = 0; x < across->count; x++, to += channels) {
        const unsigned char *pixel = from + (ptrdiff_t)(starts[x] - starts[0]) * channels;
        UNROLL
        for (int c = 0; c < channels; c++)
            to[c] = (float)pixel[c] + (float)(pixel[channels + c] - pixel[c]) * shares[x];
    }
}

static void row(const struct resize_axis *across, const unsigned char *from, int channels, void *to)
{
    if (channels == 1)
        row_of(across, from, 1, to);
    else
        row_of(across, from, 3, to);
}

static void mix(const void *above, const void *below, const void *weights, size_t count, void *to)
{
    const float *top = above, *bottom = below, share = *(const float *)weights;
    float *result = to;
    for (size_t i = 0; i < count; i++)
        result[i] = top[i] + (bottom[i] - top[i]) * share;
}

static const struct interpolation bilinear = {place,         weigh, sizeof(float), row,
                                              sizeof(float), mix,   sizeof(float)};

enum status resize_fractions(struct resizer *resizer, const struct picture *from,
                             enum recipe_filter filter, int width, int height,
                             const struct window *window, float *to, struct error *err)
{
    return interpolate(&bilinear, resizer, from, filter, width, height, window, to, err);
}

void resize_tf_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                     int *end)
{
    interpolate_reach(&bilinear, filter, from, to, first, count, begin, end);
}
