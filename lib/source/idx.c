/* IDX pairs as of MNIST and Fashion-MNIST: one file of pictures (00 00 08 03, count, height, width,
 * all big-endian, then bytes), one of labels (00 00 08 01, count, then bytes).
 * http://yann.lecun.com/exdb/mnist/ */
#include "source_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IDX_U8 = 8, IDX_LABELS = 1, IDX_GREY = 3 };

struct idx_reader {
    struct items items;
    struct input *labels; /* NULL: none */
    char *labels_path;
    uint32_t count, height, width;
    uint32_t number; /* of the next picture */
    int over;
};

static uint32_t get_be32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Reads mark and dimensions. */
static enum status read_header(struct input *input, int rank, uint32_t *dims, struct error *err)
{
    unsigned char bytes[4 + 4 * IDX_GREY];
    size_t size = 4 + 4 * (size_t)rank, got;
    enum status status = input_read(input, bytes, size, &got, err);
    if (status != STATUS_OK)
        return status;
    if (got < size || bytes[0] || bytes[1])
        return error_set(err, STATUS_DAMAGED, "%s: no IDX file", input->name);
    if (bytes[2] != IDX_U8 || bytes[3] != rank)
        return error_set(err, STATUS_DAMAGED,
                         "%s: IDX of type %02x and %d dimensions, expected 08 and %d", input->name,
                         bytes[2], bytes[3], rank);
    for (int i = 0; i < rank; i++)
        dims[i] = get_be32(bytes + 4 + 4 * i);
    return STATUS_OK;
}

/* An ended or overlong file, told once. */
static enum status finish(struct idx_reader *reader, struct error *err)
{
    unsigned char byte;
    size_t got;
    enum status status = input_read(reader->items.input, &byte, 1, &got, err);
    reader->over = 1;
    if (status != STATUS_OK)
        return STATUS_DAMAGED;
    if (got)
        return error_set(err, STATUS_DAMAGED,
                         "%s: goes on after the %lu pictures that it announced",
                         reader->items.input->name, (unsigned long)reader->count);
    return STATUS_END;
}

static enum status set_label(struct idx_reader *reader, struct record *record, struct error *err)
{
    unsigned char byte;
    char text[8];
    size_t got;
    enum status status;
    if (!reader->labels)
        return STATUS_OK;
    status = input_read(reader->labels, &byte, 1, &got, err);
    if (status == STATUS_OK && got == 0)
        status = error_set(err, STATUS_DAMAGED, "%s: ends after %lu labels", reader->labels->name,
                           (unsigned long)reader->number);
    if (status != STATUS_OK)
        return status == STATUS_FAILED ? STATUS_DAMAGED : status;
    snprintf(text, sizeof text, "%d", byte);
    return record_set(record, "label", text, err);
}

static enum status next(struct items *items, struct record *record, struct error *err)
{
    struct idx_reader *reader = (struct idx_reader *)items;
    size_t size = (size_t)reader->height * reader->width, got;
    char key[16];
    enum status status;
    if (reader->over)
        return STATUS_END;
    if (reader->number == reader->count)
        return finish(reader, err);
    snprintf(key, sizeof key, "%05lu", (unsigned long)reader->number);
    status = begin_picture(record, key, err);
    if (status == STATUS_OK)
        status = buffer_printf(&record->payload, err, "P5\n%lu %lu\n255\n",
                               (unsigned long)reader->width, (unsigned long)reader->height);
    if (status == STATUS_OK)
        status = buffer_reserve(&record->payload, size, err);
    if (status == STATUS_OK)
        status = input_read(reader->items.input, record->payload.data + record->payload.size, size,
                            &got, err);
    if (status == STATUS_OK && got < size)
        status = error_set(err, STATUS_DAMAGED, "%s: ends after %lu of %lu pictures",
                           reader->items.input->name, (unsigned long)reader->number,
                           (unsigned long)reader->count);
    if (status == STATUS_OK) {
        record->payload.size += size;
        status = set_label(reader, record, err);
    }
    reader->number++;
    reader->over = status != STATUS_OK;
    return status == STATUS_FAILED ? STATUS_DAMAGED : status;
}

