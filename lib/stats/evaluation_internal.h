/* The three forms of an evaluation's report, each in its file. */
#ifndef STATS_EVALUATION_INTERNAL_H
#define STATS_EVALUATION_INTERNAL_H

#include "stats/evaluation.h"

/* Both forms for programs have these under the same names. */
enum { EVALUATION_COUNTS = 6 };
struct evaluation_count {
    const char *name;
    uint64_t value;
};
void evaluation_counts(const struct evaluation *evaluation,
                       struct evaluation_count counts[EVALUATION_COUNTS]);

void evaluation_text(struct page *page, const struct evaluation *evaluation,
                     const struct scores *scores, size_t pairs);
void evaluation_tsv(struct page *page, const struct evaluation *evaluation,
                    const struct scores *scores);
void evaluation_json(struct page *page, const struct evaluation *evaluation,
                     const struct scores *scores);

#endif
