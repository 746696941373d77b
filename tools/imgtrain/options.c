/* The command line: what the options are, and where their arguments go. settle.c sees whether they
 * go together. */
#include "base/number.h"
#include "base/setting.h"
#include "nn/train/data/shuffle.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>
#include <string.h>

enum option {
    OPTION_VAL = OPTION_LONG,
    OPTION_KEEP,
    OPTION_WATCH,
    OPTION_PATIENCE,
    OPTION_EPOCHS,
    OPTION_ROUND,
    OPTION_BATCH,
    OPTION_RATE,
    OPTION_FINAL_RATE,
    OPTION_OPTIMISER,
    OPTION_MOMENTUM,
    OPTION_NESTEROV,
    OPTION_BETA2,
    OPTION_EPSILON,
    OPTION_DECAY,
    OPTION_CLIP_NORM,
    OPTION_EMA,
    OPTION_LOSS,
    OPTION_SMOOTHING,
    OPTION_CLASS_WEIGHTS,
    OPTION_SCHEDULE,
    OPTION_WARMUP,
    OPTION_L2,
    OPTION_L1,
    OPTION_TOLERANCE,
    OPTION_ITERATIONS,
    OPTION_SEED,
    OPTION_LOG,
    OPTION_TENSORBOARD,
    OPTION_MEMORY,
    OPTION_FLIP, /* to OPTION_CUTOUT: the names of augment_set */
    OPTION_SHIFT,
    OPTION_TURN,
    OPTION_ROTATE,
    OPTION_BRIGHTNESS,
    OPTION_CONTRAST,
    OPTION_SATURATION,
    OPTION_RANDOM_CROP,
    OPTION_RESIZED_CROP,
    OPTION_CUTOUT,
    OPTION_MIXUP,
    OPTION_CUTMIX,
    OPTION_EACH_EPOCH,
    OPTION_CHECKPOINT,
    OPTION_CHECKPOINT_EVERY,
    OPTION_RESUME,
    OPTION_AVERAGE,
    OPTION_ONLINE,
    OPTION_LABELS,
    OPTION_BUFFER,
    OPTION_PASSES,
    OPTION_WINDOW,
    OPTION_REPORT,
    OPTION_INPUT,
    OPTION_CLASSES,
    OPTION_BACKBONE,
    OPTION_FROM,
    OPTION_FORCE,
    OPTION_NEW_HEAD,
    OPTION_FREEZE_NORM,
    OPTION_BACKBONE_RATE,
};

