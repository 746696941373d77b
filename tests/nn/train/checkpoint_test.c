/* If this fails, a run that goes on from a checkpoint is not the run that was interrupted, or a
 * checkpoint that is broken, or of another network, is taken for its own. */
#include "base/io.h"
#include "nn/netfile/netfile.h"
#include "nn/onnx.h"
#include "nn/train/checkpoint.h"
#include "nn/train/train_internal.h"
#include "tests/tap.h"

#include <math.h>
#include <unistd.h>

enum { BATCH = 6, CLASSES = 3, SIZE = 3 * 6 * 6 };

static const char text[] = "Conv channels=5 kernel_shape=3 bias=0\nBatchNormalization\nRelu\n"
                           "Dropout ratio=0.3\nFlatten\nlogits: Gemm units=3\n";
static const char path[] = "c.its";

struct run {
    struct pool *pool;
    struct model *model;
    struct trainer *trainer;
};

static enum status load(void *context, int worker, size_t position, float *pixels, float *target,
                        struct error *err)
{
    struct random random;
    (void)context, (void)worker, (void)err;
    random_seed(&random, position);
    for (size_t i = 0; i < SIZE; i++)
        pixels[i] = (float)random_normal(&random);
    memset(target, 0, CLASSES * sizeof *target);
    target[random_below(&random, CLASSES)] = 1;
    return STATUS_OK;
}

