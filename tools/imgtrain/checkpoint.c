/* Checkpoints: when one is due, what it says of the run that makes it, and whether a run may go on
 * from it. */
#include "nn/train/checkpoint.h"
#include "base/hash.h"
#include "base/number.h"
#include "nn/onnx.h"
#include "tools/imgtrain/imgtrain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(struct imgtrain *train, struct record *facts, const char *name, const char *value)
{
    struct error err;
    if (record_set(facts, name, value, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

static void set_number(struct imgtrain *train, struct record *facts, const char *name,
                       uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    set(train, facts, name, text);
}

static void set_sum(struct imgtrain *train, struct record *facts, const char *name, uint64_t sum)
{
    char text[32];
    snprintf(text, sizeof text, "%016" PRIx64, sum);
    set(train, facts, name, text);
}

/* Changes with the facts and records of a checkpoint. Before 2 it was not said. */
#define FORMAT "2"

/* Graph, first weights, labels and recipe, all at once: the hash of the model's bytes. */
static uint64_t model_sum(struct imgtrain *train)
{
    uint64_t sum;
    struct buffer bytes = {0};
    struct error err;
    if (onnx_encode(train->model, &bytes, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    sum = hash_bytes(bytes.data, bytes.size);
    buffer_free(&bytes);
    return sum;
}

/* Adds to the options, which imgtrain_set has put there, what else the result depends on. */
static void describe(struct imgtrain *train)
{
    struct record *made = &train->made;
    const char *labels = model_get_metadata(train->model, MODEL_LABELS);
    const char *recipe = model_get_metadata(train->model, MODEL_RECIPE);
    set(train, made, "format", FORMAT);
    set(train, made, "imgutils", IMGUTILS_VERSION);
    set(train, made, "labels", labels ? labels : "");
    set(train, made, "recipe", recipe ? recipe : "");
    if (!train->online.on) {
        set_number(train, made, "tensors", dataset_count(train->data));
        set_sum(train, made, "data", dataset_checksum(train->data));
    }
    if (train->held)
        set_sum(train, made, "validation", dataset_checksum(train->held));
    set_sum(train, made, "network", model_sum(train));
    if (train->schedule.kind == SCHEDULE_CONSTANT)
        set(train, made, "--epochs", NULL); /* the rates do not depend on it: more may follow */
}

/* Numbers may be written in several ways. */
static int same_value(const char *a, const char *b)
{
    double x, y;
    return strcmp(a, b) == 0 || (number_real(a, &x, NULL) == STATUS_OK &&
                                 number_real(b, &y, NULL) == STATUS_OK && x == y);
}

/* "with --rate 0.1", "without --flip", "with data 85e5c7f937308b86" */
static void say(char *text, size_t room, const char *name, const char *value)
{
    snprintf(text, room, "%s %s%s%.100s", value ? "with" : "without", name,
             value && *value ? " " : "", value ? value : "");
}

_Noreturn static void refuse(struct imgtrain *train, const char *name, const char *then,
                             const char *now)
{
    struct error err;
    char made[256], here[256];
    say(made, sizeof made, name, then);
    say(here, sizeof here, name, now);
    error_set(&err, STATUS_USAGE,
              "%s was made %s, and this run is %s: it would not be the same training that goes on",
              train->checkpoint, made, here);
    tool_die(&train->tool, &err);
}

/* What another version says of itself need not mean what it means here. */
static void check_version(struct imgtrain *train, const struct record *facts)
{
    struct error err;
    const char *format = record_get(facts, "format"), *version = record_get(facts, "imgutils");
    if (format && strcmp(format, FORMAT) == 0 && version && strcmp(version, IMGUTILS_VERSION) == 0)
        return;
    error_set(
        &err, STATUS_USAGE,
        "%s was written by another version of imgtrain (imgutils %.20s, checkpoints of format "
        "%.20s; this is %s, format %s), and only that one can go on from it; to begin anew, "
        "name another --checkpoint or remove this one",
        train->checkpoint, version ? version : "unknown", format ? format : "1", IMGUTILS_VERSION,
        FORMAT);
    tool_die(&train->tool, &err);
}

static void compare(struct imgtrain *train, const struct record *facts)
{
    const char *name, *value;
    check_version(train, facts);
    for (size_t at = 0; record_next_attribute(&train->made, &at, &name, &value);) {
        const char *then = record_get(facts, name);
        if (!then || !same_value(then, value))
            refuse(train, name, then, value);
    }
    for (size_t at = 0; record_next_attribute(facts, &at, &name, &value);)
        if (strncmp(name, "at.", 3) != 0 && !record_get(&train->made, name))
            refuse(train, name, value, NULL);
}

/* How far the run is: facts that begin with "at.". */
enum { COUNTERS = 11 };
struct counter {
    const char *name;
    size_t *value;
};

static void counters_of(struct imgtrain *train, struct counter counters[COUNTERS])
{
    struct course *course = &train->course;
    const struct counter all[COUNTERS] = {{"at.epoch", &course->epoch},
                                          {"at.position", &course->position},
                                          {"at.step", &train->step},
                                          {"at.count", &course->sum.count},
                                          {"at.labels", &course->sum.labels},
                                          {"at.correct", &course->sum.correct},
                                          {"at.records", &train->online.records},
                                          {"at.best.epoch", &train->best.epoch},
                                          {"at.best.count", &train->best.result.count},
                                          {"at.best.labels", &train->best.result.labels},
                                          {"at.best.correct", &train->best.result.correct}};
    memcpy(counters, all, sizeof all);
}

/* To the last bit. */
static void put_loss(struct imgtrain *train, struct record *facts, const char *name, double loss)
{
    char text[64];
    snprintf(text, sizeof text, "%a", loss);
    set(train, facts, name, text);
}

static void put_course(struct imgtrain *train, struct record *facts)
{
    struct counter counters[COUNTERS];
    counters_of(train, counters);
    for (size_t i = 0; i < COUNTERS; i++)
        set_number(train, facts, counters[i].name, *counters[i].value);
    put_loss(train, facts, "at.loss", train->course.sum.loss);
    put_loss(train, facts, "at.best.loss", train->best.result.loss);
}

static int get_loss(const struct record *facts, const char *name, double *loss)
{
    const char *text = record_get(facts, name);
    return text && number_real(text, loss, NULL) == STATUS_OK;
}

static enum status get_course(struct imgtrain *train, const struct record *facts, struct error *err)
{
    struct counter counters[COUNTERS];
    int whole = get_loss(facts, "at.loss", &train->course.sum.loss) &&
                get_loss(facts, "at.best.loss", &train->best.result.loss);
    counters_of(train, counters);
    for (size_t i = 0; i < COUNTERS && whole; i++) {
        const char *number = record_get(facts, counters[i].name);
        int64_t value = 0;
        whole = number && number_integer(number, 0, INT64_MAX, &value, NULL) == STATUS_OK;
        *counters[i].value = (size_t)value;
    }
    return whole
               ? STATUS_OK
               : error_set(err, STATUS_DAMAGED, "%s does not say how far it is", train->checkpoint);
}

void checkpoint_save(struct imgtrain *train)
{
    struct checkpoint *checkpoint = NULL;
    struct record facts = {0};
    struct error err;
    enum status status = trainer_sound(train->trainer, &err);
    if (status != STATUS_OK) {
        error_prefix(&err, "step %zu", train->step);
        tool_die(&train->tool, &err);
    }
    stop_hold(1); /* its temporary file would stay */
    status = record_copy_head(&facts, &train->made, &err);
    if (status == STATUS_OK) {
        put_course(train, &facts);
        status = checkpoint_create(train->checkpoint, &facts, &checkpoint, &err);
    }
    if (status == STATUS_OK)
        status = checkpoint_put_trainer(checkpoint, train->trainer, &err);
    if (status == STATUS_OK && train->online.on)
        status = online_put(train, checkpoint, &err);
    if (status == STATUS_OK)
        status = checkpoint_commit(checkpoint, &err);
    checkpoint_free(checkpoint);
    record_free(&facts);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    stop_hold(0);
}

static void restore(struct imgtrain *train)
{
    struct checkpoint *checkpoint = NULL;
    struct record facts = {0};
    struct error err;
    char text[ERROR_TEXT];
    enum status status = checkpoint_open(train->checkpoint, &facts, &checkpoint, &err);
    if (status == STATUS_END)
        return; /* the first run of all */
    if (status == STATUS_OK) {
        compare(train, &facts);
        status = get_course(train, &facts, &err);
    }
    if (status == STATUS_OK)
        status = checkpoint_get_trainer(checkpoint, train->trainer, &err);
    if (status == STATUS_OK && train->online.on)
        status = online_get(train, checkpoint, &err);
    else if (status == STATUS_OK &&
             (status = checkpoint_get(checkpoint, &facts, &err)) == STATUS_OK)
        status = error_set(&err, STATUS_DAMAGED, "%s holds more than a trainer: %.200s",
                           train->checkpoint, record_key(&facts));
    checkpoint_free(checkpoint);
    record_free(&facts);
    if (status != STATUS_END)
        tool_die(&train->tool, &err);
    if (train->online.on)
        snprintf(text, sizeof text, "going on from %s: after record %zu of the stream",
                 train->checkpoint, train->online.records);
    else
        snprintf(text, sizeof text, "going on from %s: epoch %zu, after step %zu",
                 train->checkpoint, train->course.epoch, train->step);
    if (!train->tool.quiet)
        tool_message(&train->tool, NULL, text);
}

char *checkpoint_labels(struct imgtrain *train)
{
    struct checkpoint *checkpoint = NULL;
    struct record facts = {0};
    struct error err;
    const char *labels = NULL;
    char *copy = NULL;
    enum status status =
        train->resume ? checkpoint_open(train->checkpoint, &facts, &checkpoint, &err) : STATUS_END;
    if (status == STATUS_OK && (labels = record_get(&facts, "labels")) && !(copy = strdup(labels)))
        status = error_memory(&err);
    checkpoint_free(checkpoint);
    record_free(&facts);
    if (status != STATUS_OK && status != STATUS_END)
        tool_die(&train->tool, &err);
    return copy;
}

void checkpoint_start(struct imgtrain *train)
{
    if (!train->checkpoint)
        return;
    describe(train);
    if (train->resume)
        restore(train);
}

int checkpoint_due(const struct imgtrain *train)
{
    size_t every = (size_t)train->checkpoint_every;
    int finished = learn_finished(train);
    if (!train->checkpoint)
        return 0;
    return finished || stop_asked() ||
           (every ? train->step % every == 0 : train->course.position == 0);
}