const struct option_entry imgtrain_options[] = {
    {'n', "net", "FILE", "the network, as described in imgnet(5)"},
    {'m', "model", "MODEL.onnx", "go on with the weights of this model"},
    {OPTION_BACKBONE, "backbone", "MODEL.onnx",
     "the network learns from this model's features: write both as one model"},
    {OPTION_FROM, "from", "NODE", "only what comes after this node learns"},
    {OPTION_NEW_HEAD, "new-head", NULL, "the model's last layer begins anew"},
    {OPTION_BACKBONE_RATE, "backbone-rate", "F",
     "the rate of all before the last layer, as a factor (default: 1)"},
    {OPTION_FREEZE_NORM, "freeze-norm", NULL, "BatchNormalization stays as it is"},
    {OPTION_FORCE, "force", NULL, "take tensors of another recipe than the model's"},
    {OPTION_VAL, "val", "FILE", "measure loss and accuracy on these tensors after each epoch"},
    {OPTION_KEEP, "keep", "WHICH",
     "write the last or the best epoch (default: last; best with --patience)"},
    {OPTION_WATCH, "watch", "WHAT",
     "by what an epoch is the best: accuracy or loss of --val (default: accuracy)"},
    {OPTION_PATIENCE, "patience", "N", "stop when N epochs in a row were not the best"},
    {OPTION_EPOCHS, "epochs", "N",
     "how often each picture is learned from (default: 10); 0 needs no data"},
    {OPTION_ROUND, "round", "I/N", "only the Ith of N parts of all steps; see MANY WORKERS"},
    {OPTION_BATCH, "batch", "N", "pictures per step (default: 64)"},
    {OPTION_OPTIMISER, "optimiser", "NAME",
     "sgd, adam or adamw (default: sgd); lbfgs: one linear layer to its optimum"},
    {OPTION_RATE, "rate", "R", "the learning rate (default: 0.05; adam and adamw: 0.001)"},
    {OPTION_SCHEDULE, "schedule", "NAME", "constant, step, cosine or one-cycle (default: cosine)"},
    {OPTION_FINAL_RATE, "final-rate", "R", "where cosine and one-cycle end (default: 0)"},
    {OPTION_WARMUP, "warmup", "N", "the rate rises during the first N steps (default: 0)"},
    {OPTION_MOMENTUM, "momentum", "M", "of the gradient; Adam's beta1 (default: 0.9)"},
    {OPTION_NESTEROV, "nesterov", NULL, "look ahead along the momentum"},
    {OPTION_BETA2, "beta2", "B", "of the gradient's square, with adam and adamw (default: 0.999)"},
    {OPTION_EPSILON, "epsilon", "E", "added to its root (default: 1e-8)"},
    {OPTION_DECAY, "weight-decay", "W",
     "pull of the weights towards 0 (default: sgd 0.0005, adam 0, adamw 0.01)"},
    {OPTION_CLIP_NORM, "clip-norm", "N", "shorten gradients that are longer (default: never)"},
    {OPTION_EMA, "ema", "D", "write the moving average of the weights, with this decay"},
    {OPTION_LOSS, "loss", "NAME",
     "softmax: one class per picture; sigmoid: any number of labels (default: softmax)"},
    {OPTION_SMOOTHING, "label-smoothing", "S",
     "share of the target spread over all classes (default: 0)"},
    {OPTION_CLASS_WEIGHTS, "class-weights", "WEIGHTS",
     "balanced, or LABEL=WEIGHT,...: what errors count (default: all 1)"},
    {OPTION_L2, "l2", "W", "lbfgs: W / 2 times the squared weights is added to the loss"},
    {OPTION_L1, "l1", "W", "lbfgs: W times the size of the weights is added (default: 0)"},
    {OPTION_TOLERANCE, "tolerance", "T",
     "lbfgs: how near the optimum, as a share of the loss (default: 1e-8)"},
    {OPTION_ITERATIONS, "iterations", "N", "lbfgs: at most so many (default: 1000)"},
    {OPTION_FLIP, "flip", NULL, "mirror pictures at random"},
    {OPTION_SHIFT, "shift", "N", "move pictures at random by up to N pixels"},
    {OPTION_ROTATE, "rotate", "DEGREES",
     "rotate pictures at random by up to so much each way, or --turn by right angles"},
    {OPTION_TURN, "turn", NULL, ""},
    {OPTION_RANDOM_CROP, "random-crop", "N",
     "learn from windows of NxN; --resized-crop S resizes such of a share of S to 1"},
    {OPTION_RESIZED_CROP, "resized-crop", "S", ""},
    {OPTION_BRIGHTNESS, "brightness", "X",
     "change it by a factor of 1-X to 1+X; so do --contrast X and --saturation X"},
    {OPTION_CONTRAST, "contrast", "X", ""},
    {OPTION_SATURATION, "saturation", "X", ""},
    {OPTION_CUTOUT, "cutout", "N", "wipe out a square of NxN pixels somewhere"},
    {OPTION_MIXUP, "mixup", "A",
     "mix each picture with another, shares from Beta(A,A); --cutmix A a rectangle"},
    {OPTION_CUTMIX, "cutmix", "A", ""},
    {OPTION_EACH_EPOCH, "each-epoch", "CMD", "each epoch's tensors come from this shell command"},
    {OPTION_SEED, "seed", "N",
     "of weights, order and changes: the same seed, the same model (default: 1)"},
    {OPTION_LOG, "log", "FILE", "write a table with a row per step"},
    {OPTION_TENSORBOARD, "tensorboard", "DIR", "write the same as an event file of TensorBoard"},
    {OPTION_CHECKPOINT, "checkpoint", "FILE", "write what --resume goes on from after each epoch"},
    {OPTION_CHECKPOINT_EVERY, "checkpoint-every", "N", "after every N steps instead"},
    {OPTION_RESUME, "resume", NULL, "go on from the checkpoint, if it is there"},
    {OPTION_ONLINE, "online", NULL, "learn while the stream arrives, from each record once"},
    {OPTION_LABELS, "labels", "FILE|A,B,...",
     "the labels that there are (default: those found; --online: in the first records)"},
    {OPTION_BUFFER, "shuffle-buffer", "N",
     "with --online: draw from so many records (default: 2048)"},
    {OPTION_PASSES, "passes", "N", "likewise: learn from each record N times (default: 1)"},
    {OPTION_WINDOW, "window", "N", "likewise: tell how good the last N were (default: 1000)"},
    {OPTION_REPORT, "report", "N", "likewise: tell it every N records (default: 1000)"},
    {OPTION_AVERAGE, "average", NULL,
     "write the mean of the operands' models, by samples learned from (since -m)"},
    {OPTION_MEMORY, "memory", "MIB",
     "keep so much of the data in memory, the rest in files (default: 1024)"},
    {OPTION_INPUT, "input", "CxHxW",
     "with --epochs 0 and no data: the size (default: the network's own)"},
    {OPTION_CLASSES, "classes", "N", "likewise: the number of classes"},
    {0, NULL, NULL, NULL},
};

