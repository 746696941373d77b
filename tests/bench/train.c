/* Our side of tests/bench/train: learns from pictures in memory, as tests/bench/train.py asks line
 * by line on standard input:
 *
 *   train MODEL.onnx THREADS BATCH DIM1 DIM2 DIM3 PIXELS
 *
 *   N         N steps; the answer is the seconds they took, the seconds of processor time, and the
 *             loss of the last one
 *   profile   10 steps on one thread; a line for each layer and phase with its milliseconds of
 *             processor time per step, then an empty line
 *
 * A step is SGD with momentum on the BATCH pictures, DIM2 x DIM3 x DIM1 f32 each, of the file
 * PIXELS; picture i has label i % 10. And
 *
 *   train NETWORK.net CxHxW MODEL.onnx
 *
 * writes a model with the first weights. */
#include "base/io.h"
#include "base/pool.h"
#include "base/progress.h"
#include "nn/netfile/netfile.h"
#include "nn/onnx.h"
#include "nn/train/train_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

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
                         double *loss, struct error *err)
{
    struct batch_source source = {load, pictures};
    struct batch_result result;
    for (int i = 0; i < count; i++)
        TRY(trainer_step(trainer, &source, 0, (size_t)batch, 0.01f, &result, err));
    *loss = result.loss / batch;
    return STATUS_OK;
}

static enum status answer(struct trainer *trainer, struct pictures *pictures, int batch,
                          struct error *err)
{
    char line[32];
    double loss;
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "profile\n") == 0) {
            TRY(steps(trainer, pictures, batch, 3, &loss, err));
            profile(trainer);
            puts("");
        } else {
            double start = progress_now(), used = processor_seconds();
            TRY(steps(trainer, pictures, batch, atoi(line) > 1 ? atoi(line) : 1, &loss, err));
            printf("%.6f %.6f %.6f\n", progress_now() - start, processor_seconds() - used, loss);
        }
        fflush(stdout);
    }
    return STATUS_OK;
}

static enum status read_pixels(struct pictures *pictures, const char *path, size_t count,
                               struct error *err)
{
    FILE *file = fopen(path, "rb");
    size_t got = 0;
    pictures->pixels = memory_array(count * pictures->size, sizeof(float));
    if (file && pictures->pixels)
        got = fread(pictures->pixels, pictures->size * sizeof(float), count, file);
    if (file)
        fclose(file);
    return got == count ? STATUS_OK : error_set(err, STATUS_SYSTEM, "%s: cannot be read", path);
}

static enum status learn(char **argv, struct error *err)
{
    struct trainer_options training = {.batch = atoi(argv[3]),
                                       .optimiser = {.momentum = 0.9f, .weight_decay = 1e-4f}};
    struct pictures pictures = {(size_t)(atoi(argv[4]) * atoi(argv[5]) * atoi(argv[6])), NULL};
    struct pool *pool = NULL;
    struct model *model = NULL;
    struct trainer *trainer = NULL;
    enum status status = read_pixels(&pictures, argv[7], (size_t)training.batch, err);
    if (status == STATUS_OK)
        status = onnx_load(argv[1], &model, err);
    if (status == STATUS_OK)
        status = pool_new(atoi(argv[2]), &pool, err);
    if (status == STATUS_OK)
        status = trainer_new(model, pool, &training, &trainer, err);
    if (status == STATUS_OK)
        status = answer(trainer, &pictures, training.batch, err);
    trainer_free(trainer);
    model_free(model);
    pool_free(pool);
    free(pictures.pixels);
    return status;
}

static enum status save(const struct model *model, const char *path, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    enum status status = fd < 0 ? error_set(err, STATUS_SYSTEM, "%s: cannot be written", path)
                                : onnx_save(model, fd, path, err);
    if (fd >= 0)
        close(fd);
    return status;
}

static enum status write_model(char **argv, struct error *err)
{
    struct netfile_options options = {.classes = CLASSES, .seed = 1};
    struct dims *in = &options.input;
    struct model *model = NULL;
    char *text = NULL;
    size_t size;
    enum status status = netfile_read(argv[1], &text, &size, err);
    if (status == STATUS_OK &&
        sscanf(argv[2], "%dx%dx%d", &in->channels, &in->height, &in->width) != 3)
        status = error_set(err, STATUS_USAGE, "%s: expected CxHxW", argv[2]);
    if (status == STATUS_OK)
        status = netfile_parse(text, size, argv[1], &options, &model, err);
    if (status == STATUS_OK)
        status = save(model, argv[3], err);
    model_free(model);
    free(text);
    return status;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    enum status status;
    if (argc != 8 && argc != 4) {
        fprintf(stderr, "usage: train MODEL.onnx THREADS BATCH DIM1 DIM2 DIM3 PIXELS\n"
                        "       train NETWORK.net CxHxW MODEL.onnx\n");
        return 2;
    }
    status = argc == 8 ? learn(argv, &err) : write_model(argv, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "train: %s\n", err.text);
    return status == STATUS_OK ? 0 : 1;
}
