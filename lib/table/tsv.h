/* table/tsv: the rows of tab-separated text, front to back, from files or a pipe, as strings.
 *
 * table/table.h, with all columns of every row copied. One line is one row, with any number of
 * columns. \t \n \r \\ inside a field stand for what they name (base/text.h). A carriage return
 * before the newline and a byte order mark at the start of a file are taken off. Nothing is
 * trusted: a line may be long, hold a NUL, or be cut off.
 */
#ifndef TABLE_TSV_H
#define TABLE_TSV_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    TSV_LINE_MAX = 16 << 20
}; /* bytes of a line; 21,000 classes with probabilities need one million */

struct tsv;

struct tsv_row {
    size_t count;     /* columns, 1 at least */
    char **fields;    /* valid until the next call; the caller may change the text */
    const char *file; /* where it stands, for messages: the path, or "standard input" */
    uint64_t line;    /* from 1 */
};

/* Reads the files one after the other as one table; "-", or a count of 0, is standard input. The
 * reader borrows paths. The first file is opened here, the others when their turn comes. */
enum status tsv_open(char *const *paths, size_t count, struct tsv **tsv, struct error *err);

/* STATUS_OK: a row. STATUS_END: no more. STATUS_DAMAGED: a line, or a file, that cannot be a table:
 * the message says where and what, the row's file and line are set, and the next call goes on
 * behind it. That is a line longer than TSV_LINE_MAX, one that holds a NUL, a last line without its
 * newline (it was cut off), and a file of no bytes (who should have written it died).
 * STATUS_SYSTEM: cannot be read. */
enum status tsv_next(struct tsv *tsv, struct tsv_row *row, struct error *err);
void tsv_free(struct tsv *tsv);

#endif
