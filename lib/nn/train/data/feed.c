#include "nn/train/data/feed.h"

#include "base/random.h"

#include <stdlib.h>
#include <string.h>

struct feed {
    const struct dataset *dataset;
    struct feed_options options;
    uint64_t epoch;
    size_t *order;   /* NULL: as they are */
    float **scratch; /* per worker: a picture before it is changed; NULL: none is */
};

static enum status new_scratch(struct feed *feed, struct error *err)
{
    struct dims dims = dataset_dims(feed->dataset);
    size_t size = (size_t)dims.channels * (size_t)(dims.height ? dims.height * dims.width : 1);
    feed->scratch = memory_array((size_t)feed->options.workers, sizeof *feed->scratch);
    for (int i = 0; feed->scratch && i < feed->options.workers; i++)
        if (!(feed->scratch[i] = memory_array(size, sizeof(float))))
            return error_memory(err);
    return feed->scratch ? STATUS_OK : error_memory(err);
}

enum status feed_new(const struct dataset *dataset, const struct feed_options *options,
                     struct feed **result, struct error *err)
{
    struct feed *feed = memory_array(1, sizeof *feed);
    enum status status = STATUS_OK;
    if (!feed)
        return error_memory(err);
    feed->dataset = dataset;
    feed->options = *options;
    if (options->shuffle &&
        !(feed->order = memory_array(dataset_count(dataset), sizeof *feed->order)))
        status = error_memory(err);
    if (status == STATUS_OK && options->change)
        status = new_scratch(feed, err);
    if (status != STATUS_OK) {
        feed_free(feed);
        return status;
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

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    struct feed *feed = context;
    const struct feed_options *options = &feed->options;
    size_t sample = feed->order ? feed->order[position] : position;
    float *fetched = options->change ? feed->scratch[worker] : pixels;
    enum status status = dataset_fetch(feed->dataset, worker, sample, fetched, err);
    memset(target, 0, options->classes * sizeof *target);
    target[dataset_class(feed->dataset, sample)] = 1;
    if (status == STATUS_OK && options->change)
        options->change(options->context,
                        random_mix(random_mix(options->seed + 1) + feed->epoch) + sample, fetched,
                        pixels);
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
