/* Would break: whether one model is said to be better than another. Expected: scipy's
 * binomtest(a, a + b).pvalue. */
#include "stats/comparison.h"
#include "tests/tap.h"

#include <math.h>

static void mcnemar(void)
{
    near(comparison_mcnemar(0, 0), 1, 0, "no difference at all");
    near(comparison_mcnemar(7, 7), 1, 0, "as often one as the other");
    near(comparison_mcnemar(0, 5), 0.0625, 1e-15, "0 against 5: 2 / 2^5");
    near(comparison_mcnemar(9, 1), 0.021484375, 1e-15, "9 against 1: 22 / 2^10");
    near(comparison_mcnemar(60, 80), 0.1079876299835, 1e-12, "60 against 80");
    near(comparison_mcnemar(400000, 402000) / 0.025604231025726, 1, 1e-6, "hundreds of thousands");
}

/* An empty table compares without a division by nothing. */
static void nothing(void)
{
    struct comparison comparison = {0};
    struct comparison_scores scores;
    struct error err;
    same_int(comparison_scores(&comparison, &scores, &err), STATUS_OK, "nothing can be compared");
    ok(isnan(scores.mcnemar) && isnan(scores.agreement.low), "and nothing is known");
    same_int((long long)scores.disagreement_count, 0, "nor do they disagree");
    comparison_scores_free(&scores);
    comparison_free(&comparison);
}

int main(void)
{
    mcnemar();
    nothing();
    return tap_done();
}
