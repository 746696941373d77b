#include "table/table_internal.h"

#include <stdlib.h>
#include <string.h>

static enum status at_row(const struct table *rows, enum status status, const char *what,
                          struct error *err)
{
    return error_set(err, status, "%s:%llu: %s", rows->row.file, (unsigned long long)rows->row.line,
                     what);
}

/* TSV or CSV, by the first line and the options. */
static enum status choose_format(struct table *rows, struct error *err)
{
    const struct table_options *options = &rows->options;
    struct window *window = &rows->window;
    const unsigned char *from = window->data + window->at;
    size_t size = window->end - window->at;
    const unsigned char *newline = size ? memchr(from, '\n', size) : NULL;
    enum table_format format = options->format;
    if (format == TABLE_AUTO)
        format =
            memchr(from, '\t', newline ? (size_t)(newline - from) : size) && !options->delimiter
                ? TABLE_TSV
                : TABLE_CSV;
    rows->quotes = format == TABLE_CSV;
    rows->delimiter = options->delimiter ? options->delimiter : rows->quotes ? ',' : '\t';
    if (rows->delimiter == '"' || rows->delimiter == '\n' || rows->delimiter == '\r')
        return error_set(err, STATUS_USAGE, "this character cannot be a delimiter");
    return STATUS_OK;
}

static void close_file(struct table *rows)
{
    bytes_free(rows->bytes);
    rows->bytes = NULL;
}

/* A row of this file; empty lines are none where there are several columns. */
static enum status read_row(struct table *rows, struct error *err)
{
    enum status status;
    do {
        rows->row.line = rows->line;
        status = walk(rows, err);
    } while (status == STATUS_OK && rows->found == 1 && rows->columns > 1 && rows->wanted &&
             rows->fields[0].raw.size == 0 && !rows->options.ragged);
    rows->row.fields = rows->fields;
    rows->row.count = rows->found;
    return status;
}

/* The columns of the row just read become names, or are compared with those there are. */
static enum status take_header(struct table *rows, struct error *err)
{
    struct buffer scratch = {0};
    enum status status = STATUS_OK;
    int compare = rows->names != NULL;
    if (!compare) {
        rows->columns = rows->found;
        rows->names = memory_array(rows->columns, sizeof *rows->names);
        if (!rows->names)
            return error_memory(err);
    } else if (rows->found != rows->columns) {
        return at_row(rows, STATUS_DAMAGED, "the header is another one than in the first file",
                      err);
    }
    for (size_t i = 0; i < rows->columns && status == STATUS_OK; i++) {
        struct text text;
        status = field_text(&rows->fields[i], &scratch, &text, err);
        if (status != STATUS_OK)
            break;
        if (compare) {
            if (strlen(rows->names[i]) != text.size ||
                memcmp(rows->names[i], text.at, text.size) != 0)
                status = at_row(rows, STATUS_DAMAGED,
                                "the header is another one than in the first file", err);
            continue;
        }
        rows->names[i] = malloc(text.size + 1);
        if (!rows->names[i]) {
            status = error_memory(err);
            break;
        }
        memcpy(rows->names[i], text.at, text.size);
        rows->names[i][text.size] = '\0';
    }
    buffer_free(&scratch);
    return status;
}

/* The file is open: its format, and its header or first row. */
static enum status start_file(struct table *rows, struct error *err)
{
    size_t wanted = rows->wanted;
    enum status status;
    rows->row.file = bytes_name(rows->bytes);
    rows->delimiter = ',';
    status = window_start(rows, err);
    if (status == STATUS_OK)
        status = choose_format(rows, err);
    if (status != STATUS_OK)
        return status;
    masks_fill(rows->window.data, (rows->window.end + MASKS_BLOCK - 1) / MASKS_BLOCK,
               (unsigned char)rows->delimiter, rows->quotes ? '"' : -1, &rows->window.masks);
    if (rows->options.loose || (rows->options.headless && rows->columns))
        return STATUS_OK;
    rows->wanted = SIZE_MAX;
    status = read_row(rows, err);
    rows->wanted = wanted;
    if (status == STATUS_END || status == STATUS_FAILED) {
        status = status == STATUS_END
                     ? error_set(err, STATUS_DAMAGED, "%s has no line", rows->row.file)
                     : (err ? (err->status = STATUS_DAMAGED) : STATUS_DAMAGED);
        return status;
    }
    if (status != STATUS_OK)
        return status;
    if (!rows->options.headless)
        return take_header(rows, err);
    rows->columns = rows->found;
    rows->again = 1;
    return STATUS_OK;
}

static enum status open_next(struct table *rows, struct error *err)
{
    TRY(bytes_open(rows->paths[rows->next++], &rows->bytes, err));
    return start_file(rows, err);
}

/* Two columns of one name could not be told apart. */
static enum status check_names(const struct table *rows, struct error *err)
{
    for (size_t i = 0; rows->names && i < rows->columns; i++)
        for (size_t j = 0; j < i; j++)
            if (*rows->names[i] && strcmp(rows->names[i], rows->names[j]) == 0)
                return error_set(err, STATUS_DAMAGED, "%s: the columns %zu and %zu are both '%s'",
                                 rows->row.file, j + 1, i + 1, rows->names[i]);
    return STATUS_OK;
}

