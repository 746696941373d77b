/* Which options go together, and what was not said. */
#include "tools/imgtrain/imgtrain.h"

#include <string.h>

static void settle(double *value, double usual)
{
    if (*value < 0)
        *value = usual;
}

static int among(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return 1;
    return 0;
}

/* Either kind of learning has options that would mean nothing to the other. */
static void settle_optimum(struct imgtrain *train)
{
    static const char *const own[] = {"--l1", "--l2", "--tolerance", "--iterations", NULL};
    static const char *const both[] = {"--optimiser", "--loss",  "--seed", "--backbone",
                                       "--from",      "--force", NULL};
    const char *name, *value;
    for (size_t at = 0; record_next_attribute(&train->made, &at, &name, &value);)
        if (!among(name, both) && among(name, own) != train->lbfgs)
            tool_usage(&train->tool, "%s is %sfor --optimiser lbfgs", name,
                       train->lbfgs ? "not " : "");
    if (train->lbfgs && train->checkpoint)
        tool_usage(&train->tool, "--checkpoint is not for --optimiser lbfgs");
    if (train->lbfgs && train->loss != LOSS_SOFTMAX)
        tool_usage(&train->tool, "--optimiser lbfgs minimises softmax cross-entropy only");
}

void options_settle(struct imgtrain *train)
{
    struct optimiser *optimiser = &train->optimiser, usual = optimiser_usual(optimiser->kind);
    struct schedule *schedule = &train->schedule;
    int falls = schedule->kind == SCHEDULE_COSINE || schedule->kind == SCHEDULE_ONE_CYCLE;
    if (optimiser->kind == OPTIMISER_SGD && (optimiser->beta2 >= 0 || optimiser->epsilon >= 0))
        tool_usage(&train->tool, "--beta2 and --epsilon are for --optimiser adam and adamw");
    if (optimiser->nesterov && (optimiser->kind != OPTIMISER_SGD || optimiser->momentum == 0))
        tool_usage(&train->tool, "--nesterov is for --optimiser sgd with momentum");
    if (schedule->final_rate >= 0 && !falls)
        tool_usage(&train->tool, "--final-rate is for --schedule cosine and one-cycle");
    if (!train->validation && (train->patience || train->watch || train->keep == KEEP_BEST))
        tool_usage(&train->tool, "--patience, --watch and --keep best need --val");
    if (train->watch && !train->patience && train->keep != KEEP_BEST)
        tool_usage(&train->tool, "--watch goes with --patience or --keep best");
    if (!train->keep)
        train->keep = train->patience ? KEEP_BEST : KEEP_LAST;
    settle_optimum(train);
    settle(&optimiser->momentum, usual.momentum);
    settle(&optimiser->beta2, usual.beta2);
    settle(&optimiser->epsilon, usual.epsilon);
    settle(&optimiser->weight_decay, usual.weight_decay);
    settle(&schedule->rate, optimiser_usual_rate(optimiser->kind));
    settle(&schedule->final_rate, 0);
}

void options_check(struct imgtrain *train, int without_data, int has_operand)
{
    if (!train->net && !train->backbone.path)
        tool_usage(&train->tool, "which network? -n NET is missing");
    if ((train->input.channels || train->classes) && !without_data)
        tool_usage(&train->tool,
                   "--input and --classes are for --epochs 0 without data, which says both itself");
    if (!train->checkpoint && (train->resume || train->checkpoint_every))
        tool_usage(&train->tool, "which checkpoint? --checkpoint FILE is missing");
    if (train->rounds &&
        (train->checkpoint || train->each_epoch.command || train->keep == KEEP_BEST))
        tool_usage(&train->tool,
                   "--round does not go with --checkpoint, --each-epoch and --keep best");
    if (train->labels && train->each_epoch.command)
        tool_usage(&train->tool, "--each-epoch takes its labels from the first epoch: no --labels");
    if (train->each_epoch.command && has_operand)
        tool_usage(&train->tool,
                   "--each-epoch brings the tensors to learn from: no FILE beside it");
    if (without_data && train->validation)
        tool_usage(&train->tool, "--val needs data to learn from");
    if (train->backbone.path && without_data)
        tool_usage(&train->tool, "-m and --backbone need data to learn from");
    if (train->backbone.from && !train->backbone.path)
        tool_usage(&train->tool, "--from goes with -m or --backbone");
}