static void release(struct items *items)
{
    struct idx_reader *reader = (struct idx_reader *)items;
    input_free(reader->labels);
    free(reader->labels_path);
    items_free(items);
}

/* train-images-idx3-ubyte[.gz] -> train-labels-idx1-ubyte, with .gz or without; NULL when there is
 * none. */
static char *find_labels(const char *path)
{
    static const char pictures[] = "images", labels[] = "labels", idx3[] = "idx3", idx1[] = "idx1",
                      gz[] = ".gz";
    size_t room = strlen(path) + sizeof gz;
    char *found = memory_array(room, 1), *at;
    if (!found)
        return NULL;
    snprintf(found, room, "%s", path);
    at = strstr(found + (base_name(path) - path), pictures);
    if (!at) {
        free(found);
        return NULL;
    }
    memcpy(at, labels, sizeof labels - 1);
    at = strstr(at, idx3);
    if (at)
        memcpy(at, idx1, sizeof idx1 - 1);
    if (access(found, R_OK) != 0) {
        size_t length = strlen(found), tail = sizeof gz - 1;
        if (length > tail && strcmp(found + length - tail, gz) == 0)
            found[length - tail] = '\0';
        else
            memcpy(found + length, gz, sizeof gz);
    }
    if (access(found, R_OK) == 0)
        return found;
    free(found);
    return NULL;
}

static enum status open_labels(struct idx_reader *reader, const char *path, struct error *err)
{
    const char *given = reader->items.context->options->idx_labels;
    char *found = given ? strdup(given) : find_labels(path);
    uint32_t count = 0;
    enum status status;
    if (!found)
        return STATUS_OK;
    reader->labels_path = found;
    status = input_open(found, SOURCE_IDX, &reader->labels, err);
    if (status == STATUS_OK)
        status = read_header(reader->labels, IDX_LABELS, &count, err);
    if (status == STATUS_OK && count != reader->count)
        status = error_set(err, STATUS_DAMAGED, "%s: %lu labels for %lu pictures", found,
                           (unsigned long)count, (unsigned long)reader->count);
    return status;
}

/* Too large a picture, or pictures of no pixels. */
static enum status check_size(const struct idx_reader *reader, struct error *err)
{
    uint64_t size = (uint64_t)reader->height * reader->width;
    if (size == 0 || size > reader->items.context->options->max_bytes)
        return error_set(err, STATUS_DAMAGED, "%s: IDX pictures of %lux%lu pixels",
                         reader->items.input->name, (unsigned long)reader->width,
                         (unsigned long)reader->height);
    return STATUS_OK;
}

enum status idx_items(struct input *input, const struct context *context, const char *path,
                      struct items **items, struct error *err)
{
    const struct items kind = {
        .context = context, .input = input, .joint = ':', .next = next, .free = release};
    struct idx_reader *reader = items_new(sizeof *reader, &kind);
    uint32_t dims[IDX_GREY] = {0};
    enum status status = STATUS_OK;
    if (!reader)
        return error_memory(err);
    if (input->head_size > 3 && input->head[3] == IDX_LABELS) {
        skip_member(context, &context->counts->others, path, "the labels of an IDX pair");
        reader->over = 1;
    } else {
        status = read_header(input, IDX_GREY, dims, err);
        reader->count = dims[0];
        reader->height = dims[1];
        reader->width = dims[2];
        if (status == STATUS_OK && reader->count)
            status = check_size(reader, err);
        if (status == STATUS_OK)
            status = open_labels(reader, path, err);
    }
    if (status != STATUS_OK)
        release(&reader->items);
    else
        *items = &reader->items;
    return status == STATUS_FAILED ? STATUS_DAMAGED : status;
}
