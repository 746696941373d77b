/* table/field: one field of a row, as it stands in the file, and as the text that it means.
 *
 * Fields point into the reader's memory and are copied only when they are kept or written. Text is
 * bytes with a length; it holds no NUL.
 */
#ifndef TABLE_FIELD_H
#define TABLE_FIELD_H

#include "base/memory.h"

enum field_kind {
    FIELD_CLEAN,   /* the text, in which TSV has nothing to escape, nor CSV (but delimiters) */
    FIELD_TEXT,    /* the text, whatever it holds */
    FIELD_DOUBLED, /* what stands between the quotes in CSV: two quotes mean one */
    FIELD_ESCAPED, /* TSV with \t \n \r \\ */
};

struct text {
    const char *at; /* not terminated */
    size_t size;
};

struct field {
    struct text raw;
    enum field_kind kind;
};

/* The text, which lives as long as the field and `scratch`, which holds it where it is not in the
 * file as it is. */
enum status field_text(const struct field *field, struct buffer *scratch, struct text *text,
                       struct error *err);

/* Writes the text where there is room for what stands in the file, which is never shorter. Returns
 * its size. */
size_t field_copy(const struct field *field, char *to);

/* Appends fields that are next to each other in a row, with that delimiter between them, as they
 * stand in the file. *done is 0, and nothing appended, where one of them is not clean. */
enum status fields_put_clean(struct buffer *out, const struct field *fields, size_t count,
                             char delimiter, int *done, struct error *err);

enum field_form { FIELD_TSV, FIELD_CSV };
/* Appends the field in that form. */
enum status field_put(struct buffer *out, const struct field *field, enum field_form form,
                      struct error *err);
/* The text as a number: decimal, with point and exponent. 0 when it is none. */
int field_number(struct text text, double *number);

#endif
