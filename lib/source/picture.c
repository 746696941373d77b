/* A picture file given by itself, compressed or not. */
#include "source_internal.h"

#include <stdlib.h>

struct picture_reader {
    struct items items;
    struct input *input;
    int over;
};

static enum status next(struct items *items, struct record *record, struct error *err)
{
    struct picture_reader *reader = (struct picture_reader *)items;
    enum status status;
    if (reader->over)
        return STATUS_END;
    reader->over = 1;
    status = begin_picture(record, items->path, err);
    if (status == STATUS_OK)
        status = input_read_all(reader->input, items->context->options->max_bytes, &record->payload,
                                err);
    if (status == STATUS_FAILED)
        return fail_picture(items->context, record, items->path, err->text, err);
    return status == STATUS_OK
               ? sidecar_beside(items->context->options->label, items->path, record, err)
               : status;
}

static void release(struct items *items)
{
    struct picture_reader *reader = (struct picture_reader *)items;
    input_free(reader->input);
    free(reader);
}

enum status picture_items(struct input *input, const struct context *context, const char *path,
                          struct items **items, struct error *err)
{
    struct picture_reader *reader = memory_array(1, sizeof *reader);
    if (!reader) {
        input_free(input);
        return error_memory(err);
    }
    reader->items.context = context;
    reader->items.path = path;
    reader->items.next = next;
    reader->items.free = release;
    reader->input = input;
    *items = &reader->items;
    return STATUS_OK;
}
