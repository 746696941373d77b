#include "stats/ranking.h"

#include <math.h>
#include <stdlib.h>

/* A score, and whether the row has it. */
struct ranking_entry {
    double score;
    int is_there;
};

enum status ranking_add(struct ranking *ranking, double score, int is_there, struct error *err)
{
    struct ranking_entry entry = {.score = score, .is_there = is_there};
    return buffer_append(&ranking->entries, &entry, sizeof entry, err);
}

enum status ranking_join(struct ranking *ranking, const struct ranking *more, struct error *err)
{
    return buffer_append(&ranking->entries, more->entries.data, more->entries.size, err);
}

static int falling(const void *left, const void *right)
{
    double a = ((const struct ranking_entry *)left)->score,
           b = ((const struct ranking_entry *)right)->score;
    return (a < b) - (a > b);
}

/* How many rows have been passed, from the largest score down. */
struct passed {
    uint64_t there, absent;
};

/* Passes the rows whose score is that of entry `at`; returns the first one behind them. */
static size_t pass(const struct ranking_entry *entries, size_t count, size_t at,
                   struct passed *passed)
{
    double score = entries[at].score;
    for (; at < count && entries[at].score >= score; at++)
        *(entries[at].is_there ? &passed->there : &passed->absent) += 1;
    return at;
}

struct ranking_scores ranking_scores(struct ranking *ranking, uint64_t rows, uint64_t support)
{
    struct ranking_entry *entries = (struct ranking_entry *)ranking->entries.data;
    size_t count = ranking->entries.size / sizeof *entries;
    struct passed before = {0}, now = {0};
    double precisions = 0, pairs = 0;
    if (count)
        qsort(entries, count, sizeof *entries, falling);
    for (size_t at = 0; now.there + now.absent < rows; before = now) {
        if (at < count && entries[at].score > 0)
            at = pass(entries, count, at, &now);
        else /* what is left has the score 0: a threshold that takes all */
            now = (struct passed){support, rows - support};
        precisions += (double)(now.there - before.there) * (double)now.there /
                      (double)(now.there + now.absent);
        pairs += (double)(now.absent - before.absent) *
                 ((double)before.there + (double)(now.there - before.there) / 2);
    }
    return (struct ranking_scores){
        .average_precision = support ? precisions / (double)support : (double)NAN,
        .auc = support && support < rows ? pairs / (double)support / (double)(rows - support)
                                         : (double)NAN};
}

size_t ranking_curve(const struct ranking *ranking, struct ranking_point *points, size_t room)
{
    const struct ranking_entry *entries = (const struct ranking_entry *)ranking->entries.data;
    size_t count = ranking->entries.size / sizeof *entries, kept = 0;
    struct passed all = {0}, now = {0};
    for (size_t i = 0; i < count; i++)
        *(entries[i].is_there ? &all.there : &all.absent) += 1;
    if (!all.there || !all.absent)
        return 0;
    points[kept++] = (struct ranking_point){0, 0, INFINITY};
    for (size_t at = 0; at < count;) {
        double threshold = entries[at].score;
        struct ranking_point point;
        at = pass(entries, count, at, &now);
        point = (struct ranking_point){(double)now.absent / (double)all.absent,
                                       (double)now.there / (double)all.there, threshold};
        if (at == count || point.false_positives + point.true_positives >=
                               points[kept - 1].false_positives + points[kept - 1].true_positives +
                                   2.0 / (double)room)
            points[kept++] = point;
    }
    return kept;
}

void ranking_free(struct ranking *ranking)
{
    buffer_free(&ranking->entries);
}
