/* stats/report: how good one or two models are, as a single page for browsers: it needs no network
 * and nothing beside it, and says the same without its script.
 *
 * The page holds the score table, the distribution and the scores of the classes, the confusion
 * matrix, calibration and ROC curve, the curves of a training, and a gallery of what a person
 * should look at. The script sorts, filters, and shows one model at a time.
 */
#ifndef STATS_REPORT_REPORT_H
#define STATS_REPORT_REPORT_H

#include "stats/comparison.h"
#include "stats/evaluation.h"
#include "stats/gallery.h"
#include "stats/plot/figure.h"

enum { REPORT_MODELS = GALLERY_MODELS };

struct report {
    const char *title;
    size_t model_count; /* 1 or 2 */
    struct {
        const char *name;
        struct evaluation *evaluation;
    } models[REPORT_MODELS];
    struct comparison *comparison; /* of two models; else NULL */
    const struct figure *training; /* NULL: no log was given */
    const struct gallery *gallery; /* selected */
    int has_pictures;              /* was a stream of pictures given? */
};

/* Appends the page to `out`. */
enum status report_write(const struct report *report, struct buffer *out, struct error *err);

#endif
