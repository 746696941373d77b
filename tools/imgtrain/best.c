/* Which epoch is the best, by the validation set, and whether waiting for a better one is over. */
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>

static int is_better(const struct imgtrain *train, const struct batch_result *held)
{
    const struct batch_result *best = &train->best.result;
    if (train->best.epoch == 0)
        return 1;
    if (train->watch == WATCH_LOSS || accuracy(held) == accuracy(best))
        return mean_loss(held) < mean_loss(best);
    return accuracy(held) > accuracy(best);
}

void best_judge(struct imgtrain *train, const struct batch_result *held)
{
    if (!is_better(train, held))
        return;
    train->best = (struct best){train->course.epoch, *held};
    if (train->keep == KEEP_BEST)
        trainer_keep(train->trainer);
}

int best_is_past(const struct imgtrain *train)
{
    size_t patience = (size_t)train->patience;
    return patience && train->best.epoch && train->course.epoch > train->best.epoch + patience;
}

void best_tell(struct imgtrain *train)
{
    const struct best *best = &train->best;
    char text[ERROR_TEXT];
    int length = 0;
    if (train->tool.quiet || (!train->patience && train->keep != KEEP_BEST) || best->epoch == 0)
        return;
    if (best_is_past(train) && train->course.epoch <= (size_t)train->epochs)
        length =
            snprintf(text, sizeof text, "stopped: nothing better for %d epochs; ", train->patience);
    snprintf(text + length, sizeof text - (size_t)length,
             "%s epoch %zu, validation: loss %.4f, accuracy %.2f %%",
             train->keep == KEEP_BEST ? "the model is that of" : "the best was", best->epoch,
             mean_loss(&best->result), 100 * accuracy(&best->result));
    tool_message(&train->tool, NULL, text);
}