/* Options whose argument goes somewhere as it is. */
static const struct plain {
    int id;
    struct setting setting;
} plain[] = {
    {'n', {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, net)}},
    {'m', {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, backbone.path)}},
    {OPTION_BACKBONE, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, backbone.path)}},
    {OPTION_FROM, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, backbone.from)}},
    {OPTION_VAL, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, validation)}},
    {OPTION_LOG, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, log)}},
    {OPTION_TENSORBOARD, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, tensorboard)}},
    {OPTION_CHECKPOINT, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, checkpoint)}},
    {OPTION_EACH_EPOCH, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, each_epoch.command)}},
    {OPTION_LABELS, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, labels)}},
    {OPTION_CLASS_WEIGHTS, {SETTING_TEXT, 0, 0, offsetof(struct imgtrain, weights)}},
    {OPTION_NEW_HEAD, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, new_head)}},
    {OPTION_FREEZE_NORM, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, freeze_norm)}},
    {OPTION_FORCE, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, force)}},
    {OPTION_RESUME, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, resume)}},
    {OPTION_AVERAGE, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, average)}},
    {OPTION_ONLINE, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, online.on)}},
    {OPTION_NESTEROV, {SETTING_FLAG, 0, 0, offsetof(struct imgtrain, optimiser.nesterov)}},
    {OPTION_CHECKPOINT_EVERY,
     {SETTING_WHOLE, 1, 1000000000, offsetof(struct imgtrain, checkpoint_every)}},
    {OPTION_BUFFER, {SETTING_WHOLE, 1, 1 << 24, offsetof(struct imgtrain, online.buffer)}},
    {OPTION_PASSES,
     {SETTING_WHOLE, 1, SHUFFLE_PASSES_MAX, offsetof(struct imgtrain, online.passes)}},
    {OPTION_WINDOW, {SETTING_WHOLE, 1, 1 << 24, offsetof(struct imgtrain, online.window)}},
    {OPTION_REPORT, {SETTING_WHOLE, 0, 1000000000, offsetof(struct imgtrain, online.report)}},
    {OPTION_EPOCHS, {SETTING_WHOLE, 0, 1000000, offsetof(struct imgtrain, epochs)}},
    {OPTION_PATIENCE, {SETTING_WHOLE, 1, 1000000, offsetof(struct imgtrain, patience)}},
    {OPTION_BATCH, {SETTING_WHOLE, 1, 65536, offsetof(struct imgtrain, batch)}},
    {OPTION_CLASSES, {SETTING_WHOLE, 2, 1 << 24, offsetof(struct imgtrain, classes)}},
    {OPTION_ITERATIONS, {SETTING_WHOLE, 1, 1000000, offsetof(struct imgtrain, iterations)}},
    {OPTION_RATE, {SETTING_REAL, 0, 1e6, offsetof(struct imgtrain, schedule.rate)}},
    {OPTION_FINAL_RATE, {SETTING_REAL, 0, 1e6, offsetof(struct imgtrain, schedule.final_rate)}},
    {OPTION_MOMENTUM, {SETTING_REAL, 0, 0.9999, offsetof(struct imgtrain, optimiser.momentum)}},
    {OPTION_BETA2, {SETTING_REAL, 0, 0.999999, offsetof(struct imgtrain, optimiser.beta2)}},
    {OPTION_EPSILON, {SETTING_REAL, 1e-30, 1, offsetof(struct imgtrain, optimiser.epsilon)}},
    {OPTION_DECAY, {SETTING_REAL, 0, 1, offsetof(struct imgtrain, optimiser.weight_decay)}},
    {OPTION_CLIP_NORM, {SETTING_REAL, 0, 1e30, offsetof(struct imgtrain, optimiser.clip_norm)}},
    {OPTION_EMA, {SETTING_REAL, 0, 0.999999, offsetof(struct imgtrain, ema)}},
    {OPTION_L2, {SETTING_REAL, 0, 1e12, offsetof(struct imgtrain, l2)}},
    {OPTION_L1, {SETTING_REAL, 0, 1e12, offsetof(struct imgtrain, l1)}},
    {OPTION_TOLERANCE, {SETTING_REAL, 0, 1, offsetof(struct imgtrain, tolerance)}},
    {OPTION_SMOOTHING, {SETTING_REAL, 0, 0.99, offsetof(struct imgtrain, smoothing)}},
    {OPTION_BACKBONE_RATE, {SETTING_REAL, 1e-9, 1e6, offsetof(struct imgtrain, backbone_rate)}},
    {OPTION_MIXUP, {SETTING_REAL, 0, 100, offsetof(struct imgtrain, mixup)}},
    {OPTION_CUTMIX, {SETTING_REAL, 0, 100, offsetof(struct imgtrain, cutmix)}},
};

