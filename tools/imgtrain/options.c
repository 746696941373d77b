/* The command line. */
#include "base/number.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>
#include <string.h>

enum option {
    OPTION_VAL = OPTION_LONG,
    OPTION_EPOCHS,
    OPTION_BATCH,
    OPTION_RATE,
    OPTION_MOMENTUM,
    OPTION_DECAY,
    OPTION_LOSS,
    OPTION_SMOOTHING,
    OPTION_SCHEDULE,
    OPTION_WARMUP,
    OPTION_SEED,
    OPTION_LOG,
    OPTION_MEMORY,
    OPTION_FLIP,
    OPTION_TURN,
    OPTION_SHIFT,
    OPTION_CHECKPOINT,
    OPTION_CHECKPOINT_EVERY,
    OPTION_RESUME,
    OPTION_INPUT,
    OPTION_CLASSES,
    OPTION_BACKBONE,
    OPTION_FROM,
    OPTION_FORCE,
};

const struct option_entry imgtrain_options[] = {
    {'n', "net", "FILE", "the network, as described in imgnet(5)"},
    {OPTION_BACKBONE, "backbone", "MODEL.onnx",
     "the network learns from this model's features: write both as one model"},
    {OPTION_FROM, "from", "NODE", "which node's (default: what the stream says)"},
    {OPTION_FORCE, "force", NULL, "take features of another recipe than the model's"},
    {OPTION_VAL, "val", "FILE", "measure loss and accuracy on these tensors after each epoch"},
    {OPTION_EPOCHS, "epochs", "N",
     "how often each picture is learned from (default: 10); 0 needs no data"},
    {OPTION_BATCH, "batch", "N", "pictures per step (default: 64)"},
    {OPTION_RATE, "rate", "R", "the learning rate (default: 0.05)"},
    {OPTION_SCHEDULE, "schedule", "NAME", "constant, step or cosine (default: cosine)"},
    {OPTION_WARMUP, "warmup", "N", "the rate rises during the first N steps (default: 0)"},
    {OPTION_MOMENTUM, "momentum", "M", "of the gradient (default: 0.9)"},
    {OPTION_DECAY, "weight-decay", "W", "pull of the weights towards 0 (default: 0.0005)"},
    {OPTION_LOSS, "loss", "NAME",
     "softmax: one class per picture; sigmoid: any number of labels (default: softmax)"},
    {OPTION_SMOOTHING, "label-smoothing", "S",
     "share of the target spread over all classes (default: 0)"},
    {OPTION_FLIP, "flip", NULL, "mirror pictures at random"},
    {OPTION_TURN, "turn", NULL, "turn pictures at random by right angles"},
    {OPTION_SHIFT, "shift", "N", "move pictures at random by up to N pixels"},
    {OPTION_SEED, "seed", "N",
     "of weights, order and changes: the same seed, the same model (default: 1)"},
    {OPTION_LOG, "log", "FILE", "write a table with a row per step"},
    {OPTION_CHECKPOINT, "checkpoint", "FILE", "write what --resume goes on from after each epoch"},
    {OPTION_CHECKPOINT_EVERY, "checkpoint-every", "N", "after every N steps instead"},
    {OPTION_RESUME, "resume", NULL, "go on from the checkpoint, if it is there"},
    {OPTION_MEMORY, "memory", "MIB",
     "keep so much of the data in memory, the rest in files (default: 1024)"},
    {OPTION_INPUT, "input", "CxHxW",
     "with --epochs 0 and no data: the size (default: the network's own)"},
    {OPTION_CLASSES, "classes", "N", "likewise: the number of classes"},
    {0, NULL, NULL, NULL},
};

static enum status set_real(const char *argument, double low, double high, double *value,
                            struct error *err)
{
    enum status status = number_real(argument, value, err);
    if (status == STATUS_OK && !(*value >= low && *value <= high))
        return error_set(err, STATUS_USAGE, "%s is not within %g to %g", argument, low, high);
    return status;
}

static enum status set_integer(const char *argument, int64_t low, int64_t high, int *value,
                               struct error *err)
{
    int64_t number = 0;
    enum status status = number_integer(argument, low, high, &number, err);
    *value = (int)number;
    return status;
}

static enum status set_schedule(struct imgtrain *train, const char *argument, struct error *err)
{
    for (int i = 0; i < SCHEDULE_TYPES; i++)
        if (strcmp(schedule_name((enum schedule)i), argument) == 0) {
            train->schedule = (enum schedule)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "no schedule %s; there are constant, step and cosine",
                     argument);
}

