/* The parts of the page, each in its file. */
#ifndef STATS_REPORT_INTERNAL_H
#define STATS_REPORT_INTERNAL_H

#include "stats/report/html.h"
#include "stats/report/report.h"

/* What the parts share. */
struct sheet {
    const struct report *report;
    struct page *page;
    struct scores scores[REPORT_MODELS];
    struct comparison_scores compared; /* of two models */
    struct counts classes;             /* of both models and of the gallery */
    size_t *order;                     /* [classes.size]: by name */
    size_t *rank;                      /* [classes.size]: the place of each in order */
};

/* The place of a class among all, by name. */
size_t sheet_rank(const struct sheet *sheet, const char *name);
/* Of the model: metrics of a class; all 0 and NAN where it does not occur. */
struct class_metrics sheet_metrics(const struct sheet *sheet, size_t model, const char *name);
/* Opens a part that is about one model; the script shows one of them at a time. */
void sheet_open_model(const struct sheet *sheet, size_t model);

void report_scores(const struct sheet *sheet);
void report_classes(const struct sheet *sheet);
void report_matrix(const struct sheet *sheet);
void report_curves(const struct sheet *sheet);
void report_training(const struct sheet *sheet);
void report_gallery(const struct sheet *sheet);
/* Style sheet and script, without their tags. */
void report_style(struct page *page);
void report_script(struct page *page);

#endif