static const struct option_entry *find_option(int id)
{
    const struct option_entry *option = imgtrain_options;
    while (option->id != id)
        option++;
    return option;
}

static const struct plain *find_plain(int id)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].id == id)
            return &plain[i];
    return NULL;
}

/* The place of a name among `count` that `name` gives. STATUS_USAGE lists them. */
static enum status set_name(const char *argument, const char *what, const char *(*name)(int),
                            int count, int *place, struct error *err)
{
    char all[256] = "";
    size_t length = 0;
    for (*place = 0; *place < count; ++*place) {
        if (strcmp(name(*place), argument) == 0)
            return STATUS_OK;
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s",
                                   *place == 0           ? ""
                                   : *place == count - 1 ? " and "
                                                         : ", ",
                                   name(*place));
    }
    return error_set(err, STATUS_USAGE, "no %s %s; there are %s", what, argument, all);
}

static const char *name_of_schedule(int kind)
{
    return schedule_name((enum schedule_kind)kind);
}

static const char *name_of_optimiser(int kind)
{
    return kind == OPTIMISER_TYPES ? "lbfgs" : optimiser_name((enum optimiser_kind)kind);
}

static const char *name_of_loss(int loss)
{
    return loss_name((enum loss)loss);
}

static const char *name_of_keep(int keep)
{
    return keep == KEEP_LAST - 1 ? "last" : "best";
}

static const char *name_of_watch(int watch)
{
    return watch == WATCH_ACCURACY - 1 ? "accuracy" : "loss";
}

