/* stats/labels: how many records of a stream carry which label. */
#ifndef STATS_LABELS_H
#define STATS_LABELS_H

#include "stats/counts.h"
#include "stats/page.h"
#include "stream/record.h"

struct labels {
    uint64_t records, errors, unlabelled; /* errors and unlabelled are among the records */
    struct counts all;                    /* records of each label, error records included */
    struct counts failed;                 /* the error records among them */
};

/* Zero-initialise (= {0}) to start. */
enum status labels_add(struct labels *labels, const struct record *record, struct error *err);
/* Appends the report: the most frequent label first, with its share and, in text, a bar. */
enum status labels_write(const struct labels *labels, enum page_format format, struct buffer *out,
                         struct error *err);
void labels_free(struct labels *labels);

#endif
