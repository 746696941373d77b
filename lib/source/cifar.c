/* CIFAR-10 binary batches: records of one label byte and 32x32 pixels, planes red, green, blue.
 * https://www.cs.toronto.edu/~kriz/cifar.html */
#include "source_internal.h"

#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const cifar10_names[CIFAR_CLASSES] = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

void cifar_start(struct cifar *cifar)
{
    memset(cifar, 0, sizeof *cifar);
    for (int i = 0; i < CIFAR_CLASSES; i++)
        snprintf(cifar->names[i], sizeof cifar->names[i], "%s", cifar10_names[i]);
}

void cifar_names(struct cifar *cifar, const char *text)
{
    for (int i = 0; i < CIFAR_CLASSES && *text; i++) {
        int length = (int)strcspn(text, "\r\n");
        if (length)
            snprintf(cifar->names[i], sizeof cifar->names[i], "%.*s", length, text);
        text += length;
        text += strspn(text, "\r\n");
    }
}

/* The pixels become a PPM behind its header, planes interleaved. */
static enum status put_pixels(struct record *record, const unsigned char *planes, struct error *err)
{
    static const char header[] = "P6\n32 32\n255\n";
    unsigned char *pixel;
    enum status status = buffer_text(&record->payload, header, err);
    if (status == STATUS_OK)
        status = buffer_reserve(&record->payload, (size_t)3 * CIFAR_PIXELS, err);
    if (status != STATUS_OK)
        return status;
    pixel = record->payload.data + record->payload.size;
    for (int i = 0; i < CIFAR_PIXELS; i++)
        for (int c = 0; c < 3; c++)
            *pixel++ = planes[c * CIFAR_PIXELS + i];
    record->payload.size += (size_t)3 * CIFAR_PIXELS;
    return STATUS_OK;
}

enum status cifar_next(struct cifar *cifar, struct input *input, const char *batch,
                       struct record *record, struct error *err)
{
    unsigned char bytes[CIFAR_RECORD];
    char key[RECORD_KEY_MAX + 64];
    size_t got;
    enum status status = input_read(input, bytes, sizeof bytes, &got, err);
    if (status != STATUS_OK)
        return status;
    if (got == 0)
        return STATUS_END;
    if (got < sizeof bytes)
        return error_set(err, STATUS_DAMAGED, "%s: CIFAR-10 batch ends within picture %lld",
                         batch ? batch : input->name, (long long)cifar->number);
    if (bytes[0] >= CIFAR_CLASSES)
        return error_set(err, STATUS_DAMAGED,
                         "%s: no CIFAR-10 batch: picture %lld has label %d, expected 0 to 9",
                         batch ? batch : input->name, (long long)cifar->number, bytes[0]);
    if (batch)
        snprintf(key, sizeof key, "%.*s:%05lld", RECORD_KEY_MAX, batch, (long long)cifar->number);
    else
        snprintf(key, sizeof key, "%05lld", (long long)cifar->number);
    cifar->number++;
    status = begin_picture(record, key, err);
    if (status == STATUS_OK)
        status = record_set(record, "label", cifar->names[bytes[0]], err);
    return status == STATUS_OK ? put_pixels(record, bytes + 1, err) : status;
}

/* ---- a batch as an operand ---- */

struct cifar_reader {
    struct items items;
    struct cifar cifar;
    int over;
};

static enum status next(struct items *items, struct record *record, struct error *err)
{
    struct cifar_reader *reader = (struct cifar_reader *)items;
    enum status status = reader->over
                             ? STATUS_END
                             : cifar_next(&reader->cifar, reader->items.input, NULL, record, err);
    reader->over = status != STATUS_OK;
    return status == STATUS_FAILED ? STATUS_DAMAGED : status;
}

/* The names in the batches.meta.txt beside the batch, if it is there. */
static void find_names(struct cifar *cifar, const char *path)
{
    size_t folder = (size_t)(base_name(path) - path), room = folder + sizeof "batches.meta.txt",
           size;
    char *meta = memory_array(room, 1), *text;
    if (!meta)
        return;
    snprintf(meta, room, "%.*sbatches.meta.txt", (int)folder, path);
    if (access(meta, R_OK) == 0 && io_slurp(meta, SIDECAR_MAX, &text, &size, NULL) == STATUS_OK) {
        cifar_names(cifar, text);
        free(text);
    }
    free(meta);
}

enum status cifar_items(struct input *input, const struct context *context, const char *path,
                        struct items **items, struct error *err)
{
    const struct items kind = {
        .context = context, .input = input, .joint = ':', .next = next, .free = items_free};
    struct cifar_reader *reader = items_new(sizeof *reader, &kind);
    if (!reader)
        return error_memory(err);
    cifar_start(&reader->cifar);
    find_names(&reader->cifar, path);
    *items = &reader->items;
    return STATUS_OK;
}
