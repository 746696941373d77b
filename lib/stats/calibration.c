#include "stats/calibration.h"

#include <math.h>

void calibration_add(struct calibration *calibration, double confidence, int is_right)
{
    int bin = 0;
    while (bin + 1 < CALIBRATION_BINS && confidence > (bin + 1.0) / CALIBRATION_BINS)
        bin++;
    calibration->bins[bin].rows++;
    calibration->bins[bin].right += (uint64_t)(is_right != 0);
    calibration->bins[bin].sum += confidence;
}

double calibration_confidence(const struct calibration_bin *bin)
{
    return bin->rows ? bin->sum / (double)bin->rows : (double)NAN;
}

double calibration_accuracy(const struct calibration_bin *bin)
{
    return bin->rows ? (double)bin->right / (double)bin->rows : (double)NAN;
}

struct calibration_errors calibration_errors(const struct calibration *calibration)
{
    struct calibration_errors errors = {0, 0};
    uint64_t rows = 0;
    for (int i = 0; i < CALIBRATION_BINS; i++) {
        const struct calibration_bin *bin = &calibration->bins[i];
        double error = fabs(bin->sum - (double)bin->right);
        if (bin->rows == 0)
            continue;
        rows += bin->rows;
        errors.expected += error;
        errors.most = fmax(errors.most, error / (double)bin->rows);
    }
    if (rows == 0)
        return (struct calibration_errors){(double)NAN, (double)NAN};
    errors.expected /= (double)rows;
    return errors;
}
