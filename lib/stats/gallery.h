/* stats/gallery: the items that a person should look at: the errors of which a model was surest,
 * and the disagreements of two.
 *
 * Items are offered one by one; of each list only the best `limit` are kept, so memory does not
 * grow with what is offered. Then gallery_select makes one list of them all, in which no key is
 * twice, and pictures are put beside those that are there.
 */
#ifndef STATS_GALLERY_H
#define STATS_GALLERY_H

#include "stats/counts.h"

enum { GALLERY_MODELS = 2 };
enum gallery_list { GALLERY_FIRST_WRONG, GALLERY_SECOND_WRONG, GALLERY_DISAGREE, GALLERY_LISTS };

struct gallery_item {
    const char *key, *label;             /* label: "" where unknown */
    const char *classes[GALLERY_MODELS]; /* NULL: that model said nothing */
    double confidence[GALLERY_MODELS];
    unsigned lists;        /* bit 1 << enum gallery_list: why it is here */
    double score;          /* the largest with which it was offered */
    const char *media;     /* of the picture, such as "image/png"; NULL: there is none */
    struct buffer picture; /* a file that a browser shows */
    char *text;            /* private: holds the texts */
};

struct gallery {
    size_t limit;               /* of each list */
    struct gallery_item *items; /* [size], after gallery_select, by falling score */
    size_t size;
    uint64_t offered[GALLERY_LISTS];
    /* Private. */
    struct gallery_item *best[GALLERY_LISTS]; /* [kept], by falling score */
    size_t kept[GALLERY_LISTS];
    struct counts keys; /* of items */
};

/* Set the limit, zero-initialise the rest. The item's texts are copied. Of equal scores the first
 * that was offered is the better one. A key that is kept in the list is not taken once more. */
enum status gallery_offer(struct gallery *gallery, enum gallery_list list,
                          const struct gallery_item *item, double score, struct error *err);
/* Nothing can be offered after it. */
enum status gallery_select(struct gallery *gallery, struct error *err);
/* The item with that key; NULL: there is none. */
struct gallery_item *gallery_find(struct gallery *gallery, const char *key);
void gallery_free(struct gallery *gallery);

#endif
