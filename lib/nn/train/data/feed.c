#include "nn/train/data/feed.h"

#include "base/random.h"
#include "nn/train/data/mix.h"

#include <stdlib.h>

struct feed {
    const struct dataset *dataset;
    struct feed_options options;
    uint64_t epoch;
    size_t *order;   /* NULL: as they are */
    float **scratch; /* per worker: a picture before it is changed; NULL: none is */
    float **other;   /* per worker: the picture to mix with, and its target; NULL: none is */
};

static void free_scratch(const struct feed *feed, float **scratch)
{
    for (int i = 0; scratch && i < feed->options.workers; i++)
        free(scratch[i]);
    free(scratch);
}

static size_t picture_size(struct dims dims)
{
    return (size_t)dims.channels * (dims.height ? (size_t)dims.height * (size_t)dims.width : 1);
}

/* So many floats for each worker. */
static float **new_scratch(const struct feed *feed, size_t size, struct error *err)
{
    float **scratch = memory_array((size_t)feed->options.workers, sizeof *scratch);
    for (int i = 0; scratch && i < feed->options.workers; i++)
        if (!(scratch[i] = memory_array(size, sizeof(float)))) {
            free_scratch(feed, scratch);
            scratch = NULL;
        }
    if (!scratch)
        error_memory(err);
    return scratch;
}

static int mixes(const struct feed *feed)
{
    return feed->options.mixup > 0 || feed->options.cutmix > 0;
}

static enum status allocate(struct feed *feed, struct error *err)
{
    const struct feed_options *options = &feed->options;
    if (options->shuffle &&
        !(feed->order = memory_array(dataset_count(feed->dataset), sizeof *feed->order)))
        return error_memory(err);
    if (options->change &&
        !(feed->scratch = new_scratch(feed, picture_size(dataset_dims(feed->dataset)), err)))
        return STATUS_SYSTEM;
    if (mixes(feed) &&
        !(feed->other = new_scratch(feed, picture_size(options->dims) + options->classes, err)))
        return STATUS_SYSTEM;
    return STATUS_OK;
}

enum status feed_new(const struct dataset *dataset, const struct feed_options *options,
                     struct feed **result, struct error *err)
{
    struct feed *feed = memory_array(1, sizeof *feed);
    if (!feed)
        return error_memory(err);
    feed->dataset = dataset;
    feed->options = *options;
    if (allocate(feed, err) != STATUS_OK) {
        feed_free(feed);
        return STATUS_SYSTEM;
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

/* Random numbers for one purpose, of this sample in this epoch. */
static uint64_t sample_seed(const struct feed *feed, size_t sample, uint64_t purpose)
{
    return random_mix(random_mix(feed->options.seed + purpose) + feed->epoch) + sample;
}

static enum status load_sample(const struct feed *feed, int worker, size_t sample, float *pixels,
                               float *target, struct error *err)
{
    const struct feed_options *options = &feed->options;
    float *fetched = options->change ? feed->scratch[worker] : pixels;
    enum status status = dataset_fetch(feed->dataset, worker, sample, fetched, err);
    dataset_target(feed->dataset, sample, target);
    if (status == STATUS_OK && options->change)
        options->change(options->context, sample_seed(feed, sample, 1), fetched, pixels);
    return status;
}

static enum status mix_in(const struct feed *feed, int worker, size_t sample, float *pixels,
                          float *target, struct error *err)
{
    const struct feed_options *options = &feed->options;
    float *other = feed->other[worker], *other_target = other + picture_size(options->dims);
    struct random random;
    struct mix mix;
    size_t with;
    enum status status;
    random_seed(&random, sample_seed(feed, sample, 2));
    with = (size_t)random_below(&random, dataset_count(feed->dataset));
    mix_draw(options->mixup, options->cutmix, options->dims, &random, &mix);
    status = load_sample(feed, worker, with, other, other_target, err);
    if (status != STATUS_OK)
        return status;
    mix_pixels(&mix, options->dims, pixels, other);
    mix_targets(&mix, options->classes, target, other_target);
    return STATUS_OK;
}

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    const struct feed *feed = context;
    size_t sample = feed->order ? feed->order[position] : position;
    enum status status = load_sample(feed, worker, sample, pixels, target, err);
    if (status == STATUS_OK && mixes(feed))
        status = mix_in(feed, worker, sample, pixels, target, err);
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
    free_scratch(feed, feed->scratch);
    free_scratch(feed, feed->other);
    free(feed->order);
    free(feed);
}
