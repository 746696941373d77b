/* Would break: areas under curves, intervals of rates and the errors of calibration. Expected
 * numbers: scikit-learn's roc_auc_score and average_precision_score, scipy's
 * binomtest(...).proportion_ci("wilson"), and by hand. */
#include "stats/calibration.h"
#include "stats/interval.h"
#include "stats/ranking.h"
#include "tests/tap.h"

#include <math.h>

static void rankings(void)
{
    static const struct {
        double score;
        int is_there;
    } rows[] = {{0.3, 0}, {0.9, 1}, {0.3, 1}, {0.1, 0}, {0.7, 0}, {0.6, 1}, {0.1, 0}, {0, 0}};
    struct ranking ranking = {0}, few = {0};
    struct ranking_scores scores;
    struct ranking_point points[12];
    struct error err;
    size_t count;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ranking_add(&ranking, rows[i].score, rows[i].is_there, &err);
    scores = ranking_scores(&ranking, 8, 3);
    near(scores.auc, 12.5 / 15, 1e-15, "of 15 pairs 12 are in order and one is equal");
    near(scores.average_precision, (1 + 2 / 3.0 + 3 / 5.0) / 3, 1e-15, "precisions 1, 2/3, 3/5");
    near(ranking_scores(&ranking, 10, 4).auc, 16.5 / 24, 1e-15,
         "two rows without a score, one of which has it: equal to the row of the score 0");
    count = ranking_curve(&ranking, points, 10);
    same_int((long long)count, 7, "the curve has a point for each different score, and the origin");
    near(points[2].false_positives, 0.2, 1e-15, "at 0.7: one of five is wrong");
    near(points[2].true_positives, 1 / 3.0, 1e-15, "and one of three found");
    near(points[6].false_positives + points[6].true_positives, 2, 0, "it ends at (1, 1)");
    same_int((long long)ranking_curve(&ranking, points, 2), 3, "less room: fewer points");
    ok(isnan(ranking_scores(&few, 0, 0).auc), "no row: no area");
    ranking_add(&few, 0.5, 1, &err);
    ok(isnan(ranking_scores(&few, 1, 1).auc), "all have it: no area");
    near(ranking_scores(&few, 1, 1).average_precision, 1, 0, "but an average precision");
    same_int((long long)ranking_curve(&few, points, 10), 0, "and no curve");
    ranking_free(&ranking);
    ranking_free(&few);
}

static void intervals(void)
{
    struct interval interval = interval_wilson(81, 263);
    near(interval.low, 0.25528851988, 1e-10, "81 of 263: low (Newcombe, 1998: 0.2553)");
    near(interval.high, 0.36620957698, 1e-10, "81 of 263: high (0.3662, scipy: binomtest)");
    interval = interval_wilson(0, 20);
    near(interval.low, 0, 0, "0 of 20: from 0");
    near(interval.high, 0.16112515805, 1e-10, "to 0.1611");
    interval = interval_wilson(29, 29);
    near(interval.low, 0.8830302015, 1e-9, "29 of 29: from 0.8830");
    near(interval.high, 1, 0, "to 1");
    ok(isnan(interval_wilson(0, 0).low), "none of none: nothing is known");
}

static void calibrations(void)
{
    struct calibration calibration = {0};
    ok(isnan(calibration_errors(&calibration).expected), "no row: no error");
    calibration_add(&calibration, 0, 0);
    calibration_add(&calibration, 0.3, 1);
    calibration_add(&calibration, 0.95, 1);
    calibration_add(&calibration, 0.93, 0);
    calibration_add(&calibration, 1.000001, 1);
    same_int((long long)calibration.bins[0].rows, 1, "0 is in the first bin");
    same_int((long long)calibration.bins[2].rows, 1, "an edge belongs to the bin below");
    same_int((long long)calibration.bins[9].rows, 3, "a hair above 1 is in the last bin");
    near(calibration_accuracy(&calibration.bins[9]), 2 / 3.0, 1e-15, "accuracy of a bin");
    near(calibration_confidence(&calibration.bins[9]), 2.880001 / 3, 1e-15, "confidence of a bin");
    near(calibration_errors(&calibration).most, 0.7, 1e-15, "the worst bin");
    near(calibration_errors(&calibration).expected, (0.7 + 0.880001) / 5, 1e-15,
         "the mean over rows");
}

int main(void)
{
    rankings();
    intervals();
    calibrations();
    return tap_done();
}
