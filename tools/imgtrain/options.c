/* The command line. */
#include "base/number.h"
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
    OPTION_FLIP,
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
     "with --online: the labels (default: those of the first records)"},
    {OPTION_BUFFER, "shuffle-buffer", "N", "likewise: draw from so many records (default: 2048)"},
    {OPTION_PASSES, "passes", "N", "likewise: learn from each record N times (default: 1)"},
    {OPTION_WINDOW, "window", "N", "likewise: tell how good the last N were (default: 1000)"},
    {OPTION_REPORT, "report", "N", "likewise: tell it every N records (default: 1000)"},
    {OPTION_AVERAGE, "average", NULL,
     "write the mean of the models that are the operands, by samples learned from"},
    {OPTION_MEMORY, "memory", "MIB",
     "keep so much of the data in memory, the rest in files (default: 1024)"},
    {OPTION_INPUT, "input", "CxHxW",
     "with --epochs 0 and no data: the size (default: the network's own)"},
    {OPTION_CLASSES, "classes", "N", "likewise: the number of classes"},
    {0, NULL, NULL, NULL},
};

/* Options that are a number, and where it goes. */
static const struct real {
    int id;
    double low, high;
    size_t place;
} reals[] = {
    {OPTION_RATE, 0, 1e6, offsetof(struct imgtrain, schedule.rate)},
    {OPTION_FINAL_RATE, 0, 1e6, offsetof(struct imgtrain, schedule.final_rate)},
    {OPTION_MOMENTUM, 0, 0.9999, offsetof(struct imgtrain, optimiser.momentum)},
    {OPTION_BETA2, 0, 0.999999, offsetof(struct imgtrain, optimiser.beta2)},
    {OPTION_EPSILON, 1e-30, 1, offsetof(struct imgtrain, optimiser.epsilon)},
    {OPTION_DECAY, 0, 1, offsetof(struct imgtrain, optimiser.weight_decay)},
    {OPTION_CLIP_NORM, 0, 1e30, offsetof(struct imgtrain, optimiser.clip_norm)},
    {OPTION_EMA, 0, 0.999999, offsetof(struct imgtrain, ema)},
    {OPTION_L2, 0, 1e12, offsetof(struct imgtrain, l2)},
    {OPTION_L1, 0, 1e12, offsetof(struct imgtrain, l1)},
    {OPTION_TOLERANCE, 0, 1, offsetof(struct imgtrain, tolerance)},
    {OPTION_SMOOTHING, 0, 0.99, offsetof(struct imgtrain, smoothing)},
    {OPTION_BACKBONE_RATE, 1e-9, 1e6, offsetof(struct imgtrain, backbone_rate)},
    {OPTION_ROTATE, 0, 180, offsetof(struct imgtrain, augment.rotate)},
    {OPTION_BRIGHTNESS, 0, 100, offsetof(struct imgtrain, augment.brightness)},
    {OPTION_CONTRAST, 0, 100, offsetof(struct imgtrain, augment.contrast)},
    {OPTION_SATURATION, 0, 100, offsetof(struct imgtrain, augment.saturation)},
    {OPTION_RESIZED_CROP, 0, 1, offsetof(struct imgtrain, augment.resized_crop)},
    {OPTION_MIXUP, 0, 100, offsetof(struct imgtrain, mixup)},
    {OPTION_CUTMIX, 0, 100, offsetof(struct imgtrain, cutmix)},
};

static const struct real *find_real(int id)
{
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        if (reals[i].id == id)
            return &reals[i];
    return NULL;
}

