/* Inside imgtrain: how good predictions are while they come: of the last ones, and of all so far.
 */
#ifndef TOOLS_IMGTRAIN_RUNNING_H
#define TOOLS_IMGTRAIN_RUNNING_H

#include "stats/metrics.h"

struct prediction {
    int32_t label, class;
    float loss;
};

struct running {
    size_t classes;
    struct class_metrics *all, *some; /* [classes]: of all so far; to count in */
    double loss;                      /* sum of all */
    size_t count;                     /* all */
    size_t room;
    struct prediction *last; /* [room]: number i is at i % room */
};

struct figures {
    double loss, accuracy, precision, recall, f1; /* precision, recall, F1: mean of the classes */
};

enum status running_new(size_t classes, size_t room, struct running *running, struct error *err);
void running_add(struct running *running, const struct prediction *prediction);
/* What the logits, `classes` of them, say of a picture with this label. */
struct prediction running_judge(const float *logits, size_t classes, int label);
struct figures running_all(struct running *running);
struct figures running_last(struct running *running, size_t count); /* of the last, <= room */
void running_free(struct running *running);

#endif
