/* The members of an archive as pictures; the .cls and .txt files beside them as labels; CIFAR-10
 * batches in it.
 *
 * A label file may stand before or after its picture, so one picture waits until the next member is
 * known.
 */
#include "source_internal.h"

#include <stdlib.h>
#include <string.h>

struct archive_reader {
    struct items items;
    int pair;              /* label files count */
    struct record waiting; /* the picture before, when `waits` */
    int waits;
    char *sidecar; /* the last label file's name and label; NULL: none */
    char *label;
    struct cifar cifar; /* a batch is being read when `batch` is its name */
    char *batch;
    enum status deferred; /* what next returns after the picture that waits */
    struct error deferred_error;
};

static void forget_sidecar(struct archive_reader *reader)
{
    free(reader->sidecar);
    free(reader->label);
    reader->sidecar = reader->label = NULL;
}

/* The member's text, for a label file or CIFAR's names; NULL with STATUS_OK when it is too large to
 * be one. */
static enum status read_text(struct input *input, char **text, struct error *err)
{
    struct buffer all = {0};
    enum status status = input_read_all(input, SIDECAR_MAX, &all, err);
    *text = NULL;
    if (status == STATUS_OK)
        status = buffer_append(&all, "", 1, err);
    if (status == STATUS_OK)
        *text = (char *)all.data;
    else
        buffer_free(&all);
    return status == STATUS_FAILED ? STATUS_OK : status;
}

/* Remembers the label file and gives its label to the picture that waits. */
static enum status take_sidecar(struct archive_reader *reader, const char *name, struct error *err)
{
    char *text;
    int match;
    enum status status = read_text(reader->items.input, &text, err);
    if (status != STATUS_OK)
        return status;
    forget_sidecar(reader);
    if (!text)
        return STATUS_OK;
    reader->sidecar = strdup(name);
    reader->label = strdup(sidecar_label(text));
    free(text);
    if (!reader->sidecar || !reader->label)
        return error_memory(err);
    match = reader->waits ? sidecar_match(name, record_key(&reader->waiting)) : 0;
    if (match == 2 || (match == 1 && !record_get(&reader->waiting, "label")))
        return record_set(&reader->waiting, "label", reader->label, err);
    return STATUS_OK;
}

/* A member becomes the record: a picture or its error record. */
static enum status take_picture(struct archive_reader *reader, const char *name,
                                struct record *record, struct error *err)
{
    const struct context *context = reader->items.context;
    uint64_t limit = context->options->max_bytes;
    int64_t size = input_member_size(reader->items.input);
    enum status status = begin_picture(record, name, err);
    if (status != STATUS_OK)
        return status;
    if (size >= 0 && (uint64_t)size > limit)
        status = error_set(err, STATUS_FAILED, "%lld bytes, more than the %llu allowed",
                           (long long)size, (unsigned long long)limit);
    else
        status = input_read_all(reader->items.input, limit, &record->payload, err);
    if (status == STATUS_FAILED)
        return fail_picture(context, record, name, err->text, err);
    return status;
}

static enum status start_batch(struct archive_reader *reader, const char *name, struct error *err)
{
    reader->batch = strdup(name);
    reader->cifar.number = 0;
    return reader->batch ? STATUS_OK : error_memory(err);
}

static enum status take_names(struct archive_reader *reader, struct error *err)
{
    char *text;
    enum status status = read_text(reader->items.input, &text, err);
    if (status == STATUS_OK && text)
        cifar_names(&reader->cifar, text);
    free(text);
    return status;
}

/* One member. *given = 1 when the record was made. */
static enum status take_member(struct archive_reader *reader, struct record *record, int *given,
                               struct error *err)
{
    const struct context *context = reader->items.context;
    struct input *input = reader->items.input;
    char spare[64], why[128];
    const char *name = input_member_name(input, spare), *odd = input_member_odd(input);
    int judged;
    if (odd) {
        if (strcmp(odd, "a folder") != 0)
            skip_member(context, &context->counts->links, name, odd);
        return STATUS_OK;
    }
    if (strcmp(base_name(name), "batches.meta.txt") == 0)
        return take_names(reader, err);
    if (reader->pair && name_of_sidecar(context->options->label, name))
        return take_sidecar(reader, name, err);
    if (name_of_cifar(name, input_member_size(input)) && input->head_size &&
        input->head[0] < CIFAR_CLASSES &&
        content_of(input->head, input->head_size) == CONTENT_UNKNOWN)
        return start_batch(reader, name, err);
    judged = judge_picture(context, name, input->head, input->head_size, why);
    *given = judged != 0;
    if (judged > 0)
        return take_picture(reader, name, record, err);
    return judged < 0 ? fail_picture(context, record, name, why, err) : STATUS_OK;
}

/* The next picture of the archive, label files aside. */
static enum status take_next(struct archive_reader *reader, struct record *record,
                             struct error *err)
{
    int given = 0, unreadable;
    char spare[64];
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !given) {
        if (reader->batch) {
            status = cifar_next(&reader->cifar, reader->items.input, reader->batch, record, err);
            given = 1;
            if (status != STATUS_OK) {
                free(reader->batch);
                reader->batch = NULL;
                given = 0;
                status = status == STATUS_END      ? STATUS_OK
                         : status == STATUS_FAILED ? STATUS_DAMAGED
                                                   : status;
            }
            continue;
        }
        status = input_member(reader->items.input, &unreadable, err);
        if (status == STATUS_OK && unreadable) {
            const char *name = input_member_name(reader->items.input, spare);
            given = 1;
            status = fail_picture(reader->items.context, record, name, err->text, err);
        } else if (status == STATUS_OK)
            status = take_member(reader, record, &given, err);
    }
    return status;
}

static void swap_records(struct record *a, struct record *b)
{
    struct record both = *a;
    *a = *b;
    *b = both;
}

static enum status next(struct items *items, struct record *record, struct error *err)
{
    struct archive_reader *reader = (struct archive_reader *)items;
    for (;;) {
        enum status status = reader->deferred;
        int match;
        if (status != STATUS_OK) {
            reader->deferred = STATUS_OK;
            if (err)
                *err = reader->deferred_error;
            return status;
        }
        status = take_next(reader, record, err);
        if (!reader->pair)
            return status;
        if (status != STATUS_OK) {
            if (!reader->waits)
                return status;
            reader->deferred = status;
            if (err)
                reader->deferred_error = *err;
            swap_records(record, &reader->waiting);
            reader->waits = 0;
            return STATUS_OK;
        }
        match = reader->sidecar ? sidecar_match(reader->sidecar, record_key(record)) : 0;
        if (match && (status = record_set(record, "label", reader->label, err)) != STATUS_OK)
            return status;
        swap_records(record, &reader->waiting);
        if (reader->waits)
            return STATUS_OK;
        reader->waits = 1;
    }
}

static void release(struct items *items)
{
    struct archive_reader *reader = (struct archive_reader *)items;
    forget_sidecar(reader);
    record_free(&reader->waiting);
    free(reader->batch);
    items_free(items);
}

enum status archive_items(struct input *input, const struct context *context, struct items **items,
                          struct error *err)
{
    const struct items kind = {
        .context = context, .input = input, .joint = ':', .next = next, .free = release};
    struct archive_reader *reader = items_new(sizeof *reader, &kind);
    if (!reader)
        return error_memory(err);
    reader->pair =
        context->options->label == LABEL_AUTO || context->options->label == LABEL_SIDECAR;
    cifar_start(&reader->cifar);
    *items = &reader->items;
    return STATUS_OK;
}