static enum status set_real(struct imgtrain *train, const struct real *real, const char *argument,
                            struct error *err)
{
    double *value = (double *)((char *)train + real->place);
    enum status status = number_real(argument, value, err);
    if (status == STATUS_OK && !(*value >= real->low && *value <= real->high))
        return error_set(err, STATUS_USAGE, "%s is not within %g to %g", argument, real->low,
                         real->high);
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

/* What is done to the pictures at random. */
static enum status set_change(struct augment *augment, int id, const char *argument,
                              struct error *err)
{
    switch (id) {
    case OPTION_FLIP:
        augment->flip = 1;
        return STATUS_OK;
    case OPTION_TURN:
        augment->turn = 1;
        return STATUS_OK;
    case OPTION_SHIFT:
        return set_integer(argument, 0, 1024, &augment->shift, err);
    case OPTION_RANDOM_CROP:
        return set_integer(argument, 1, 65535, &augment->crop, err);
    default:
        return set_integer(argument, 0, 65535, &augment->cutout, err);
    }
}

static enum status set_option(struct imgtrain *train, int id, const char *argument,
                              struct error *err)
{
    int64_t number = 0;
    enum status status;
    if (find_real(id))
        return set_real(train, find_real(id), argument, err);
    switch (id) {
    case 'n':
        train->net = argument;
        return STATUS_OK;
    case OPTION_BACKBONE:
        train->backbone.path = argument;
        return STATUS_OK;
    case 'm':
        train->backbone.path = argument;
        train->backbone.tuned = 1;
        return STATUS_OK;
    case OPTION_NEW_HEAD:
        train->new_head = 1;
        return STATUS_OK;
    case OPTION_FREEZE_NORM:
        train->freeze_norm = 1;
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
    case OPTION_TENSORBOARD:
        train->tensorboard = argument;
        return STATUS_OK;
    case OPTION_CHECKPOINT:
        train->checkpoint = argument;
        return STATUS_OK;
    case OPTION_CHECKPOINT_EVERY:
        return set_integer(argument, 1, 1000000000, &train->checkpoint_every, err);
    case OPTION_RESUME:
        train->resume = 1;
        return STATUS_OK;
    case OPTION_AVERAGE:
        train->average = 1;
        return STATUS_OK;
    case OPTION_EACH_EPOCH:
        train->each_epoch.command = argument;
        return STATUS_OK;
    case OPTION_ONLINE:
        train->online.on = 1;
        return STATUS_OK;
    case OPTION_LABELS:
        train->online.labels = argument;
        return STATUS_OK;
    case OPTION_BUFFER:
        return set_integer(argument, 1, 1 << 24, &train->online.buffer, err);
    case OPTION_PASSES:
        return set_integer(argument, 1, SHUFFLE_PASSES_MAX, &train->online.passes, err);
    case OPTION_WINDOW:
        return set_integer(argument, 1, 1 << 24, &train->online.window, err);
    case OPTION_REPORT:
        return set_integer(argument, 0, 1000000000, &train->online.report, err);
    case OPTION_EPOCHS:
        return set_integer(argument, 0, 1000000, &train->epochs, err);
    case OPTION_PATIENCE:
        return set_integer(argument, 1, 1000000, &train->patience, err);
    case OPTION_BATCH:
        return set_integer(argument, 1, 65536, &train->batch, err);
    case OPTION_WARMUP:
        status = number_integer(argument, 0, 1000000000, &number, err);
        train->schedule.warmup = (size_t)number;
        return status;
    case OPTION_CLASSES:
        return set_integer(argument, 2, 1 << 24, &train->classes, err);
    case OPTION_NESTEROV:
        train->optimiser.nesterov = 1;
        return STATUS_OK;
    case OPTION_CLASS_WEIGHTS:
        train->weights = argument;
        return STATUS_OK;
    case OPTION_OPTIMISER:
    case OPTION_SCHEDULE:
    case OPTION_LOSS:
    case OPTION_KEEP:
    case OPTION_WATCH:
        return set_choice(train, id, argument, err);
    case OPTION_ITERATIONS:
        return set_integer(argument, 1, 1000000, &train->iterations, err);
    case OPTION_INPUT:
        return set_input(train, argument, err);
    case OPTION_SEED:
        status = number_integer(argument, 0, INT64_MAX, &number, err);
        train->seed = (uint64_t)number;
        return status;
    case OPTION_MEMORY:
        status = number_integer(argument, 0, 1 << 24, &number, err);
        train->memory = number << 20;
        return status;
    default:
        return set_change(&train->augment, id, argument, err);
    }
}

/* These change nothing of the result, or name files whose content is compared by itself. All others
 * must be the same in a run that goes on from a checkpoint. */
static const int indifferent[] = {'n',           OPTION_VAL,        OPTION_LOG,
                                  OPTION_MEMORY, OPTION_CHECKPOINT, OPTION_CHECKPOINT_EVERY,
                                  OPTION_RESUME, OPTION_LABELS,     OPTION_REPORT};

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
