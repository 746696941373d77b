#include "table/tsv.h"

#include "table/table.h"

#include <stdlib.h>
#include <string.h>

struct tsv {
    char *const *paths;
    size_t path_count, next; /* the next to open */
    struct bytes *first;     /* is open from the beginning, so that what cannot be opened is told */
    struct table *table;     /* NULL: none is open */
    struct buffer text;      /* the fields, each with a NUL */
    char **fields;
    size_t field_room;
};

static enum status open_bytes(struct tsv *tsv, struct bytes **bytes, struct error *err)
{
    const char *path = tsv->path_count ? tsv->paths[tsv->next] : NULL;
    tsv->next++;
    return bytes_open(path, bytes, err);
}

enum status tsv_open(char *const *paths, size_t count, struct tsv **tsv, struct error *err)
{
    struct tsv *made = memory_array(1, sizeof *made);
    enum status status;
    if (!made)
        return error_memory(err);
    made->paths = paths;
    made->path_count = count;
    status = open_bytes(made, &made->first, err);
    if (status != STATUS_OK) {
        tsv_free(made);
        return status;
    }
    *tsv = made;
    return STATUS_OK;
}

void tsv_free(struct tsv *tsv)
{
    if (!tsv)
        return;
    bytes_free(tsv->first);
    table_free(tsv->table);
    buffer_free(&tsv->text);
    free(tsv->fields);
    free(tsv);
}

static enum status open_next(struct tsv *tsv, struct tsv_row *row, struct error *err)
{
    static const struct table_options options = {.format = TABLE_TSV, .headless = 1, .loose = 1};
    struct bytes *bytes = tsv->first;
    tsv->first = NULL;
    if (!bytes)
        TRY(open_bytes(tsv, &bytes, err));
    row->file = bytes_name(bytes);
    row->line = 0;
    return table_open(bytes, NULL, 0, &options, &tsv->table, err);
}

/* The row's fields become strings. */
static enum status copy_fields(struct tsv *tsv, const struct table_row *from, struct tsv_row *row,
                               struct error *err)
{
    size_t size = from->count;
    char *at;
    for (size_t i = 0; i < from->count; i++)
        size += from->fields[i].raw.size;
    TRY(buffer_room(&tsv->text, size, err));
    if (from->count > tsv->field_room) {
        char **fields = memory_array(2 * from->count, sizeof *fields);
        if (!fields)
            return error_memory(err);
        free(tsv->fields);
        tsv->fields = fields;
        tsv->field_room = 2 * from->count;
    }
    at = (char *)tsv->text.data;
    for (size_t i = 0; i < from->count; i++) {
        tsv->fields[i] = at;
        at += field_copy(&from->fields[i], at);
        *at++ = '\0';
    }
    row->fields = tsv->fields;
    row->count = from->count;
    return STATUS_OK;
}

enum status tsv_next(struct tsv *tsv, struct tsv_row *row, struct error *err)
{
    struct table_row found;
    enum status status;
    for (;;) {
        if (!tsv->table) {
            if (!tsv->first && tsv->next >= tsv->path_count)
                return STATUS_END;
            TRY(open_next(tsv, row, err));
        }
        status = table_next(tsv->table, &found, err);
        if (status != STATUS_END)
            break;
        table_free(tsv->table);
        tsv->table = NULL;
    }
    row->file = found.file;
    row->line = found.line;
    if (status == STATUS_FAILED)
        return err ? (err->status = STATUS_DAMAGED) : STATUS_DAMAGED;
    return status == STATUS_OK ? copy_fields(tsv, &found, row, err) : status;
}
