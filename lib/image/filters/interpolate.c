#include "image/filters/interpolate.h"

#include "image/kernels.h"

static int held(int at, int count)
{
    return at < 0 ? 0 : at < count ? at : count - 1;
}

/* Beyond an edge there is only the pixel at the edge. Of columns it is then taken alone (`alone`);
 * of rows it is taken twice, which OpenCV's rounding tells from once. */
static enum status prepare(const struct interpolation *way, struct resize_axis *axis,
                           const struct resize_axis *wanted, int alone, struct error *err)
{
    int filled;
    enum status status = resize_axis_room(axis, wanted, way->weight, &filled, err);
    if (status != STATUS_OK || filled)
        return status;
    for (int i = 0; i < axis->count; i++) {
        float share;
        int start = way->place(axis->filter, axis->from, axis->to, axis->first + i, &share);
        if (alone && (start < 0 || start >= axis->from - 1)) {
            start = held(start, axis->from);
            share = 0;
        }
        ((int *)axis->starts.data)[i] = start;
        way->weigh(share, axis->weights.data + (size_t)i * way->weight);
    }
    return STATUS_OK;
}

/* Rows on their way: neighbours have different places. */
struct rows {
    const struct interpolation *way;
    const struct resize_axis *across;
    const struct picture *from;
    unsigned char *places[2];
    int kept[2];
};

static const void *row_at(struct rows *rows, int y)
{
    int place;
    y = held(y, rows->from->height);
    place = y & 1;
    if (rows->kept[place] != y) {
        int first = ((const int *)rows->across->starts.data)[0];
        rows->way->row(rows->across, picture_at(rows->from, first, y), rows->from->channels,
                       rows->places[place]);
        rows->kept[place] = y;
    }
    return rows->places[place];
}

enum status interpolate(const struct interpolation *way, struct resizer *resizer,
                        const struct picture *from, enum recipe_filter filter, int width,
                        int height, const struct window *window, void *to, struct error *err)
{
    struct resize_axis *across = &resizer->horizontal, *down = &resizer->vertical;
    const struct resize_axis columns = {.filter = filter,
                                        .from = from->width,
                                        .to = width,
                                        .first = window->x,
                                        .count = window->width,
                                        .taps = 1};
    const struct resize_axis lines = {.filter = filter,
                                      .from = from->height,
                                      .to = height,
                                      .first = window->y,
                                      .count = window->height,
                                      .taps = 1};
    size_t count = (size_t)window->width * (size_t)from->channels;
    size_t row = (count * way->number + PIXELS_SLACK + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT *
                 MEMORY_ALIGNMENT;
    struct rows rows = {.way = way, .across = across, .from = from, .kept = {-1, -1}};
    unsigned char *result = to;
    enum status status = prepare(way, across, &columns, 1, err);
    if (status == STATUS_OK)
        status = prepare(way, down, &lines, 0, err);
    if (status == STATUS_OK)
        status = buffer_room(&resizer->middle, 2 * row, err);
    if (status != STATUS_OK)
        return status;
    rows.places[0] = resizer->middle.data;
    rows.places[1] = rows.places[0] + row;
    for (int y = 0; y < window->height; y++, result += count * way->result) {
        int start = ((const int *)down->starts.data)[y];
        const void *above = row_at(&rows, start), *below = row_at(&rows, start + 1);
        way->mix(above, below, down->weights.data + (size_t)y * way->weight, count, result);
    }
    return STATUS_OK;
}

void interpolate_reach(const struct interpolation *way, enum recipe_filter filter, int from, int to,
                       int first, int count, int *begin, int *end)
{
    float share;
    *begin = held(way->place(filter, from, to, first, &share), from);
    *end = held(way->place(filter, from, to, first + count - 1, &share) + 1, from) + 1;
}