static struct run make_with(const char *network, uint64_t seed, enum optimiser_kind kind,
                            double ema)
{
    struct netfile_options options = {.input = {3, 6, 6}, .classes = CLASSES, .seed = seed};
    struct trainer_options training = {
        .batch = BATCH, .seed = 3, .optimiser = optimiser_usual(kind), .ema = ema};
    struct run run = {0};
    struct error err = {0};
    if (pool_new(2, &run.pool, &err) != STATUS_OK ||
        netfile_parse(network, strlen(network), "net", &options, &run.model, &err) != STATUS_OK ||
        trainer_new(run.model, run.pool, &training, &run.trainer, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    return run;
}

static struct run make(const char *network, uint64_t seed)
{
    return make_with(network, seed, OPTIMISER_SGD, 0);
}

static void end(struct run *run)
{
    trainer_free(run->trainer);
    model_free(run->model);
    pool_free(run->pool);
}

static void steps(struct run *run, size_t first, size_t count)
{
    struct batch_source source = {load, NULL};
    struct batch_result result;
    struct error err = {0};
    for (size_t step = first; step < first + count; step++)
        trainer_step(run->trainer, &source, step * BATCH, step % 3 ? BATCH : BATCH - 1, 0.05f,
                     &result, &err);
}

static enum status save(struct run *run)
{
    struct checkpoint *checkpoint = NULL;
    struct record facts = {0};
    struct error err = {0};
    enum status status = record_set(&facts, "epoch", "7", &err);
    if (status == STATUS_OK &&
        (status = checkpoint_create(path, &facts, &checkpoint, &err)) == STATUS_OK &&
        (status = checkpoint_put_trainer(checkpoint, run->trainer, &err)) == STATUS_OK)
        status = checkpoint_commit(checkpoint, &err);
    if (status != STATUS_OK)
        printf("# %s\n", err.text);
    checkpoint_free(checkpoint);
    record_free(&facts);
    return status;
}

/* The first status that is not STATUS_OK of opening, of the arrays, and of the end. */
static enum status restore(struct run *run, struct record *facts, struct error *err)
{
    struct checkpoint *checkpoint = NULL;
    struct record record = {0};
    enum status status = checkpoint_open(path, facts, &checkpoint, err);
    if (status == STATUS_OK)
        status = checkpoint_get_trainer(checkpoint, run->trainer, err);
    if (status == STATUS_OK && (status = checkpoint_get(checkpoint, &record, err)) == STATUS_END)
        status = STATUS_OK;
    checkpoint_free(checkpoint);
    record_free(&record);
    return status;
}

static int same_model(struct run *a, struct run *b)
{
    struct buffer bytes[2] = {{0}};
    struct error err = {0};
    int same;
    trainer_store(a->trainer, a->model, &err);
    trainer_store(b->trainer, b->model, &err);
    onnx_encode(a->model, &bytes[0], &err);
    onnx_encode(b->model, &bytes[1], &err);
    same = bytes[0].size == bytes[1].size && bytes[0].size > 0 &&
           memcmp(bytes[0].data, bytes[1].data, bytes[0].size) == 0;
    buffer_free(&bytes[0]);
    buffer_free(&bytes[1]);
    return same;
}

static void goes_on(enum optimiser_kind kind, double ema)
{
    struct run whole = make_with(text, 1, kind, ema), part = make_with(text, 1, kind, ema),
               rest = make_with(text, 2, kind, ema);
    struct record facts = {0};
    struct error err = {0};
    steps(&whole, 0, 13);
    steps(&part, 0, 5);
    same_int(save(&part), STATUS_OK, "it is written");
    same_int(restore(&rest, &facts, &err), STATUS_OK, "it is read");
    same_text(record_get(&facts, "epoch"), "7", "the facts come back");
    steps(&rest, 5, 8);
    ok(same_model(&rest, &whole), "5 steps and 8 more are 13 steps, bit for bit");
    same_text(model_get_metadata(rest.model, MODEL_SAMPLES), "73",
              "the model says how many samples it has seen");
    end(&whole);
    end(&part);
    end(&rest);
    record_free(&facts);
}

static void write_file(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        ok(0, "%s is written", path);
}

static void broken(void)
{
    struct run run = make(text, 1);
    struct record facts = {0};
    struct error err = {0};
    char *bytes = NULL;
    size_t size = 0, taken = 0;
    save(&run);
    if (!ok(io_slurp(path, 1 << 20, &bytes, &size, &err) == STATUS_OK, "it is a file"))
        return;
    for (size_t keep = 0; keep < size; keep += 64) {
        write_file(bytes, keep);
        taken += restore(&run, &facts, &err) != STATUS_DAMAGED;
    }
    same_int((long long)taken, 0, "every cut is damage");
    for (size_t at = 0; at < size; at += 37) {
        bytes[at] ^= 4;
        write_file(bytes, size);
        bytes[at] ^= 4;
        taken += restore(&run, &facts, &err) != STATUS_DAMAGED;
    }
    same_int((long long)taken, 0, "every wrong bit is damage");
    record_free(&facts);
    free(bytes);
    end(&run);
}

static void refused(void)
{
    struct run run = make(text, 1), other = make("Flatten\nother: Gemm units=3\n", 1);
    struct record facts = {0};
    struct error err = {0};
    save(&run);
    same_int(restore(&other, &facts, &err), STATUS_USAGE, "another network's is refused");
    ok(strstr(err.text, "expected 324 numbers of other.weight") != NULL, "what differs is told");
    unlink(path);
    same_int(restore(&run, &facts, &err), STATUS_END, "none is told from a broken one");
    record_free(&facts);
    end(&run);
    end(&other);
}

/* A run that ends between create and commit leaves what was there, and nothing else. */
static void uncommitted(void)
{
    struct run run = make(text, 1), rest = make(text, 1);
    struct checkpoint *checkpoint = NULL;
    struct record facts = {0};
    struct error err = {0};
    save(&run);
    steps(&run, 0, 1);
    same_int(checkpoint_create(path, &facts, &checkpoint, &err), STATUS_OK, "a second is begun");
    checkpoint_put_trainer(checkpoint, run.trainer, &err);
    checkpoint_free(checkpoint);
    same_int(restore(&rest, &facts, &err), STATUS_OK, "the first is still there");
    ok(!same_model(&rest, &run), "and is the first");
    unlink(path);
    record_free(&facts);
    end(&run);
    end(&rest);
}

static void not_finite(void)
{
    struct run run = make(text, 1);
    struct error err = {0};
    same_int(trainer_sound(run.trainer, &err), STATUS_OK, "weights are finite");
    run.trainer->parameters[5].value[2] = NAN;
    same_int(trainer_sound(run.trainer, &err), STATUS_USAGE, "a NaN is found");
    same_text(err.text, "logits.weight is no longer finite", "and named");
    end(&run);
}

int main(void)
{
    char folder[] = "/tmp/checkpoint_test.XXXXXX";
    if (!ok(mkdtemp(folder) && chdir(folder) == 0, "a folder of its own"))
        return tap_done();
    goes_on(OPTIMISER_SGD, 0);
    goes_on(OPTIMISER_ADAM, 0.9);
    broken();
    refused();
    uncommitted();
    not_finite();
    unlink(path);
    ok(rmdir(folder) == 0, "nothing is left behind");
    return tap_done();
}
