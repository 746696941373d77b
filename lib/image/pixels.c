#include "image/pixels.h"

#include "image/kernels.h"

#include <string.h>

void pixels_grey(struct picture *picture)
{
    size_t count = (size_t)picture->part.width * (size_t)picture->part.height;
    if (picture->channels == 1)
        return;
    image_kernels_best()->luma(picture->pixels.data, count, picture->pixels.data);
    picture->channels = 1;
    picture->pixels.size = count;
}

void pixels_fill(void *to, size_t count, const struct recipe *recipe, size_t element)
{
    int channels = recipe_channels(recipe);
    unsigned char *bytes = to;
    float *values = to;
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < channels; c++)
            if (element == 1)
                *bytes++ = recipe->pad[c];
            else
                *values++ = recipe->pad[c];
}

void pixels_repeat(const void *from, int channels, size_t count, const struct recipe *recipe,
                   size_t element, void *to)
{
    size_t copies = (size_t)recipe_channels(recipe) / (size_t)channels;
    const unsigned char *in = from;
    unsigned char *out = to;
    if (copies == 1) {
        memcpy(to, from, count * (size_t)channels * element);
        return;
    }
    for (size_t i = 0; i < count; i++, in += element)
        for (size_t c = 0; c < copies; c++, out += element)
            memcpy(out, in, element);
}

/* Where channel c of the result comes from and goes to: from[i * channels + source] and to[i * step
 * + start]. */
struct route {
    size_t source, start, step;
};

static struct route route(int channels, size_t count, const struct recipe *recipe, int c)
{
    size_t outputs = (size_t)recipe_channels(recipe);
    struct route way = {(size_t)c, (size_t)c, outputs};
    if (channels == 1)
        way.source = 0;
    else if (recipe->colour == COLOUR_BGR)
        way.source = 2 - (size_t)c;
    if (recipe->layout == LAYOUT_CHW) {
        way.start = (size_t)c * count;
        way.step = 1;
    }
    return way;
}

void pixels_arrange_u8(const unsigned char *from, int channels, size_t count,
                       const struct recipe *recipe, unsigned char *to)
{
    const struct image_kernels *kernels = image_kernels_best();
    int blue_first = recipe->colour == COLOUR_BGR;
    if (channels == 3 && recipe->layout == LAYOUT_CHW) {
        kernels->planes(from, count, to + (blue_first ? 2 * count : 0), to + count,
                        to + (blue_first ? 0 : 2 * count));
        return;
    }
    if (channels == 3 && blue_first) {
        kernels->reverse(from, count, to);
        return;
    }
    for (int c = 0; c < recipe_channels(recipe); c++) {
        struct route way = route(channels, count, recipe, c);
        for (size_t i = 0; i < count; i++)
            to[i * way.step + way.start] = from[i * (size_t)channels + way.source];
    }
}

void pixels_arrange_f32(const unsigned char *from, int channels, size_t count,
                        const struct recipe *recipe, const float (*values)[256], float *to)
{
    for (int c = 0; c < recipe_channels(recipe); c++) {
        struct route way = route(channels, count, recipe, c);
        for (size_t i = 0; i < count; i++)
            to[i * way.step + way.start] = values[c][from[i * (size_t)channels + way.source]];
    }
}

void pixels_arrange_fractions(const float *from, int channels, size_t count,
                              const struct recipe *recipe, float *to)
{
    for (int c = 0; c < recipe_channels(recipe); c++) {
        struct route way = route(channels, count, recipe, c);
        for (size_t i = 0; i < count; i++)
            to[i * way.step + way.start] =
                recipe_value(recipe, c, from[i * (size_t)channels + way.source]);
    }
}

/* The nearest pixel. */
static unsigned char pixel_of(double level)
{
    level += 0.5;
    return level >= 255 ? 255 : level >= 0 ? (unsigned char)level : 0;
}

void pixels_arrange_values(const float *from, size_t count, const struct recipe *recipe, void *to)
{
    size_t channels = (size_t)recipe_channels(recipe);
    int planes = recipe->layout == LAYOUT_CHW;
    for (size_t c = 0; c < channels; c++) {
        size_t start = planes ? c * count : c, step = planes ? 1 : channels;
        const float *value = from + c;
        /* value = (pixel * scale - mean) / std, the other way round */
        double slope = (double)recipe->std[c] / (double)recipe->scale;
        double middle = (double)recipe->mean[c] / (double)recipe->scale;
        if (recipe->type == TYPE_F32)
            for (size_t i = 0; i < count; i++, value += channels)
                ((float *)to)[i * step + start] = *value;
        else
            for (size_t i = 0; i < count; i++, value += channels)
                ((unsigned char *)to)[i * step + start] = pixel_of((double)*value * slope + middle);
    }
}
