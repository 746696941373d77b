#include "image/augment/augment_internal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Turning, rotating, mirroring and taking a window are one affine map, from a place in the picture
 * that comes out to the place in the picture that goes in. Without rotation and resizing it takes
 * pixels to pixels, and they are copied. */
struct map {
    double y, x;             /* where the pixel (0, 0) comes from, in pixels */
    double down_y, down_x;   /* one row further down */
    double right_y, right_x; /* one column further right */
};

struct picture_size {
    int channels, height, width;
};

static struct map make_map(const struct augment *augment, const struct augment_change *change)
{
    static const double cosines[] = {1, 0, -1, 0}, sines[] = {0, 1, 0, -1}; /* of right angles */
    const double degree = 0.017453292519943295;
    double cosine = cos(change->angle * degree), sine = sin(change->angle * degree);
    double c = cosines[change->turns] * cosine - sines[change->turns] * sine;
    double s = sines[change->turns] * cosine + cosines[change->turns] * sine;
    double middle_y = augment->height / 2.0, middle_x = augment->width / 2.0;
    double step_y, step_x, y, x, mirror = change->flip ? -1 : 1;
    int height, width;
    struct map map;
    augment_size(augment, &height, &width);
    step_y = (double)change->window_height / height;
    step_x = (double)change->window_width / width;
    /* The centre of the pixel (0, 0), in the picture turned, seen from its middle. */
    y = change->top + step_y / 2 - middle_y;
    x = mirror * (change->left + step_x / 2 - middle_x);
    map.y = middle_y + s * x + c * y - 0.5;
    map.x = middle_x + c * x - s * y - 0.5;
    map.down_y = c * step_y;
    map.down_x = -s * step_y;
    map.right_y = s * mirror * step_x;
    map.right_x = c * mirror * step_x;
    return map;
}

/* Narrows low..high - 1 to the columns i with 0 <= start + i * step < size; step is -1, 0 or 1. */
static void clip(int start, int step, int size, int *low, int *high)
{
    int first = step > 0 ? -start : step < 0 ? start - size + 1 : *low;
    int end = step > 0 ? size - start : step < 0 ? start + 1 : *high;
    if (step == 0 && (start < 0 || start >= size))
        end = first;
    *low = first > *low ? first : *low;
    *high = end < *high ? end : *high;
    if (*high < *low)
        *high = *low;
}

static void copy_row(const struct picture_size *in, const struct map *map, int row, int columns,
                     const float *from, float *to)
{
    int y = (int)(map->y + row * map->down_y), x = (int)(map->x + row * map->down_x);
    int step_y = (int)map->right_y, step_x = (int)map->right_x, low = 0, high = columns;
    size_t channels = (size_t)in->channels;
    ptrdiff_t step = (ptrdiff_t)(step_y * in->width + step_x) * in->channels;
    clip(y, step_y, in->height, &low, &high);
    clip(x, step_x, in->width, &low, &high);
    memset(to, 0, (size_t)low * channels * sizeof *to);
    memset(to + (size_t)high * channels, 0, (size_t)(columns - high) * channels * sizeof *to);
    if (low == high)
        return;
    to += (size_t)low * channels;
    from += ((ptrdiff_t)(y + low * step_y) * in->width + x + low * step_x) * in->channels;
    if (step == in->channels) {
        memcpy(to, from, (size_t)(high - low) * channels * sizeof *to);
        return;
    }
    for (int i = low; i < high; i++, from += step, to += channels)
        for (size_t c = 0; c < channels; c++)
            to[c] = from[c];
}

/* Bilinear: the mean of the four pixels around, by how near they are. */
struct taps {
    const float *from[4];
    float weight[4];
};

/* The pixel at y, x; outside all are 0. */
static const float *pixel_at(const struct picture_size *in, const float *from, int y, int x,
                             float *weight)
{
    if (y < 0 || y >= in->height || x < 0 || x >= in->width) {
        *weight = 0;
        return from;
    }
    return from + ((size_t)y * (size_t)in->width + (size_t)x) * (size_t)in->channels;
}

static void find_taps(const struct picture_size *in, const float *from, double y, double x,
                      struct taps *taps)
{
    int top = (int)(y + 1) - 1, left = (int)(x + 1) - 1; /* the floor, from -1 on */
    float low = (float)(y - top), right = (float)(x - left);
    size_t row = (size_t)in->width * (size_t)in->channels;
    taps->weight[0] = (1 - low) * (1 - right);
    taps->weight[1] = (1 - low) * right;
    taps->weight[2] = low * (1 - right);
    taps->weight[3] = low * right;
    if (top >= 0 && left >= 0 && top + 1 < in->height && left + 1 < in->width) {
        taps->from[0] =
            from + ((size_t)top * (size_t)in->width + (size_t)left) * (size_t)in->channels;
        taps->from[1] = taps->from[0] + in->channels;
        taps->from[2] = taps->from[0] + row;
        taps->from[3] = taps->from[2] + in->channels;
        return;
    }
    for (int i = 0; i < 4; i++)
        taps->from[i] = pixel_at(in, from, top + i / 2, left + i % 2, &taps->weight[i]);
}

/* Resized windows reach half a pixel beyond the middle of the outermost pixels, which go on there;
 * the corners of a rotated picture come from outside. */
static void sample_row(const struct picture_size *in, const struct map *map, int row, int columns,
                       int rotated, const float *from, float *to)
{
    for (int column = 0; column < columns; column++, to += in->channels) {
        double y = map->y + row * map->down_y + column * map->right_y;
        double x = map->x + row * map->down_x + column * map->right_x;
        struct taps taps;
        if (!rotated) {
            y = fmin(fmax(y, 0), in->height - 1);
            x = fmin(fmax(x, 0), in->width - 1);
        } else if (y <= -1 || y >= in->height || x <= -1 || x >= in->width) {
            memset(to, 0, (size_t)in->channels * sizeof *to);
            continue;
        }
        find_taps(in, from, y, x, &taps);
        for (int c = 0; c < in->channels; c++)
            to[c] = taps.weight[0] * taps.from[0][c] + taps.weight[1] * taps.from[1][c] +
                    taps.weight[2] * taps.from[2][c] + taps.weight[3] * taps.from[3][c];
    }
}

void augment_place(const struct augment *augment, const struct augment_change *change,
                   const float *from, float *to)
{
    struct picture_size in = {augment->channels, augment->height, augment->width};
    struct map map = make_map(augment, change);
    int height, width, copies;
    augment_size(augment, &height, &width);
    copies = change->angle == 0 && change->window_height == height && change->window_width == width;
    for (int row = 0; row < height; row++, to += (size_t)width * (size_t)in.channels)
        if (copies)
            copy_row(&in, &map, row, width, from, to);
        else
            sample_row(&in, &map, row, width, change->angle != 0, from, to);
}