enum status table_open(struct bytes *first, char *const *paths, size_t count,
                       const struct table_options *options, struct table **rows, struct error *err)
{
    struct table *made = memory_array(1, sizeof *made);
    enum status status;
    if (!made) {
        bytes_free(first);
        return error_memory(err);
    }
    made->options = *options;
    made->paths = paths;
    made->path_count = count;
    made->bytes = first;
    made->wanted = SIZE_MAX;
    made->next = first != NULL;
    status = first ? start_file(made, err) : open_next(made, err);
    if (status == STATUS_OK)
        status = check_names(made, err);
    if (status != STATUS_OK) {
        table_free(made);
        return status;
    }
    if (!options->loose)
        made->wanted = made->columns;
    *rows = made;
    return STATUS_OK;
}

static void free_names(struct table *rows)
{
    for (size_t i = 0; rows->names && i < rows->columns; i++)
        free(rows->names[i]);
    free(rows->names);
    rows->names = NULL;
}

enum status table_set_names(struct table *rows, const char *names, struct error *err)
{
    const char *at = names;
    rows->names = memory_array(rows->columns, sizeof *rows->names);
    if (!rows->names)
        return error_memory(err);
    for (size_t i = 0; i < rows->columns; i++) {
        size_t length = strcspn(at, ",");
        rows->names[i] = malloc(length + 1);
        if (!rows->names[i])
            return error_memory(err);
        memcpy(rows->names[i], at, length);
        rows->names[i][length] = '\0';
        at += length;
        if ((*at == ',') != (i + 1 < rows->columns))
            return error_set(err, STATUS_USAGE, "'%s': %s has %zu columns", names, rows->row.file,
                             rows->columns);
        at += *at == ',';
    }
    return check_names(rows, err);
}

size_t table_columns(const struct table *rows)
{
    return rows->columns;
}

const char *table_column(const struct table *rows, size_t column)
{
    return rows->names ? rows->names[column] : NULL;
}

const char *table_file(const struct table *rows)
{
    return rows->row.file;
}

int table_is_csv(const struct table *rows)
{
    return rows->quotes && rows->delimiter == ',';
}

enum status table_find(const struct table *rows, const char *name, size_t *column,
                       struct error *err)
{
    char have[ERROR_TEXT / 2];
    size_t used = 0, number = strspn(name, "0123456789");
    for (size_t i = 0; rows->names && i < rows->columns; i++)
        if (strcmp(rows->names[i], name) == 0) {
            *column = i;
            return STATUS_OK;
        }
    if (number && !name[number]) {
        unsigned long value = strtoul(name, NULL, 10);
        if (value >= 1 && value <= rows->columns) {
            *column = value - 1;
            return STATUS_OK;
        }
    }
    if (!rows->names)
        return error_set(err, STATUS_USAGE,
                         "%s has no column '%s': it has no header, and columns 1 to %zu",
                         rows->row.file, name, rows->columns);
    have[0] = '\0';
    for (size_t i = 0; i < rows->columns && used < sizeof have - 1; i++) {
        size_t length = strlen(rows->names[i]), room = sizeof have - used;
        if (length + 3 > room)
            break;
        memcpy(have + used, i ? ", " : "", i ? 3 : 1);
        memcpy(have + used + (i ? 2 : 0), rows->names[i], length + 1);
        used += length + (i ? 2 : 0);
    }
    return error_set(err, STATUS_USAGE, "%s has no column '%s': it has %s", rows->row.file, name,
                     have);
}

void table_want(struct table *rows, size_t columns)
{
    columns = columns ? columns : 1; /* by which an empty line is known */
    rows->wanted = columns < rows->columns ? columns : rows->columns;
}

/* What the row does not have is empty. */
static void fill_up(struct table *rows)
{
    for (size_t i = rows->found; i < rows->wanted; i++)
        rows->fields[i] = (struct field){{"", 0}, FIELD_TEXT};
}

enum status table_next(struct table *rows, struct table_row *row, struct error *err)
{
    enum status status = STATUS_OK;
    if (rows->again) {
        rows->again = 0;
        *row = rows->row;
        return STATUS_OK;
    }
    do {
        if (!rows->bytes && rows->next >= rows->path_count)
            return STATUS_END;
        if (!rows->bytes) {
            status = open_next(rows, err);
            if (status != STATUS_OK) {
                close_file(rows);
                return status;
            }
        }
        status = read_row(rows, err);
        if (status == STATUS_END || status == STATUS_SYSTEM)
            close_file(rows);
    } while (status == STATUS_END);
    *row = rows->row;
    if (status == STATUS_OK && rows->found != rows->columns && !rows->options.loose) {
        if (rows->found > rows->columns || !rows->options.ragged)
            return error_set(err, STATUS_FAILED, "%s:%llu: the row has %zu columns, not %zu",
                             row->file, (unsigned long long)row->line, rows->found, rows->columns);
        fill_up(rows);
    }
    return status;
}

void table_free(struct table *rows)
{
    if (!rows)
        return;
    close_file(rows);
    free_names(rows);
    window_free(&rows->window);
    free(rows->fields);
    free(rows);
}
