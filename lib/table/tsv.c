#include "table/tsv.h"

#include "base/io.h"
#include "base/memory.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TSV_CHUNK = 64 * 1024 };

struct tsv {
    char *const *paths;
    size_t path_count, path; /* path: the next to open */
    int fd;                  /* -1: none is open */
    const char *name;
    uint64_t line;
    unsigned char *chunk; /* TSV_CHUNK bytes, of which [at, end) are still to be given out */
    size_t at, end;
    int any;            /* the open file had bytes */
    struct buffer text; /* the line */
    char **fields;
    size_t field_room;
};

static enum status open_next(struct tsv *tsv, struct error *err)
{
    const char *path = tsv->path_count ? tsv->paths[tsv->path] : "-";
    tsv->path++;
    tsv->line = 0;
    tsv->any = 0;
    tsv->at = tsv->end = 0;
    if (strcmp(path, "-") == 0) {
        tsv->fd = STDIN_FILENO;
        tsv->name = "standard input";
        return STATUS_OK;
    }
    tsv->name = path;
    tsv->fd = open(path, O_RDONLY | O_CLOEXEC);
    return tsv->fd < 0 ? error_errno(err, "cannot open %s", path) : STATUS_OK;
}

static void close_file(struct tsv *tsv)
{
    if (tsv->fd >= 0 && tsv->fd != STDIN_FILENO)
        close(tsv->fd);
    tsv->fd = -1;
}

enum status tsv_open(char *const *paths, size_t count, struct tsv **tsv, struct error *err)
{
    struct tsv *made = memory_array(1, sizeof *made);
    enum status status;
    if (!made)
        return error_memory(err);
    made->fd = -1;
    made->paths = paths;
    made->path_count = count;
    made->chunk = memory_aligned(TSV_CHUNK);
    status = made->chunk ? open_next(made, err) : error_memory(err);
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
    close_file(tsv);
    buffer_free(&tsv->text);
    free(tsv->chunk);
    free(tsv->fields);
    free(tsv);
}

/* Moves the next line, without its newline, to tsv->text. STATUS_END: the file ended before any
 * byte of a line; *cut: the line has no newline; *too_long: only the first TSV_LINE_MAX bytes were
 * kept. */
static enum status next_line(struct tsv *tsv, int *cut, int *too_long, struct error *err)
{
    int any = 0;
    *cut = *too_long = 0;
    buffer_clear(&tsv->text);
    for (;;) {
        const unsigned char *from, *newline;
        size_t size, room;
        enum status status;
        if (tsv->at == tsv->end) {
            tsv->at = 0;
            status = io_read(tsv->fd, tsv->name, tsv->chunk, TSV_CHUNK, &tsv->end, err);
            if (status != STATUS_OK)
                return status;
            if (tsv->end == 0) {
                *cut = any;
                return any ? STATUS_OK : STATUS_END;
            }
        }
        tsv->any = any = 1;
        from = tsv->chunk + tsv->at;
        newline = memchr(from, '\n', tsv->end - tsv->at);
        size = newline ? (size_t)(newline - from) : tsv->end - tsv->at;
        room = TSV_LINE_MAX - tsv->text.size;
        *too_long |= size > room;
        status = buffer_append(&tsv->text, from, size < room ? size : room, err);
        if (status != STATUS_OK)
            return status;
        tsv->at += size + (newline != NULL);
        if (newline)
            return STATUS_OK;
    }
}

/* The line's bytes become fields, in place. */
static enum status split(struct tsv *tsv, struct tsv_row *row, struct error *err)
{
    char *at = (char *)tsv->text.data, *tab;
    size_t columns = 1;
    for (const char *c = at; *c; c++)
        columns += *c == '\t';
    if (columns > tsv->field_room) {
        size_t room = columns > 2 * tsv->field_room ? columns : 2 * tsv->field_room;
        char **fields = memory_array(room, sizeof *fields);
        if (!fields)
            return error_memory(err);
        free(tsv->fields);
        tsv->fields = fields;
        tsv->field_room = room;
    }
    row->count = 0;
    row->fields = tsv->fields;
    do {
        tab = strchr(at, '\t');
        if (tab)
            *tab = '\0';
        row->fields[row->count++] = at;
        if (strchr(at, '\\'))
            text_tsv_decode(at);
        at = tab ? tab + 1 : at;
    } while (tab);
    return STATUS_OK;
}

/* Ends the line with a NUL and takes off what is no part of its text. */
static enum status trim(struct tsv *tsv, struct error *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct buffer *text = &tsv->text;
    if (text->size && text->data[text->size - 1] == '\r')
        text->size--;
    if (tsv->line == 1 && text->size >= 3 && memcmp(text->data, mark, 3) == 0) {
        text->size -= 3;
        memmove(text->data, text->data + 3, text->size);
    }
    return buffer_append(text, "", 1, err);
}

static enum status damaged(const struct tsv_row *row, const char *what, struct error *err)
{
    return error_set(err, STATUS_DAMAGED, "%s:%llu: %s", row->file, (unsigned long long)row->line,
                     what);
}

enum status tsv_next(struct tsv *tsv, struct tsv_row *row, struct error *err)
{
    int cut = 0, too_long = 0;
    enum status status;
    if (tsv->fd < 0) {
        if (tsv->path >= tsv->path_count)
            return STATUS_END;
        status = open_next(tsv, err);
        if (status != STATUS_OK)
            return status;
    }
    status = next_line(tsv, &cut, &too_long, err);
    row->file = tsv->name;
    row->line = tsv->line + (status == STATUS_OK);
    if (status == STATUS_END) {
        close_file(tsv);
        if (!tsv->any)
            return error_set(err, STATUS_DAMAGED,
                             "%s is empty: the program that writes it gave nothing", tsv->name);
        return tsv_next(tsv, row, err);
    }
    if (status != STATUS_OK)
        return status;
    tsv->line++;
    if (too_long)
        return damaged(row, "the line is longer than 16 MiB", err);
    if (cut)
        return damaged(row, "the last line is cut off: it has no newline", err);
    if (tsv->text.size && memchr(tsv->text.data, '\0', tsv->text.size))
        return damaged(row, "the line holds a NUL byte", err);
    status = trim(tsv, err);
    return status == STATUS_OK ? split(tsv, row, err) : status;
}
