#include "tools/imgtrain/running.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status running_new(size_t classes, size_t room, struct running *running, struct error *err)
{
    *running = (struct running){.classes = classes, .room = room};
    running->all = memory_array(classes, sizeof *running->all);
    running->some = memory_array(classes, sizeof *running->some);
    running->last = memory_array(room, sizeof *running->last);
    return running->all && running->some && running->last ? STATUS_OK : error_memory(err);
}

static void count(struct class_metrics *classes, const struct prediction *prediction)
{
    classes[prediction->label].support++;
    classes[prediction->class].predicted++;
    classes[prediction->label].right += prediction->label == prediction->class;
}

void running_add(struct running *running, const struct prediction *prediction)
{
    count(running->all, prediction);
    running->loss += (double)prediction->loss;
    running->last[running->count++ % running->room] = *prediction;
}

struct prediction running_judge(const float *logits, size_t classes, int label)
{
    size_t best = 0;
    double sum = 0;
    for (size_t c = 1; c < classes; c++)
        if (logits[c] > logits[best])
            best = c;
    for (size_t c = 0; c < classes; c++)
        sum += exp((double)logits[c] - (double)logits[best]);
    return (struct prediction){label, (int32_t)best,
                               (float)(log(sum) + (double)logits[best] - (double)logits[label])};
}

static struct figures figures(struct class_metrics *classes, size_t class_count, double loss,
                              size_t count)
{
    struct macro_metrics macro;
    size_t right = 0;
    metrics_rates(classes, class_count);
    macro = metrics_macro(classes, class_count);
    for (size_t c = 0; c < class_count; c++)
        right += classes[c].right;
    return (struct figures){loss / (double)count, metrics_ratio(right, count), macro.precision,
                            macro.recall, macro.f1};
}

struct figures running_all(struct running *running)
{
    return figures(running->all, running->classes, running->loss, running->count);
}

struct figures running_last(struct running *running, size_t last)
{
    double loss = 0;
    if (last > running->count)
        last = running->count;
    memset(running->some, 0, running->classes * sizeof *running->some);
    for (size_t i = running->count - last; i < running->count; i++) {
        const struct prediction *prediction = &running->last[i % running->room];
        count(running->some, prediction);
        loss += (double)prediction->loss;
    }
    return figures(running->some, running->classes, loss, last);
}

void running_free(struct running *running)
{
    free(running->all);
    free(running->some);
    free(running->last);
}
