/* What a checkpoint of --online holds besides the trainer: the figures so far, and the records that
 * have arrived and are still to be learned from. */
#include "base/number.h"
#include "tools/imgtrain/online.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct part {
    const char *key;
    enum element_type type;
    void *data;
    size_t count;
};

enum { PARTS = 4 };

static void parts_of(struct stream *stream, struct part parts[PARTS])
{
    struct running *running = &stream->running;
    const struct part all[PARTS] = {
        {"online.random", ELEMENT_I64, stream->shuffle.random.state, 4},
        {"online.loss", ELEMENT_F64, &running->loss, 1},
        {"online.count", ELEMENT_I64, &running->count, 1},
        {"online.last", ELEMENT_I32, running->last,
         running->room * sizeof *running->last / sizeof(int32_t)},
    };
    memcpy(parts, all, sizeof all);
}

static enum status put_part(struct checkpoint *checkpoint, const struct part *part,
                            struct record *record, struct error *err)
{
    const struct shape shape = {1, {(int64_t)part->count}};
    record_clear(record);
    TRY(record_set_key(record, part->key, err));
    TRY(record_set_tensor(record, part->type, &shape, err));
    memcpy(record->payload.data, part->data, record->payload.size);
    return checkpoint_put(checkpoint, record, err);
}

static enum status get_part(struct imgtrain *train, struct checkpoint *checkpoint,
                            const struct part *part, struct record *record, struct error *err)
{
    const struct shape shape = {1, {(int64_t)part->count}};
    enum status status = checkpoint_get(checkpoint, record, err);
    if (status != STATUS_OK && status != STATUS_END)
        return status;
    if (status == STATUS_END || strcmp(record_key(record), part->key) != 0 ||
        record->type != part->type || !shape_equal(&record->shape, &shape))
        return error_set(err, STATUS_DAMAGED, "%s: %s is missing", train->checkpoint, part->key);
    memcpy(part->data, record->payload.data, record->payload.size);
    return STATUS_OK;
}

/* Support, predicted and right of each class, as one array. */
static struct part counts_part(struct running *running, uint64_t *counts)
{
    return (struct part){"online.classes", ELEMENT_I64, counts, 3 * running->classes};
}

static enum status put_buffer(struct imgtrain *train, struct checkpoint *checkpoint,
                              struct record *record, struct error *err)
{
    const struct shuffle *shuffle = &train->online.stream->shuffle;
    char text[48];
    for (size_t i = 0; i < shuffle->level; i++) {
        size_t place = shuffle->order[i];
        TRY(dataset_get(train->data, place, record, err));
        snprintf(text, sizeof text, "buffer/%06zu", i);
        TRY(record_set_key(record, text, err));
        snprintf(text, sizeof text, "%d", shuffle->left[place]);
        TRY(record_set(record, "passes", text, err));
        TRY(checkpoint_put(checkpoint, record, err));
    }
    return STATUS_OK;
}

static enum status get_buffer(struct imgtrain *train, struct checkpoint *checkpoint,
                              struct record *record, struct error *err)
{
    struct shuffle *shuffle = &train->online.stream->shuffle;
    size_t room = (size_t)train->online.buffer + (size_t)train->batch;
    enum status status;
    while ((status = checkpoint_get(checkpoint, record, err)) == STATUS_OK) {
        const char *text = record_get(record, "passes");
        size_t place = shuffle_free_place(shuffle);
        int64_t left;
        if (shuffle->level >= room || !text)
            return error_set(err, STATUS_DAMAGED, "%s: %.200s does not belong into it",
                             train->checkpoint, record_key(record));
        TRY(number_integer(text, 1, SHUFFLE_PASSES_MAX, &left, err));
        TRY(dataset_put(train->data, place, record, err));
        shuffle_arrive(shuffle);
        shuffle_admit(shuffle);
        shuffle->left[place] = (unsigned char)left;
    }
    return status;
}

static enum status put_all(struct imgtrain *train, struct checkpoint *checkpoint,
                           struct record *record, uint64_t *counts, struct error *err)
{
    struct running *running = &train->online.stream->running;
    struct part parts[PARTS], classes = counts_part(running, counts);
    parts_of(train->online.stream, parts);
    for (size_t c = 0; c < running->classes; c++) {
        counts[3 * c] = running->all[c].support;
        counts[3 * c + 1] = running->all[c].predicted;
        counts[3 * c + 2] = running->all[c].right;
    }
    TRY(put_part(checkpoint, &classes, record, err));
    for (size_t i = 0; i < PARTS; i++)
        TRY(put_part(checkpoint, &parts[i], record, err));
    return put_buffer(train, checkpoint, record, err);
}

static enum status get_all(struct imgtrain *train, struct checkpoint *checkpoint,
                           struct record *record, uint64_t *counts, struct error *err)
{
    struct running *running = &train->online.stream->running;
    struct part parts[PARTS], classes = counts_part(running, counts);
    parts_of(train->online.stream, parts);
    TRY(get_part(train, checkpoint, &classes, record, err));
    for (size_t c = 0; c < running->classes; c++)
        running->all[c] = (struct class_metrics){
            .support = counts[3 * c], .predicted = counts[3 * c + 1], .right = counts[3 * c + 2]};
    for (size_t i = 0; i < PARTS; i++)
        TRY(get_part(train, checkpoint, &parts[i], record, err));
    return get_buffer(train, checkpoint, record, err);
}

static enum status with_memory(struct imgtrain *train, struct checkpoint *checkpoint,
                               enum status (*work)(struct imgtrain *, struct checkpoint *,
                                                   struct record *, uint64_t *, struct error *),
                               struct error *err)
{
    struct record record = {0};
    uint64_t *counts = memory_array(3 * train->online.stream->running.classes, sizeof *counts);
    enum status status = counts ? work(train, checkpoint, &record, counts, err) : error_memory(err);
    record_free(&record);
    free(counts);
    return status;
}

enum status online_put(struct imgtrain *train, struct checkpoint *checkpoint, struct error *err)
{
    return with_memory(train, checkpoint, put_all, err);
}

enum status online_get(struct imgtrain *train, struct checkpoint *checkpoint, struct error *err)
{
    return with_memory(train, checkpoint, get_all, err);
}
