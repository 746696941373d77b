/* Fuzz target: any bytes as a table, as a hierarchy of classes, as a filter. The reader of tables
 * walks over bit masks, in windows; a plain reader, byte by byte, must see the same rows up to the
 * first that is wrong. What is read is written as CSV and as TSV and read again: the same.
 *
 * The first byte says what it is: H, F, or the options of a table; the second where the window
 * ends. */
#include "table/filter.h"
#include "table/hierarchy.h"
#include "table/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Rows as one text: fields end in byte 1, rows in byte 2; neither may be in the input. */
enum { FIELD_END = 1, ROW_END = 2, PIPE_ROOM = 60000 };

static void put(struct buffer *out, const void *bytes, size_t size)
{
    if (buffer_append(out, bytes, size, NULL) != STATUS_OK)
        abort();
}

static void put_end(struct buffer *out, unsigned char end)
{
    put(out, &end, 1);
}

/* What the table gives until the first row that is wrong; *whole says whether there was none. As
 * CSV and TSV too. */
static int read_table(const unsigned char *bytes, size_t size, size_t split,
                      const struct table_options *options, struct buffer *rows, struct buffer *csv,
                      struct buffer *tsv, int *whole)
{
    struct bytes *input;
    struct buffer scratch = {0};
    struct table *table;
    struct table_row row;
    struct error err;
    enum status status;
    int ends[2];
    *whole = 0;
    if (pipe(ends) != 0 || write(ends[1], bytes + split, size - split) != (ssize_t)(size - split))
        abort();
    close(ends[1]);
    if (bytes_open_fd(ends[0], "fuzz", bytes, split, &input, &err) != STATUS_OK)
        abort();
    if (table_open(input, NULL, 0, options, &table, &err) != STATUS_OK)
        return 0;
    while ((status = table_next(table, &row, &err)) == STATUS_OK) {
        for (size_t i = 0; i < table_columns(table); i++) {
            struct text text;
            if (field_text(&row.fields[i], &scratch, &text, NULL) != STATUS_OK)
                abort();
            put(rows, text.at, text.size);
            put_end(rows, FIELD_END);
            if (i)
                put(csv, ",", 1), put(tsv, "\t", 1);
            if (field_put(csv, &row.fields[i], FIELD_CSV, NULL) != STATUS_OK ||
                field_put(tsv, &row.fields[i], FIELD_TSV, NULL) != STATUS_OK)
                abort();
        }
        put_end(rows, ROW_END);
        put(csv, "\n", 1), put(tsv, "\n", 1);
    }
    *whole = status == STATUS_END;
    while (status != STATUS_END && status != STATUS_SYSTEM)
        status = table_next(table, &row, &err);
    buffer_free(&scratch);
    table_free(table);
    return 1;
}

/* The same of CSV or TSV, byte by byte. Ends at the first thing that is wrong. */
static void read_plainly(const unsigned char *bytes, size_t size, unsigned char delimiter, int csv,
                         struct buffer *rows)
{
    size_t at = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, columns = 0;
    while (at < size) {
        size_t start = rows->size, count = 0;
        int more = 1, ended = 0, empty;
        while (more) {
            size_t from = rows->size;
            if (csv && at < size && bytes[at] == '"') {
                for (at++;
                     at < size && (bytes[at] != '"' || (at + 1 < size && bytes[at + 1] == '"'));
                     at++) {
                    at += bytes[at] == '"';
                    put(rows, bytes + at, 1);
                }
                if (at++ >= size)
                    goto wrong;
                at += at < size && bytes[at] == '\r' && (at + 1 == size || bytes[at + 1] == '\n');
                if (at < size && bytes[at] != delimiter && bytes[at] != '\n')
                    goto wrong;
            } else {
                for (; at < size && bytes[at] != delimiter && bytes[at] != '\n'; at++) {
                    static const char letters[] = "tnr", meant[] = "\t\n\r";
                    const char *letter = NULL;
                    int escapes =
                        !csv && bytes[at] == '\\' && at + 1 < size && bytes[at + 1] != delimiter &&
                        bytes[at + 1] != '\n' &&
                        !(bytes[at + 1] == '\r' && (at + 2 == size || bytes[at + 2] == '\n'));
                    if (bytes[at] == '\r' && (at + 1 == size || bytes[at + 1] == '\n'))
                        continue;
                    at += (size_t)escapes;
                    if (escapes && bytes[at])
                        letter = strchr(letters, bytes[at]);
                    put(rows, letter ? (const void *)(meant + (letter - letters)) : bytes + at, 1);
                }
            }
            count++;
            empty = rows->size == from;
            put_end(rows, FIELD_END);
            ended = at < size && bytes[at] == '\n';
            more = at < size && !ended;
            at += at < size;
        }
        put_end(rows, ROW_END);
        if (!csv && !ended)
            goto wrong;
        if (count == 1 && empty && columns > 1) {
            rows->size = start;
            continue;
        }
        if (memchr(rows->data + start, 0, rows->size - start) || (columns && count != columns))
            goto wrong;
        columns = count;
        continue;
    wrong:
        rows->size = start;
        return;
    }
}