static enum status set_loss(struct imgtrain *train, const char *argument, struct error *err)
{
    for (int i = 0; i < LOSS_TYPES; i++)
        if (strcmp(loss_name((enum loss)i), argument) == 0) {
            train->loss = (enum loss)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "no loss %s; there are softmax and sigmoid", argument);
}

/* CxHxW */
static enum status set_input(struct imgtrain *train, const char *argument, struct error *err)
{
    int *size[3] = {&train->input.channels, &train->input.height, &train->input.width};
    for (int i = 0; i < 3; i++) {
        char number[8] = "";
        size_t length = strcspn(argument, "x");
        if (length >= sizeof number || argument[length] != (i < 2 ? 'x' : '\0'))
            return error_set(err, STATUS_USAGE,
                             "%s is no size of pictures, expected CHANNELSxHEIGHTxWIDTH", argument);
        memcpy(number, argument, length);
        if (set_integer(number, 1, 65535, size[i], err) != STATUS_OK)
            return err->status;
        argument += length + 1;
    }
    return STATUS_OK;
}

static enum status set_option(struct imgtrain *train, int id, const char *argument,
                              struct error *err)
{
    int64_t number = 0;
    enum status status;
    switch (id) {
    case 'n':
        train->net = argument;
        return STATUS_OK;
    case OPTION_BACKBONE:
        train->backbone.path = argument;
        return STATUS_OK;
    case OPTION_FROM:
        train->backbone.from = argument;
        return STATUS_OK;
    case OPTION_FORCE:
        train->force = 1;
        return STATUS_OK;
    case OPTION_VAL:
        train->validation = argument;
        return STATUS_OK;
    case OPTION_LOG:
        train->log = argument;
        return STATUS_OK;
    case OPTION_CHECKPOINT:
        train->checkpoint = argument;
        return STATUS_OK;
    case OPTION_CHECKPOINT_EVERY:
        return set_integer(argument, 1, 1000000000, &train->checkpoint_every, err);
    case OPTION_RESUME:
        train->resume = 1;
        return STATUS_OK;
    case OPTION_EPOCHS:
        return set_integer(argument, 0, 1000000, &train->epochs, err);
    case OPTION_BATCH:
        return set_integer(argument, 1, 65536, &train->batch, err);
    case OPTION_WARMUP:
        return set_integer(argument, 0, 1000000000, &train->warmup, err);
    case OPTION_SHIFT:
        return set_integer(argument, 0, 1024, &train->shift, err);
    case OPTION_CLASSES:
        return set_integer(argument, 2, 1 << 24, &train->classes, err);
    case OPTION_FLIP:
        train->flip = 1;
        return STATUS_OK;
    case OPTION_TURN:
        train->turn = 1;
        return STATUS_OK;
    case OPTION_RATE:
        return set_real(argument, 0, 1e6, &train->rate, err);
    case OPTION_MOMENTUM:
        return set_real(argument, 0, 0.9999, &train->momentum, err);
    case OPTION_DECAY:
        return set_real(argument, 0, 1, &train->decay, err);
    case OPTION_SMOOTHING:
        return set_real(argument, 0, 0.99, &train->smoothing, err);
    case OPTION_LOSS:
        return set_loss(train, argument, err);
    case OPTION_SCHEDULE:
        return set_schedule(train, argument, err);
    case OPTION_INPUT:
        return set_input(train, argument, err);
    case OPTION_SEED:
        status = number_integer(argument, 0, INT64_MAX, &number, err);
        train->seed = (uint64_t)number;
        return status;
    default:
        status = number_integer(argument, 0, 1 << 24, &number, err);
        train->memory = number << 20;
        return status;
    }
}

/* These change nothing of the result, or name files whose content is compared by itself. All others
 * must be the same in a run that goes on from a checkpoint. */
static const int indifferent[] = {'n',           OPTION_VAL,        OPTION_LOG,
                                  OPTION_MEMORY, OPTION_CHECKPOINT, OPTION_CHECKPOINT_EVERY,
                                  OPTION_RESUME};

enum status imgtrain_set(void *state, int id, const char *argument, struct error *err)
{
    struct imgtrain *train = state;
    const struct option_entry *option = imgtrain_options;
    char name[64];
    for (size_t i = 0; i < sizeof indifferent / sizeof *indifferent; i++)
        if (indifferent[i] == id)
            return set_option(train, id, argument, err);
    while (option->id != id)
        option++;
    snprintf(name, sizeof name, "--%s", option->name);
    if (record_set(&train->made, name, argument ? argument : "", err) != STATUS_OK)
        return err->status;
    return set_option(train, id, argument, err);
}
