/* A picture file given by itself, compressed or not. */
#include "source_internal.h"

struct picture_reader {
    struct items items;
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
        status = input_read_all(reader->items.input, items->context->options->max_bytes,
                                &record->payload, err);
    if (status == STATUS_FAILED)
        return fail_picture(items->context, record, items->path, err->text, err);
    return status == STATUS_OK
               ? sidecar_beside(items->context->options->label, items->path, record, err)
               : status;
}

enum status picture_items(struct input *input, const struct context *context, const char *path,
                          struct items **items, struct error *err)
{
    const struct items kind = {
        .context = context, .input = input, .path = path, .next = next, .free = items_free};
    struct picture_reader *reader = items_new(sizeof *reader, &kind);
    if (!reader)
        return error_memory(err);
    *items = &reader->items;
    return STATUS_OK;
}
