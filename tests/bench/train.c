/* Our side of tests/bench/train: learns from random pictures in memory, as tests/bench/train.py
 * asks line by line on standard input:
 *
 *   train NETWORK.net THREADS BATCH DIM1 DIM2 DIM3
 *
 *   N         N steps; the answer is the seconds they took and the seconds of processor time
 *   profile   10 steps, one thread; a line for each layer and phase with its milliseconds of
 * processor time per step, then an empty line
 *
 * The network has 10 classes; a step is SGD with momentum on BATCH pictures. */
#include "base/io.h"
#include "base/pool.h"
#include "base/progress.h"
#include "nn/netfile/netfile.h"
#include "nn/train/train_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { CLASSES = 10, PROFILED = 10 };

struct pictures {
    size_t size;
    float *pixels;
};

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    struct pictures *pictures = context;
    (void)worker, (void)err;
    memcpy(pixels, pictures->pixels + position * pictures->size, pictures->size * sizeof *pixels);
    memset(target, 0, CLASSES * sizeof *target);
    target[position % CLASSES] = 1;
    return STATUS_OK;
}

static double processor_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* Of this thread alone, so that what else the machine does counts for little. */
static double thread_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The learning program, step by step on this thread. */
static void profile(struct trainer *trainer)
{
    const struct program *program = &trainer->learn;
    double *seconds = calloc(program->step_count + 1, sizeof *seconds);
    if (!seconds)
        return;
    for (int i = 0; i < PROFILED; i++)
        for (size_t r = 0; r < program->region_count; r++) {
            const struct region *region = &program->regions[r];
            for (int job = 0; job < region->jobs; job++)
                for (size_t s = region->first; s < region->first + region->count; s++) {
                    double start = thread_seconds();
                    program->steps[s].run(program->steps[s].layer, job, 0);
                    seconds[s] += thread_seconds() - start;
                }
        }
    for (size_t r = 0; r < program->region_count; r++)
        for (size_t s = program->regions[r].first;
             s < program->regions[r].first + program->regions[r].count; s++) {
            const struct layer *layer = program->steps[s].layer;
            printf("%8.3f  region %zu  %s %s %dx%dx%d\n", 1e3 * seconds[s] / PROFILED, r,
                   layer->op->op_type, layer->name, layer->out->dims.channels,
                   layer->out->dims.height, layer->out->dims.width);
        }
    free(seconds);
}

static enum status steps(struct trainer *trainer, struct pictures *pictures, int batch, int count,
                         struct error *err)
{
    struct batch_source source = {load, pictures};
    struct batch_result result;
    for (int i = 0; i < count; i++)
        TRY(trainer_step(trainer, &source, 0, (size_t)batch, 0.01f, &result, err));
    return STATUS_OK;
}

static enum status answer(struct trainer *trainer, struct pictures *pictures, int batch,
                          struct error *err)
{
    char line[32];
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "profile\n") == 0) {
            TRY(steps(trainer, pictures, batch, 3, err));
            profile(trainer);
            puts("");
        } else {
            double start = progress_now(), used = processor_seconds();
            TRY(steps(trainer, pictures, batch, atoi(line), err));
            printf("%.6f %.6f\n", progress_now() - start, processor_seconds() - used);
        }
        fflush(stdout);
    }
    return STATUS_OK;
}

static enum status make(char **argv, struct pictures *pictures, struct pool **pool,
                        struct model **model, struct trainer **trainer, struct error *err)
{
    struct netfile_options options = {
        .input = {atoi(argv[4]), atoi(argv[5]), atoi(argv[6])}, .classes = CLASSES, .seed = 1};
    struct trainer_options training = {.batch = atoi(argv[3]),
                                       .optimiser = {.momentum = 0.9f, .weight_decay = 1e-4f}};
    struct random random;
    size_t count, size;
    char *text;
    pictures->size = (size_t)(options.input.channels * options.input.height * options.input.width);
    count = pictures->size * (size_t)training.batch;
    pictures->pixels = memory_array(count, sizeof(float));
    if (!pictures->pixels)
        return error_memory(err);
    random_seed(&random, 1);
    for (size_t i = 0; i < count; i++)
        pictures->pixels[i] = (float)random_normal(&random);
    TRY(netfile_read(argv[1], &text, &size, err));
    TRY(netfile_parse(text, size, argv[1], &options, model, err));
    free(text);
    TRY(pool_new(atoi(argv[2]), pool, err));
    return trainer_new(*model, *pool, &training, trainer, err);
}

int main(int argc, char **argv)
{
    struct pictures pictures = {0};
    struct pool *pool = NULL;
    struct model *model = NULL;
    struct trainer *trainer = NULL;
    struct error err = {0};
    enum status status;
    if (argc != 7) {
        fprintf(stderr, "usage: train NETWORK.net THREADS BATCH DIM1 DIM2 DIM3\n");
        return 2;
    }
    status = make(argv, &pictures, &pool, &model, &trainer, &err);
    if (status == STATUS_OK)
        status = answer(trainer, &pictures, atoi(argv[3]), &err);
    if (status != STATUS_OK)
        fprintf(stderr, "train: %s\n", err.text);
    trainer_free(trainer);
    model_free(model);
    pool_free(pool);
    free(pictures.pixels);
    return status == STATUS_OK ? 0 : 1;
}
