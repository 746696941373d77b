#include "stats/metrics.h"

#include <math.h>
#include <string.h>

double metrics_ratio(uint64_t a, uint64_t b)
{
    return b ? (double)a / (double)b : (double)NAN;
}

void metrics_of_classes(const struct confusion *confusion, size_t classes,
                        struct class_metrics *metrics)
{
    memset(metrics, 0, classes * sizeof *metrics);
    for (size_t i = 0; i < confusion->size; i++) {
        const struct confusion_cell *cell = &confusion->cells[i];
        metrics[cell->label].support += cell->count;
        metrics[cell->predicted].predicted += cell->count;
        if (cell->label == cell->predicted)
            metrics[cell->label].right += cell->count;
    }
    metrics_rates(metrics, classes);
}

void metrics_rates(struct class_metrics *metrics, size_t classes)
{
    for (size_t i = 0; i < classes; i++) {
        struct class_metrics *one = &metrics[i];
        one->precision = metrics_ratio(one->right, one->predicted);
        one->recall = metrics_ratio(one->right, one->support);
        one->f1 = metrics_ratio(2 * one->right, one->predicted + one->support);
    }
}

static double defined(double value)
{
    return isnan(value) ? 0 : value;
}

struct macro_metrics metrics_macro(const struct class_metrics *metrics, size_t classes)
{
    struct macro_metrics macro = {0};
    for (size_t i = 0; i < classes; i++) {
        if (metrics[i].support == 0 && metrics[i].predicted == 0)
            continue;
        macro.classes++;
        macro.precision += defined(metrics[i].precision);
        macro.recall += defined(metrics[i].recall);
        macro.f1 += defined(metrics[i].f1);
    }
    macro.precision /= (double)macro.classes; /* 0/0 is NAN */
    macro.recall /= (double)macro.classes;
    macro.f1 /= (double)macro.classes;
    return macro;
}
