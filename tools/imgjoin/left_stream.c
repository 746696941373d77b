#include "tools/imgjoin/imgjoin.h"

#include <stdio.h>
#include <string.h>

struct streaming {
    struct current current;
    struct record out;
    struct buffer text; /* an attribute's value, with its NUL */
    int numbered;       /* several records may come of one: their keys get a number */
};

static enum status set_box(struct streaming *streaming, const struct item *item, struct error *err)
{
    struct text edges[BOX_EDGES];
    size_t sum = 0;
    for (int i = 0; i < BOX_EDGES; i++) {
        TRY(current_value(&streaming->current, item->from[i], &edges[i], err));
        sum += edges[i].size;
    }
    return sum ? box_text(edges, &streaming->text, err) : STATUS_OK;
}

static enum status set_item(struct streaming *streaming, const struct item *item, struct error *err)
{
    struct current *current = &streaming->current;
    struct text text;
    if (item->from[0].side && !current->matched[item->from[0].side])
        return STATUS_OK;
    buffer_clear(&streaming->text);
    if (item->kind == ITEM_BOX)
        TRY(set_box(streaming, item, err));
    else {
        TRY(current_value(current, item->from[0], &text, err));
        TRY(buffer_append(&streaming->text, text.at, text.size, err));
    }
    TRY(buffer_append(&streaming->text, "", 1, err));
    return record_set(&streaming->out, item->name, (const char *)streaming->text.data, err);
}

static enum status make_head(struct streaming *streaming, struct error *err)
{
    const struct current *current = &streaming->current;
    const struct imgjoin *join = current->join;
    struct record *out = &streaming->out;
    TRY(record_copy_head(out, current->record, err));
    if (streaming->numbered) {
        int matched = 0;
        for (size_t i = 1; i < join->side_count; i++)
            matched |= join->sides[i].each && current->matched[i];
        buffer_clear(&streaming->text);
        TRY(buffer_printf(&streaming->text, err, "%s#%llu", record_key(current->record),
                          matched ? (unsigned long long)current->number : 0ULL));
        TRY(buffer_append(&streaming->text, "", 1, err));
        if (record_set_key(out, (const char *)streaming->text.data, err) != STATUS_OK)
            return error_set(err, STATUS_FAILED, "the key has no room for a number");
    }
    for (size_t i = 0; i < join->item_count; i++)
        TRY(set_item(streaming, &join->items[i], err));
    return STATUS_OK;
}

/* The record with its new head; the payload is lent, not copied. */
static enum status put_record(struct current *current, struct error *err)
{
    struct streaming *streaming = current->emitter;
    struct record *out = &streaming->out;
    struct buffer own;
    enum status status;
    TRY(make_head(streaming, err));
    own = out->payload;
    out->kind = current->record->kind;
    out->type = current->record->type;
    out->shape = current->record->shape;
    out->payload = current->record->payload;
    status = emit_record(current->join->emitter, out, err);
    out->payload = own;
    return status;
}

static enum status work(void *context, void *worker, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err)
{
    struct streaming *streaming = context;
    enum status status = STATUS_OK;
    (void)worker;
    streaming->current.join->emitter = emitter;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct error why;
        streaming->current.record = &records[i];
        status = join_row(&streaming->current, &why);
        if (status == STATUS_FAILED && !streaming->current.join->strict_end)
            status = emit_failure(emitter, &records[i], why.text, err);
        else if (status != STATUS_OK)
            *err = why;
    }
    return status;
}

void run_stream(struct imgjoin *join)
{
    struct streaming streaming = {.current = {.join = join, .emit = put_record}};
    struct map map = {.work = work, .context = &streaming};
    struct writer *writer;
    struct error err;
    streaming.current.emitter = &streaming;
    for (size_t i = 1; i < join->side_count; i++)
        streaming.numbered |= join->sides[i].each;
    if (current_open(join, &streaming.current, &err) != STATUS_OK)
        tool_die(&join->tool, &err);
    join->tool.threads = 1; /* records wait for each other: --distinct, and what is counted */
    writer = tool_writer(&join->tool);
    tool_map(&join->tool, &map, join->left.reader, writer);
    writer_free(writer);
    current_free(&streaming.current);
    record_free(&streaming.out);
    buffer_free(&streaming.text);
}
