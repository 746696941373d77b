/* The forms of the report on labels. */
#ifndef STATS_LABELS_INTERNAL_H
#define STATS_LABELS_INTERNAL_H

#include "stats/labels.h"

enum { LABELS_NAME_MAX = 1024 }; /* bytes of one name of a set */

/* One line of the report; `failed` of `count` are error records. */
struct labels_line {
    const char *name;
    uint64_t count, failed;
    uint64_t unknown, negative; /* of sets: records that may have it, and that have it not */
    double share;
};

/* A usual size of a network's input that most pictures need not be enlarged to. */
int labels_input_size(const struct labels *labels);

void labels_text(struct page *page, const struct labels *labels, const struct labels_line *lines);
void labels_tsv(struct page *page, const struct labels *labels, const struct labels_line *lines);
void labels_json(struct page *page, const struct labels *labels, const struct labels_line *lines);

#endif
