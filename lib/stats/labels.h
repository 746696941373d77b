/* stats/labels: what a data set is made of: how many records of a stream carry which label, how
 * large the pictures are, and what their channels are normalised with. */
#ifndef STATS_LABELS_H
#define STATS_LABELS_H

#include "stats/channels.h"
#include "stats/counts.h"
#include "stats/page.h"
#include "stats/spread.h"
#include "stream/record.h"

struct labels {
    int sets; /* set by the caller: a label is a set of names (stream/label_set.h) */
    uint64_t records, errors, unlabelled; /* errors and unlabelled are among the records */
    struct counts all;                    /* records of each label, error records included */
    struct counts failed;                 /* the error records among them */
    struct counts unknown;                /* of sets: the records that may have the label or not */
    struct spread width, height, aspect;  /* aspect: width / height in thousandths */
    uint64_t unreadable;                  /* pictures of no known size; counted by the caller */
    struct channels channels;             /* filled by the caller */
};

/* Set `sets`, zero-initialise the rest. A label that should be a set and is none: STATUS_DAMAGED.
 */
enum status labels_add(struct labels *labels, const struct record *record, struct error *err);
/* The size of a picture, in pixels: 1 or more. */
enum status labels_size(struct labels *labels, uint64_t width, uint64_t height, struct error *err);
/* Appends the report: the most frequent label first, with its share and, in text, a bar. Text and
 * JSON also tell sizes, channels, and the options of imgprep that follow from them. */
enum status labels_write(const struct labels *labels, enum page_format format, struct buffer *out,
                         struct error *err);
void labels_free(struct labels *labels);

#endif
