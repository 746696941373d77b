/* How many rows there were of each sort, under the names that programs read. */
#include "stats/evaluation_internal.h"

void evaluation_counts(const struct evaluation *evaluation,
                       struct evaluation_count counts[EVALUATION_COUNTS])
{
    const struct evaluation_count list[EVALUATION_COUNTS] = {
        {"rows", evaluation->rows},           {"scored", evaluation->scored},
        {"errors", evaluation->errors},       {"unlabelled", evaluation->unlabelled},
        {"malformed", evaluation->malformed}, {"classes_per_row", evaluation->least},
    };
    for (int i = 0; i < EVALUATION_COUNTS; i++)
        counts[i] = list[i];
}
