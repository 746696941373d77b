/* table/kept: the rows of a table that are kept in memory, found by key: the right side of a join,
 * and the set of what has been seen.
 *
 * Rows lie one behind the other in blocks of 1 MiB, a row of key and values as lengths and bytes;
 * a table of 8 bytes a slot, at most three quarters full, finds them. So a key of 16 bytes takes 18
 * and 11 to 21. Nothing can be taken out again.
 */
#ifndef TABLE_KEPT_H
#define TABLE_KEPT_H

#include "table/field.h"

#include <stdint.h>

struct kept;

struct kept_options {
    size_t values;  /* of each row */
    int each;       /* keep all rows of a key, in their order; else the first */
    uint64_t limit; /* bytes; 0: none. What is beyond is not kept, but counted: kept_needs */
};

/* STATUS_SYSTEM when memory is short, as everywhere here. */
enum status kept_new(const struct kept_options *options, struct kept **kept, struct error *err);
/* Copies the key and options.values values. *fresh (may be NULL): the key was not there. */
enum status kept_add(struct kept *kept, struct text key, const struct text *values, int *fresh,
                     struct error *err);
uint64_t kept_keys(const struct kept *kept);
/* Bytes for all that was given so far: above the limit, rows are missing. */
uint64_t kept_needs(const struct kept *kept);

/* A row that was found. */
struct match {
    const struct kept *kept;
    unsigned char *key; /* the entry of its key */
    unsigned char *row;
};

/* The first row of the key; 0: there is none. Any number of threads may look and mark, while
 * nothing is added. */
int kept_find(const struct kept *kept, struct text key, struct match *match);
/* On to the next row of the same key; 0: there is none. */
int kept_more(struct match *match);
/* The row's values, options.values of them, which stay until kept_free. */
void kept_values(const struct match *match, struct text *values);
/* The key has been asked for. */
void kept_mark(const struct match *match);
/* Walks over the keys, in no order: *at starts at 0; returns 0 after the last. */
int kept_next(const struct kept *kept, size_t *at, struct text *key, int *marked);
void kept_free(struct kept *kept);

#endif
