/* stats/summary: what is in a stream: kinds, bytes, formats, shapes, sizes, recipes, and why items
 * failed. */
#ifndef STATS_SUMMARY_H
#define STATS_SUMMARY_H

#include "stats/counts.h"
#include "stats/page.h"
#include "stats/spread.h"
#include "stream/record.h"

enum {
    SUMMARY_NAMES =
        1000, /* different reasons, shapes, recipes kept apart; further ones are counted together */
    SUMMARY_SHOWN = 20, /* of each, in the report for a person */
};

struct summary {
    uint64_t records, images, tensors, errors,
        others; /* others: of a kind that this version does not know */
    uint64_t unlabelled;
    struct counts labels;
    struct counts formats;       /* of images, by their first bytes: "jpeg", "png" ... */
    struct counts types;         /* of tensors: "u8 32x32x3" */
    struct counts recipes;       /* attribute "recipe" */
    struct counts failures;      /* "stage: reason" */
    uint64_t bytes;              /* payload */
    struct spread payload;       /* bytes of each record that is not an error */
    struct spread width, height; /* of the originals: attributes "width" and "height" */
};

void summary_init(struct summary *summary);
enum status summary_add(struct summary *summary, const struct record *record, struct error *err);
enum status summary_write(const struct summary *summary, enum page_format format,
                          struct buffer *out, struct error *err);
void summary_free(struct summary *summary);

/* The name of an encoded image's format, from its first bytes; "unknown", or "empty" for no bytes.
 */
const char *summary_format(const unsigned char *bytes, size_t size);

#endif
