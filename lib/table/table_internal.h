/* table/table: what its files share. walk.c finds rows in the bytes of one file, table.c makes a
 * table of files. */
#ifndef TABLE_TABLE_INTERNAL_H
#define TABLE_TABLE_INTERNAL_H

#include "table/masks_internal.h"
#include "table/table.h"

/* The part of a file that is in memory. */
struct window {
    unsigned char *data; /* zeros follow the last byte, up to a whole MASKS_BLOCK */
    size_t at, end;      /* data[at, end) are still to be walked over */
    size_t capacity;
    struct masks masks; /* of data[0, end) */
    int odd;            /* masks_fill: fields may need a look */
    int eof;
};

struct table {
    struct table_options options;
    char *const *paths;
    size_t path_count, next; /* files; the one to open next */
    struct bytes *bytes;     /* NULL: none is open */
    struct window window;
    uint64_t line; /* the number of the line that begins at window.at */
    char delimiter;
    int quotes; /* CSV */

    struct field *fields;
    size_t wanted, room;
    size_t columns; /* 0: not yet known */
    size_t found;   /* columns of the row just walked over */
    char **names;   /* columns of them; NULL when headless */
    int again;      /* the row just read is given out once more */
    struct table_row row;
};

/* Reads the first bytes of a file. */
enum status window_start(struct table *rows, struct error *err);
/* The next row, whatever its number of columns. Its first `wanted` fields, or fewer, are in
 * rows->fields, which grows when wanted is SIZE_MAX. STATUS_END: of this file. */
enum status walk(struct table *rows, struct error *err);
void window_free(struct window *window);

#endif
