/* stats/calibration: is a model right as often as it says it is?
 *
 * Rows fall into bins by their confidence, the probability of the class that came first. In each
 * bin the mean confidence should be the share of right rows. The expected calibration error is the
 * mean of the difference over all rows (Naeini, Cooper, Hauskrecht, AAAI 2015; Guo, Pleiss, Sun,
 * Weinberger, On Calibration of Modern Neural Networks, ICML 2017); the maximum calibration error
 * is that of the worst bin. Constant memory.
 */
#ifndef STATS_CALIBRATION_H
#define STATS_CALIBRATION_H

#include <stdint.h>

enum { CALIBRATION_BINS = 10 }; /* bin i holds the confidences above i/10 up to (i + 1)/10 */

struct calibration {
    struct calibration_bin {
        uint64_t rows, right;
        double sum; /* of the confidences */
    } bins[CALIBRATION_BINS];
};

/* Zero-initialise (= {0}) to start. */
void calibration_add(struct calibration *calibration, double confidence, int is_right);

struct calibration_errors {
    double expected, most; /* NAN when nothing was added */
};
struct calibration_errors calibration_errors(const struct calibration *calibration);
/* NAN of an empty bin. */
double calibration_confidence(const struct calibration_bin *bin);
double calibration_accuracy(const struct calibration_bin *bin);

#endif
