/* Our side of tests/bench/engine: runs a model on THREADS threads over one net, each with a session
 * and images of its own, as tests/bench/engine.py asks line by line on standard input:
 *
 *   engine MODEL THREADS BATCH DIM1 DIM2 DIM3 INPUT OUTPUT
 *
 *   load   loads the model; the answer is the seconds from then to the first session's first result
 *   N      every thread runs its batch N times; the answer is the seconds until all are done
 *
 * An image is DIM1 x DIM2 x DIM3 f32; thread t's batch is images t * BATCH and on of the file
 * INPUT. Their first outputs, in that order, are written to OUTPUT before load is answered. */
#include "base/io.h"
#include "base/pool.h"
#include "base/progress.h"
#include "nn/net.h"
#include "nn/onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OUTPUTS = 16 };

struct caller {
    struct session *session;
    struct tensor input, outputs[MAX_OUTPUTS];
    enum status status;
    struct error err;
};

struct bench {
    int threads;
    size_t image; /* bytes of one */
    char *images; /* THREADS * BATCH of them */
    struct model *model;
    struct net *net;
    struct pool *pool;
    struct caller *callers; /* one for each thread */
    int runs;               /* of each thread, per turn */
};

static void caller_run(void *context, int worker)
{
    struct bench *bench = context;
    struct caller *caller = &bench->callers[worker];
    for (int i = 0; i < bench->runs && caller->status == STATUS_OK; i++)
        caller->status =
            session_run(caller->session, &caller->input, 1, caller->outputs, &caller->err);
}

static enum status turn(struct bench *bench, int runs, struct error *err)
{
    bench->runs = runs;
    pool_run(bench->pool, caller_run, bench);
    for (int i = 0; i < bench->threads; i++) {
        if (bench->callers[i].status != STATUS_OK) {
            *err = bench->callers[i].err;
            return bench->callers[i].status;
        }
    }
    return STATUS_OK;
}

static enum status read_images(struct bench *bench, const char *path, size_t count,
                               struct error *err)
{
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    bench->images = malloc(bench->image * count);
    if (file && bench->images)
        got = fread(bench->images, bench->image, count, file);
    if (file)
        fclose(file);
    return got == count ? STATUS_OK : error_set(err, STATUS_SYSTEM, "%s: cannot be read", path);
}

static enum status write_outputs(const struct bench *bench, const char *path, struct error *err)
{
    FILE *file = fopen(path, "wb");
    int bad = !file;
    for (int i = 0; i < bench->threads && !bad; i++) {
        const struct tensor *output = &bench->callers[i].outputs[0];
        size_t count = (size_t)shape_count(&output->shape);
        bad = fwrite(output->data, sizeof(float), count, file) != count;
    }
    if (file && fclose(file) != 0)
        bad = 1;
    return bad ? error_set(err, STATUS_SYSTEM, "%s: cannot be written", path) : STATUS_OK;
}

/* *seconds: to the first result of the first session, as one who starts a program waits for it. */
static enum status load(struct bench *bench, const char *path, int batch, double *seconds,
                        struct error *err)
{
    struct net_options options = {.batch = batch};
    struct caller *first = bench->callers;
    double start = progress_now();
    TRY(onnx_load(path, &bench->model, err));
    TRY(net_new(bench->model, &options, &bench->net, err));
    if (net_output_count(bench->net) > MAX_OUTPUTS)
        return error_set(err, STATUS_FAILED, "%s: more than %d outputs", path, MAX_OUTPUTS);
    TRY(session_new(bench->net, &first->session, err));
    TRY(session_run(first->session, &first->input, 1, first->outputs, err));
    *seconds = progress_now() - start;
    for (int i = 1; i < bench->threads; i++)
        TRY(session_new(bench->net, &bench->callers[i].session, err));
    return turn(bench, 1, err);
}

static enum status answer(struct bench *bench, char **argv, struct error *err)
{
    char line[32];
    double start, seconds;
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        start = progress_now();
        if (strcmp(line, "load\n") == 0) {
            TRY(load(bench, argv[1], atoi(argv[3]), &seconds, err));
            TRY(write_outputs(bench, argv[8], err));
        } else {
            TRY(turn(bench, atoi(line), err));
            seconds = progress_now() - start;
        }
        printf("%.6f\n", seconds);
        fflush(stdout);
    }
    return STATUS_OK;
}

static enum status prepare(struct bench *bench, char **argv, struct error *err)
{
    int batch = atoi(argv[3]);
    struct tensor input = {
        ELEMENT_F32, {4, {batch, atoi(argv[4]), atoi(argv[5]), atoi(argv[6])}}, NULL};
    size_t bytes = (size_t)shape_count(&input.shape) * sizeof(float);
    bench->threads = atoi(argv[2]);
    if (bench->threads < 1 || batch < 1 || bytes == 0)
        return error_set(err, STATUS_USAGE, "threads, batch and sizes are numbers from 1 on");
    bench->image = bytes / (size_t)batch;
    bench->callers = calloc((size_t)bench->threads, sizeof *bench->callers);
    if (!bench->callers)
        return error_memory(err);
    TRY(read_images(bench, argv[7], (size_t)bench->threads * (size_t)batch, err));
    for (int i = 0; i < bench->threads; i++) {
        bench->callers[i].input = input;
        bench->callers[i].input.data = bench->images + (size_t)i * bytes;
    }
    return pool_new(bench->threads, &bench->pool, err);
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    struct error err;
    enum status status = STATUS_USAGE;
    if (argc != 9) {
        fprintf(stderr, "usage: engine MODEL THREADS BATCH DIM1 DIM2 DIM3 INPUT OUTPUT\n");
        return 2;
    }
    status = prepare(&bench, argv, &err);
    if (status == STATUS_OK)
        status = answer(&bench, argv, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "engine: %s\n", err.text);
    for (int i = 0; i < bench.threads && bench.callers; i++)
        session_free(bench.callers[i].session);
    pool_free(bench.pool);
    net_free(bench.net);
    model_free(bench.model);
    free(bench.callers);
    free(bench.images);
    return status == STATUS_OK ? 0 : 1;
}
