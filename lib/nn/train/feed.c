#include "nn/train/feed.h"

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

/* Mirrored and moved copy. */
static void change(const struct feed *feed, size_t sample, const float *from, float *to)
{
    struct dims dims = dataset_dims(feed->dataset);
    int shift = feed->options.shift, flip = 0, down = 0, right = 0;
    size_t pixel = (size_t)dims.channels;
    struct random random;
    random_seed(&random, random_mix(random_mix(feed->options.seed + 1) + feed->epoch) + sample);
    if (feed->options.flip)
        flip = (int)random_below(&random, 2);
    if (shift > 0) {
        down = (int)random_below(&random, (uint64_t)(2 * shift + 1)) - shift;
        right = (int)random_below(&random, (uint64_t)(2 * shift + 1)) - shift;
    }
    for (int y = 0; y < dims.height; y++)
        for (int x = 0; x < dims.width; x++, to += pixel) {
            int fy = y - down, fx = (flip ? dims.width - 1 - x : x) - right;
            if (fy < 0 || fy >= dims.height || fx < 0 || fx >= dims.width)
                memset(to, 0, pixel * sizeof *to);
            else
                memcpy(to, from + ((size_t)fy * (size_t)dims.width + (size_t)fx) * pixel,
                       pixel * sizeof *to);
        }
}

static enum status load(void *context, int worker, size_t position, float *pixels, int *label,
                        struct error *err)
{
    struct feed *feed = context;
    size_t sample = feed->order ? feed->order[position] : position;
    int changed =
        (feed->options.flip || feed->options.shift) && dataset_dims(feed->dataset).height > 0;
    enum status status =
        dataset_fetch(feed->dataset, worker, sample, changed ? feed->scratch[worker] : pixels, err);
    *label = dataset_class(feed->dataset, sample);
    if (status == STATUS_OK && changed)
        change(feed, sample, feed->scratch[worker], pixels);
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
