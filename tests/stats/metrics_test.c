/* Would break: the scores themselves. The matrix is computed by hand:
 *
 *              predicted a  b  c  d
 *   label a              5  2  0  0     support 7
 *         b              1  3  0  1             5
 *         c              0  0  0  0             0   (never a label, never predicted)
 *         d              0  4  0  0             4
 *   predicted            6  9  0  1
 */
#include "stats/metrics.h"
#include "tests/tap.h"

#include <math.h>

static void fill(struct confusion *confusion)
{
    static const int matrix[4][4] = {{5, 2, 0, 0}, {1, 3, 0, 1}, {0, 0, 0, 0}, {0, 4, 0, 0}};
    struct error err;
    for (size_t label = 0; label < 4; label++)
        for (size_t predicted = 0; predicted < 4; predicted++)
            for (int i = 0; i < matrix[label][predicted]; i++)
                confusion_add(confusion, label, predicted, &err);
}

static void by_hand(void)
{
    static const size_t rank[] = {0, 1, 2, 3};
    struct confusion confusion = {0};
    struct confusion_cell *mistakes;
    struct class_metrics m[4];
    struct macro_metrics macro;
    size_t count = 0;
    fill(&confusion);
    metrics_of_classes(&confusion, 4, m);
    near(m[0].precision, 5 / 6.0, 1e-15, "a: precision 5/6");
    near(m[0].recall, 5 / 7.0, 1e-15, "a: recall 5/7");
    near(m[0].f1, 10 / 13.0, 1e-15, "a: F1 10/13");
    near(m[1].precision, 3 / 9.0, 1e-15, "b: precision 3/9");
    near(m[1].recall, 3 / 5.0, 1e-15, "b: recall 3/5");
    near(m[1].f1, 6 / 14.0, 1e-15, "b: F1 6/14");
    ok(isnan(m[2].precision) && isnan(m[2].recall) && isnan(m[2].f1),
       "c: nothing below the line, no value");
    near(m[3].precision, 0, 0, "d: precision 0/1");
    near(m[3].f1, 0, 0, "d: F1 0");
    macro = metrics_macro(m, 4);
    same_int((long long)macro.classes, 3, "macro: over the classes that occur");
    near(macro.precision, (5 / 6.0 + 1 / 3.0) / 3, 1e-15, "macro precision");
    near(macro.recall, (5 / 7.0 + 3 / 5.0) / 3, 1e-15, "macro recall");
    near(macro.f1, (10 / 13.0 + 6 / 14.0) / 3, 1e-15, "macro F1");
    mistakes = confusion_mistakes(&confusion, rank, &count);
    same_int((long long)count, 4, "four kinds of mistake");
    ok(mistakes && mistakes[0].label == 3 && mistakes[0].predicted == 1 && mistakes[0].count == 4,
       "the most frequent one first");
    ok(mistakes && mistakes[2].label == 1 && mistakes[2].predicted == 0 &&
           mistakes[3].predicted == 3,
       "ties in order of the classes");
    same_int((long long)confusion_count(&confusion, 0, 1), 2, "a taken for b twice");
    same_int((long long)confusion_count(&confusion, 2, 2), 0, "a pair that never occurred");
    free(mistakes);
    confusion_free(&confusion);
}

static void nothing(void)
{
    struct confusion confusion = {0};
    struct macro_metrics macro;
    struct class_metrics one[1];
    metrics_of_classes(&confusion, 1, one);
    macro = metrics_macro(one, 1);
    ok(isnan(macro.f1) && macro.classes == 0, "no rows: no value, no crash");
    same_int((long long)confusion_count(&confusion, 0, 0), 0, "an empty matrix holds nothing");
    confusion_free(&confusion);
}

/* 1,000 classes, each taken once for each of its next 40: the sparse matrix keeps every pair. */
static void many(void)
{
    struct confusion confusion = {0};
    struct error err;
    int wrong = 0;
    for (size_t label = 0; label < 1000; label++)
        for (size_t i = 0; i < 40; i++)
            confusion_add(&confusion, label, (label + i) % 1000, &err);
    for (size_t label = 0; label < 1000; label++)
        for (size_t i = 0; i < 41; i++)
            wrong += confusion_count(&confusion, label, (label + i) % 1000) != (i < 40);
    same_int(wrong, 0, "40,000 pairs of 1,000 classes");
    same_int((long long)confusion.size, 40000, "none is kept twice");
    confusion_free(&confusion);
}

int main(void)
{
    by_hand();
    nothing();
    many();
    return tap_done();
}
