/* imgprep --augment: changed copies of each picture, for training sets made ahead.
 *
 * What is drawn for a copy depends on the seed, the picture's key and the copy's number alone, so
 * that neither threads nor shards nor the order of the pictures matter. */
#ifndef TOOLS_IMGPREP_COPIES_H
#define TOOLS_IMGPREP_COPIES_H

#include "image/augment.h"
#include "image/prep.h"
#include "stream/record.h"

enum { COPIES_MAX = 1000 }; /* all of a picture are held at a time */

/* What is wanted. */
struct copies {
    int wanted;             /* --augment was given */
    struct augment augment; /* --augment; its sizes are each picture's own */
    int count;              /* --copies: changed ones of each picture */
    int original;           /* --original: and the picture itself before them */
    uint64_t seed;          /* --seed */
    int detailed;           /* one of these three was given */
    struct recipe recipe;   /* of what comes out */
    struct recipe whole;    /* of what goes in: f32, hwc, and without the crop whose place windows
                               take */
};

/* After the options. A recipe that was `fixed` by a model must stay; else it learns of the windows'
 * size. STATUS_USAGE: what contradicts what. */
enum status copies_settle(struct copies *copies, struct recipe *recipe, int fixed,
                          struct error *err);

/* One worker's. */
struct copier;
enum status copier_new(const struct copies *copies, struct copier **copier, struct error *err);
void copier_free(struct copier *copier);
/* The picture that prep, of the recipe copies->whole, read last. STATUS_FAILED: it is too small, or
 * its key too long. */
enum status copier_read(struct copier *copier, struct prep *prep, const char *key,
                        const struct prep_picture *picture, struct error *err);
/* Makes `record`, which has the picture's attributes, copy 1, 2 ... of the picture of this key; 0
 * is the picture itself. */
enum status copier_make(struct copier *copier, const char *key, int number, struct record *record,
                        struct error *err);

#endif
