#include "nn/train/data/feed.h"

#include "base/random.h"

#include <stdlib.h>
#include <string.h>

struct feed {
    const struct dataset *dataset;
    struct feed_options options;
    uint64_t epoch;
    size_t *order;   /* NULL: as they are */
    float **scratch; /* per worker: a picture before it is changed */
};

enum status feed_new(const struct dataset *dataset, const struct feed_options *options,
                     struct feed **result, struct error *err)
{
    struct dims dims = dataset_dims(dataset);
    size_t size = (size_t)dims.channels * (size_t)(dims.height ? dims.height * dims.width : 1);
    struct feed *feed = memory_array(1, sizeof *feed);
    if (!feed)
        return error_memory(err);
    feed->dataset = dataset;
    feed->options = *options;
    feed->scratch = memory_array((size_t)options->workers, sizeof *feed->scratch);
    if (options->shuffle)
        feed->order = memory_array(dataset_count(dataset), sizeof *feed->order);
    for (int i = 0; feed->scratch && i < options->workers; i++)
        if (!(feed->scratch[i] = memory_array(size, sizeof(float))))
            break;
    if (!feed->scratch || (options->shuffle && !feed->order) ||
        !feed->scratch[options->workers - 1]) {
        feed_free(feed);
        return error_memory(err);
    }
    feed_epoch(feed, 0);
    *result = feed;
    return STATUS_OK;
}

/* Fisher & Yates. */
void feed_epoch(struct feed *feed, uint64_t epoch)
{
    struct random random;
    feed->epoch = epoch;
    if (!feed->order)
        return;
    random_seed(&random, random_mix(feed->options.seed) + epoch);
    for (size_t i = 0; i < dataset_count(feed->dataset); i++) {
        size_t k = (size_t)random_below(&random, i + 1);
        feed->order[i] = feed->order[k];
        feed->order[k] = i;
    }
}

/* What becomes of one picture. */
struct change {
    int flip, turns; /* quarter turns */
    int down, right;
};

static struct change draw_change(const struct feed *feed, size_t sample)
{
    const struct feed_options *options = &feed->options;
    struct dims dims = dataset_dims(feed->dataset);
    struct change change = {0};
    struct random random;
    random_seed(&random, random_mix(random_mix(options->seed + 1) + feed->epoch) + sample);
    if (options->flip)
        change.flip = (int)random_below(&random, 2);
    if (options->shift > 0) {
        uint64_t places = 2 * (uint64_t)options->shift + 1;
        change.down = (int)random_below(&random, places) - options->shift;
        change.right = (int)random_below(&random, places) - options->shift;
    }
    if (options->turn)
        change.turns = dims.height == dims.width ? (int)random_below(&random, 4)
                                                 : 2 * (int)random_below(&random, 2);
    return change;
}

/* Where the pixel (y, x) of the changed picture comes from: it was turned, mirrored and moved, in
 * this order. */
static void origin(const struct change *change, struct dims dims, int *y, int *x)
{
    int up = *y - change->down, left = (change->flip ? dims.width - 1 - *x : *x) - change->right;
    switch (change->turns) {
    case 1:
        *y = left, *x = dims.height - 1 - up;
        break;
    case 2:
        *y = dims.height - 1 - up, *x = dims.width - 1 - left;
        break;
    case 3:
        *y = dims.width - 1 - left, *x = up;
        break;
    default:
        *y = up, *x = left;
    }
}

static void apply_change(const struct feed *feed, size_t sample, const float *from, float *to)
{
    struct change change = draw_change(feed, sample);
    struct dims dims = dataset_dims(feed->dataset);
    size_t pixel = (size_t)dims.channels;
    for (int row = 0; row < dims.height; row++)
        for (int column = 0; column < dims.width; column++, to += pixel) {
            int y = row, x = column;
            origin(&change, dims, &y, &x);
            if (y < 0 || y >= dims.height || x < 0 || x >= dims.width)
                memset(to, 0, pixel * sizeof *to);
            else
                memcpy(to, from + ((size_t)y * (size_t)dims.width + (size_t)x) * pixel,
                       pixel * sizeof *to);
        }
}

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    struct feed *feed = context;
    size_t sample = feed->order ? feed->order[position] : position;
    int changed = (feed->options.flip || feed->options.shift || feed->options.turn) &&
                  dataset_dims(feed->dataset).height > 0;
    enum status status =
        dataset_fetch(feed->dataset, worker, sample, changed ? feed->scratch[worker] : pixels, err);
    memset(target, 0, feed->options.classes * sizeof *target);
    target[dataset_class(feed->dataset, sample)] = 1;
    if (status == STATUS_OK && changed)
        apply_change(feed, sample, feed->scratch[worker], pixels);
    return status;
}

struct batch_source feed_source(struct feed *feed)
{
    return (struct batch_source){load, feed};
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    for (int i = 0; feed->scratch && i < feed->options.workers; i++)
        free(feed->scratch[i]);
    free(feed->scratch);
    free(feed->order);
    free(feed);
}