static enum status set_choice(struct imgtrain *train, int id, const char *argument,
                              struct error *err)
{
    int place = 0;
    enum status status;
    if (id == OPTION_OPTIMISER) {
        status =
            set_name(argument, "optimiser", name_of_optimiser, OPTIMISER_TYPES + 1, &place, err);
        train->lbfgs = place == OPTIMISER_TYPES;
        train->optimiser.kind = train->lbfgs ? OPTIMISER_SGD : (enum optimiser_kind)place;
    } else if (id == OPTION_SCHEDULE) {
        status = set_name(argument, "schedule", name_of_schedule, SCHEDULE_TYPES, &place, err);
        train->schedule.kind = (enum schedule_kind)place;
    } else if (id == OPTION_KEEP) {
        status = set_name(argument, "choice", name_of_keep, 2, &place, err);
        train->keep = (enum keep)(place + 1);
    } else if (id == OPTION_WATCH) {
        status = set_name(argument, "measure", name_of_watch, 2, &place, err);
        train->watch = (enum watch)(place + 1);
    } else {
        status = set_name(argument, "loss", name_of_loss, LOSS_TYPES, &place, err);
        train->loss = (enum loss)place;
    }
    return status;
}

/* CxHxW */
static enum status set_input(struct imgtrain *train, const char *argument, struct error *err)
{
    int *size[3] = {&train->input.channels, &train->input.height, &train->input.width};
    for (int i = 0; i < 3; i++) {
        char number[8] = "";
        int64_t side = 0;
        size_t length = strcspn(argument, "x");
        if (length >= sizeof number || argument[length] != (i < 2 ? 'x' : '\0'))
            return error_set(err, STATUS_USAGE,
                             "%s is no size of pictures, expected CHANNELSxHEIGHTxWIDTH", argument);
        memcpy(number, argument, length);
        TRY(number_integer(number, 1, 65535, &side, err));
        *size[i] = (int)side;
        argument += length + 1;
    }
    return STATUS_OK;
}

static enum status set_option(struct imgtrain *train, int id, const char *argument,
                              struct error *err)
{
    int64_t number = 0;
    enum status status = STATUS_OK;
    train->backbone.tuned |= id == 'm';
    if (find_plain(id))
        return setting_store(&find_plain(id)->setting, train, argument, err);
    if (id >= OPTION_FLIP && id <= OPTION_CUTOUT)
        return augment_set(&train->augment, find_option(id)->name, argument, err);
    switch (id) {
    case OPTION_WARMUP:
        status = number_integer(argument, 0, 1000000000, &number, err);
        train->schedule.warmup = (size_t)number;
        return status;
    case OPTION_SEED:
        status = number_integer(argument, 0, INT64_MAX, &number, err);
        train->seed = (uint64_t)number;
        return status;
    case OPTION_MEMORY:
        status = number_integer(argument, 0, 1 << 24, &number, err);
        train->memory = number << 20;
        return status;
    case OPTION_ROUND:
        return number_shard(argument, &train->round, &train->rounds, err);
    case OPTION_INPUT:
        return set_input(train, argument, err);
    default:
        return set_choice(train, id, argument, err);
    }
}

/* These change nothing of the result, or name files whose content is compared by itself. All others
 * must be the same in a run that goes on from a checkpoint. */
static const int indifferent[] = {'n',
                                  OPTION_VAL,
                                  OPTION_LOG,
                                  OPTION_TENSORBOARD,
                                  OPTION_MEMORY,
                                  OPTION_CHECKPOINT,
                                  OPTION_CHECKPOINT_EVERY,
                                  OPTION_RESUME,
                                  OPTION_LABELS,
                                  OPTION_REPORT};

enum status imgtrain_set(void *state, int id, const char *argument, struct error *err)
{
    struct imgtrain *train = state;
    char name[64];
    for (size_t i = 0; i < sizeof indifferent / sizeof *indifferent; i++)
        if (indifferent[i] == id)
            return set_option(train, id, argument, err);
    snprintf(name, sizeof name, "--%s", find_option(id)->name);
    if (record_set(&train->made, name, argument ? argument : "", err) != STATUS_OK)
        return err->status;
    return set_option(train, id, argument, err);
}