static void same(const struct buffer *a, const struct buffer *b)
{
    if (a->size != b->size || (a->size && memcmp(a->data, b->data, a->size) != 0))
        abort();
}

static void read_again(const struct buffer *written, enum table_format format,
                       const struct buffer *rows)
{
    const struct table_options options = {.format = format, .headless = 1};
    struct buffer again = {0}, csv = {0}, tsv = {0};
    int whole;
    if (written->size && written->size < PIPE_ROOM &&
        read_table(written->data, written->size, written->size / 2, &options, &again, &csv, &tsv,
                   &whole))
        same(rows, &again);
    buffer_free(&again);
    buffer_free(&csv);
    buffer_free(&tsv);
}

static void as_table(const unsigned char *data, size_t size)
{
    const struct table_options options = {.format = data[0] & 1 ? TABLE_TSV : TABLE_CSV,
                                          .delimiter = data[0] & 2 ? ';' : '\0',
                                          .headless = 1};
    struct buffer rows = {0}, plain = {0}, csv = {0}, tsv = {0};
    size_t split;
    int whole;
    unsigned char delimiter = data[0] & 2 ? ';' : data[0] & 1 ? '\t' : ',';
    split = data[1];
    data += 2;
    size -= 2;
    if (size == 0 || size > PIPE_ROOM || memchr(data, FIELD_END, size) ||
        memchr(data, ROW_END, size) ||
        (size >= 2 && (memcmp(data, "\x1f\x8b", 2) == 0 || memcmp(data, "\xff\xfe", 2) == 0 ||
                       memcmp(data, "\xfe\xff", 2) == 0)))
        return;
    read_table(data, size, split < size ? split : size, &options, &rows, &csv, &tsv, &whole);
    read_plainly(data, size, delimiter, !(options.format == TABLE_TSV), &plain);
    same(&rows, &plain);
    /* a row of one empty field is no line that another reader sees, and a mark at the start is no
     * text */
    if (rows.size && rows.data[0] != 0xef && rows.data[0] != 0x1f && rows.data[0] < 0xfe) {
        read_again(&csv, TABLE_CSV, &rows);
        read_again(&tsv, TABLE_TSV, &rows);
    }
    buffer_free(&rows);
    buffer_free(&plain);
    buffer_free(&csv);
    buffer_free(&tsv);
}

static void as_hierarchy(const unsigned char *data, size_t size)
{
    static const struct kept_options plain;
    struct hierarchy *hierarchy;
    struct kept *names;
    struct error err;
    if (hierarchy_parse((const char *)data, size, "fuzz", &hierarchy, &err) != STATUS_OK)
        return;
    if (kept_new(&plain, &names, NULL) != STATUS_OK ||
        hierarchy_below(hierarchy, (struct text){"/m/0", 4}, names, NULL) != STATUS_OK)
        abort();
    kept_free(names);
    hierarchy_free(hierarchy);
}

static void as_filter(const unsigned char *data, size_t size)
{
    struct filter *filter;
    struct error err;
    char *text = malloc(size + 1);
    int passes;
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    if (size < 200 && !strchr(text, '~') &&
        filter_new(text, &filter, &err) ==
            STATUS_OK) { /* the C library's expressions are its own affair */
        filter_test(filter, (struct text){"0.5", 3}, &passes, &err);
        filter_test(filter, (struct text){text, strlen(text)}, &passes, &err);
        filter_free(filter);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] == 'H')
        as_hierarchy(data + 1, size - 1);
    else if (data[0] == 'F')
        as_filter(data + 1, size - 1);
    else
        as_table(data, size);
    return 0;
}
