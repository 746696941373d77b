/* table/table: the rows of a table, front to back, from files or a pipe, gzip or not.
 *
 * CSV as RFC 4180 has it: fields between quotes hold delimiters, newlines and doubled quotes; lines
 * end in LF or CR LF, the last one perhaps in nothing. TSV as these programs write it: no quotes,
 * but \t \n \r \\. A byte order mark is taken off. All rows have as many columns as the first.
 * Nothing is trusted: what is wrong is told with file and line, and the next call goes on behind
 * it.
 *
 * A row costs a walk over the separators of the columns that are wanted, and no copy.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "table/bytes.h"
#include "table/field.h"

#include <stdint.h>

enum table_format { TABLE_AUTO, TABLE_CSV, TABLE_TSV };

enum { TABLE_ROW_MAX = 16 << 20 }; /* bytes of a row */

struct table_options {
    enum table_format format; /* TABLE_AUTO: by the first line: with a tab in it it is TSV */
    char delimiter;           /* 0: that of the format */
    int headless;             /* the first line is a row, not the names of the columns */
    int ragged;               /* rows may have fewer columns; what is not there is empty */
    int loose;                /* headless, and a row has as many columns as it has */
};

struct table;

struct table_row {
    const struct field *fields; /* as many as are wanted; valid until the next call */
    size_t count;               /* columns that the row has */
    const char *file;           /* where it stands, for messages */
    uint64_t line;              /* in which it begins, from 1 */
};

/* Reads the files one after the other as one table; the first is open already, or NULL. Each has
 * the same header. The reader takes `first`, also when it fails, and borrows paths. STATUS_DAMAGED:
 * there is nothing in it; two columns have one name; or what table_next gives. */
enum status table_open(struct bytes *first, char *const *paths, size_t count,
                       const struct table_options *options, struct table **rows, struct error *err);

/* Names for the columns of a headless table: "ImageID,LabelName". */
enum status table_set_names(struct table *rows, const char *names, struct error *err);
size_t table_columns(const struct table *rows);
/* NULL when the column has none. */
const char *table_column(const struct table *rows, size_t column);
/* The column of that name, or else of that number, from 1. STATUS_USAGE says which there are. */
enum status table_find(const struct table *rows, const char *name, size_t *column,
                       struct error *err);
const char *table_file(const struct table *rows);
/* Are the rows' fields, where they are clean, CSV with commas as they stand? */
int table_is_csv(const struct table *rows);
/* Only the first `columns` columns will be looked at. */
void table_want(struct table *rows, size_t columns);

/* STATUS_OK: a row. STATUS_END. STATUS_FAILED: this row is no row of the table. STATUS_DAMAGED: the
 * file is damaged. STATUS_SYSTEM. After STATUS_FAILED and STATUS_DAMAGED the next call goes on. */
enum status table_next(struct table *rows, struct table_row *row, struct error *err);
void table_free(struct table *rows);

#endif
