#include "tools/imgjoin/imgjoin.h"

#include <string.h>
#include <unistd.h>

enum { OUT_BLOCK = 256 * 1024 };

/* The output, as far as it is not yet written. */
struct sheet {
    struct current current;
    struct buffer out;
    size_t limit; /* bytes that may wait */
    enum field_form form;
    int as_is; /* clean fields of the left table need no look */
};

static enum status flush(struct sheet *sheet, size_t limit, struct error *err)
{
    const struct output *output = &sheet->current.join->tool.output;
    enum status status = STATUS_OK;
    if (sheet->out.size > limit)
        status = io_write(output->fd, output->name, sheet->out.data, sheet->out.size, err);
    if (sheet->out.size > limit)
        buffer_clear(&sheet->out);
    return status;
}

static enum status put_text(struct sheet *sheet, struct text text, struct error *err)
{
    const struct field field = {text, FIELD_TEXT};
    return field_put(&sheet->out, &field, sheet->form, err);
}

static enum status put_copy(struct sheet *sheet, struct source source, struct error *err)
{
    const struct current *current = &sheet->current;
    if (source.side == 0) {
        const struct field *field = &current->fields[source.column];
        if (sheet->as_is && field->kind == FIELD_CLEAN)
            return buffer_append(&sheet->out, field->raw.at, field->raw.size, err);
        return field_put(&sheet->out, field, sheet->form, err);
    }
    if (!current->matched[source.side])
        return STATUS_OK;
    return put_text(sheet, current->values[source.side][source.column], err);
}

static enum status put_box(struct sheet *sheet, const struct item *item, struct error *err)
{
    struct current *current = &sheet->current;
    struct text edges[BOX_EDGES], text;
    struct buffer copies[BOX_EDGES] = {{0}};
    enum status status = STATUS_OK;
    for (int i = 0; i < BOX_EDGES && status == STATUS_OK; i++) {
        status = current_value(current, item->from[i], &text, err);
        if (status == STATUS_OK)
            status = buffer_append(&copies[i], text.at, text.size, err);
        edges[i] = (struct text){(const char *)copies[i].data, copies[i].size};
    }
    buffer_clear(&current->key);
    if (status == STATUS_OK && edges[0].size + edges[1].size + edges[2].size + edges[3].size)
        status = box_text(edges, &current->key, err);
    if (status == STATUS_OK)
        status =
            put_text(sheet, (struct text){(const char *)current->key.data, current->key.size}, err);
    for (int i = 0; i < BOX_EDGES; i++)
        buffer_free(&copies[i]);
    return status;
}

/* "yes", "no", or nothing where one of the two failed or is missing. */
static enum status put_agree(struct sheet *sheet, const struct item *item, struct error *err)
{
    struct current *current = &sheet->current;
    struct text a, b;
    if (!current->matched[item->from[1].side])
        return STATUS_OK;
    TRY(current_value(current, item->from[0], &a, err));
    TRY(current_value(current, item->from[1], &b, err));
    if ((a.size && *a.at == '!') || (b.size && *b.at == '!'))
        return STATUS_OK;
    return buffer_text(&sheet->out,
                       a.size == b.size && memcmp(a.at, b.at, a.size) == 0 ? "yes" : "no", err);
}

static enum status put_item(struct sheet *sheet, const struct item *item, struct error *err)
{
    switch (item->kind) {
    case ITEM_COPY:
        return put_copy(sheet, item->from[0], err);
    case ITEM_BOX:
        return put_box(sheet, item, err);
    case ITEM_AGREE:
        break;
    }
    return put_agree(sheet, item, err);
}

/* How many items from this one on are columns of the left table that follow each other there. */
static size_t neighbours(const struct imgjoin *join, size_t at)
{
    const struct item *item = &join->items[at];
    size_t count = 0, first = item->from[0].column;
    while (at + count < join->item_count && item[count].kind == ITEM_COPY &&
           item[count].from[0].side == 0 && item[count].from[0].column == first + count)
        count++;
    return count ? count : 1;
}

static enum status put_row(struct current *current, struct error *err)
{
    struct sheet *sheet = current->emitter;
    const struct imgjoin *join = current->join;
    char delimiter = sheet->form == FIELD_CSV ? ',' : '\t';
    size_t start = sheet->out.size;
    for (size_t i = 0, count = 0; i < join->item_count; i += count) {
        enum status status = i ? buffer_append(&sheet->out, &delimiter, 1, err) : STATUS_OK;
        int done = 0;
        count = sheet->as_is ? neighbours(join, i) : 1;
        if (status == STATUS_OK && count > 1)
            status = fields_put_clean(&sheet->out, current->fields + join->items[i].from[0].column,
                                      count, delimiter, &done, err);
        if (!done)
            count = 1;
        if (status == STATUS_OK && !done)
            status = put_item(sheet, &join->items[i], err);
        if (status != STATUS_OK) {
            sheet->out.size = start;
            return status;
        }
    }
    TRY(buffer_append(&sheet->out, "\n", 1, err));
    return flush(sheet, sheet->limit, err);
}

/* The heading, when every column has a name. */
static enum status put_header(struct sheet *sheet, struct error *err)
{
    const struct imgjoin *join = sheet->current.join;
    for (size_t i = 0; i < join->item_count; i++)
        if (!join->items[i].name)
            return STATUS_OK;
    for (size_t i = 0; i < join->item_count; i++) {
        TRY(buffer_text(&sheet->out, i == 0 ? "" : sheet->form == FIELD_CSV ? "," : "\t", err));
        TRY(put_text(sheet, (struct text){join->items[i].name, strlen(join->items[i].name)}, err));
    }
    return buffer_text(&sheet->out, "\n", err);
}

static enum status run(struct sheet *sheet, struct error *err)
{
    struct imgjoin *join = sheet->current.join;
    struct table *rows = join->left.rows;
    struct table_row row;
    enum status status;
    TRY(current_open(join, &sheet->current, err));
    TRY(put_header(sheet, err));
    table_want(rows, join->left.wanted);
    while ((status = next_row(&join->sides[0], rows, &row, err)) != STATUS_END) {
        if (status == STATUS_OK) {
            sheet->current.fields = row.fields;
            status = join_row(&sheet->current, err);
            if (status == STATUS_FAILED)
                error_prefix(err, "%s:%llu", row.file, (unsigned long long)row.line);
            if (join->tool.progress.to && join->rows_read % 4096 == 0)
                progress_add(&join->tool.progress, 4096, NULL);
        }
        if (status == STATUS_FAILED || status == STATUS_DAMAGED)
            note_row(join, status, err);
        else if (status != STATUS_OK)
            return status;
    }
    return flush(sheet, 0, err);
}

void run_table(struct imgjoin *join)
{
    struct sheet sheet = {.current = {.join = join, .emit = put_row},
                          .form = join->csv ? FIELD_CSV : FIELD_TSV};
    struct error err;
    enum status status;
    sheet.current.emitter = &sheet;
    sheet.as_is = !join->csv || table_is_csv(join->left.rows);
    tool_output(&join->tool);
    sheet.limit = isatty(join->tool.output.fd) ? 0 : OUT_BLOCK;
    status = run(&sheet, &err);
    current_free(&sheet.current);
    buffer_free(&sheet.out);
    if (status != STATUS_OK)
        tool_die(&join->tool, &err);
}
