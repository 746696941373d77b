#include "base/number.h"
#include "base/text.h"
#include "image/recipe.h"
#include "nn/onnx.h"
#include "nn/train/feed.h"
#include "nn/train/netfile.h"
#include "tools/tool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TABLE_CHANNELS = 4 };

struct imgtrain {
    struct tool tool;
    const char *net;        /* -n, --net */
    const char *validation; /* --val */
    const char *log;        /* --log */
    int epochs, batch;      /* --epochs, --batch */
    double rate;            /* --rate */
    double momentum, decay; /* --momentum, --weight-decay */
    double smoothing;       /* --label-smoothing */
    enum schedule schedule; /* --schedule */
    int warmup;             /* --warmup: steps */
    uint64_t seed;          /* --seed */
    int64_t memory;         /* --memory, in bytes */
    int flip, turn, shift;  /* --flip, --turn, --shift */
    struct dims input;      /* --input */
    int classes;            /* --classes */

    char *net_text;
    size_t net_size;
    struct dataset *data, *held; /* training and validation; NULL: none */
    struct feed *feed, *held_feed;
    struct model *model;
    struct pool *pool;
    struct trainer *trainer;
    FILE *log_file;
    size_t step, steps; /* of all epochs */
    int plain_pixels;   /* the recipe leaves them 0 to 255 */
};

enum option {
    OPTION_VAL = OPTION_LONG,
    OPTION_EPOCHS,
    OPTION_BATCH,
    OPTION_RATE,
    OPTION_MOMENTUM,
    OPTION_DECAY,
    OPTION_SMOOTHING,
    OPTION_SCHEDULE,
    OPTION_WARMUP,
    OPTION_SEED,
    OPTION_LOG,
    OPTION_MEMORY,
    OPTION_FLIP,
    OPTION_TURN,
    OPTION_SHIFT,
    OPTION_INPUT,
    OPTION_CLASSES,
};

static const struct option_entry options[] = {
    {'n', "net", "FILE", "the network, as described in imgnet(5)"},
    {OPTION_VAL, "val", "FILE", "measure loss and accuracy on these tensors after each epoch"},
    {OPTION_EPOCHS, "epochs", "N",
     "how often each picture is learned from (default: 10); 0 needs no data"},
    {OPTION_BATCH, "batch", "N", "pictures per step (default: 64)"},
    {OPTION_RATE, "rate", "R", "the learning rate (default: 0.05)"},
    {OPTION_SCHEDULE, "schedule", "NAME", "constant, step or cosine (default: cosine)"},
    {OPTION_WARMUP, "warmup", "N", "the rate rises during the first N steps (default: 0)"},
    {OPTION_MOMENTUM, "momentum", "M", "of the gradient (default: 0.9)"},
    {OPTION_DECAY, "weight-decay", "W", "pull of the weights towards 0 (default: 0.0005)"},
    {OPTION_SMOOTHING, "label-smoothing", "S",
     "share of the target spread over all classes (default: 0)"},
    {OPTION_FLIP, "flip", NULL, "mirror pictures at random"},
    {OPTION_TURN, "turn", NULL, "turn pictures at random by right angles"},
    {OPTION_SHIFT, "shift", "N", "move pictures at random by up to N pixels"},
    {OPTION_SEED, "seed", "N",
     "of weights, order and changes: the same seed, the same model (default: 1)"},
    {OPTION_LOG, "log", "FILE", "write a table with a row per step"},
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

static enum status set(void *state, int id, const char *argument, struct error *err)
{
    struct imgtrain *train = state;
    int64_t number = 0;
    enum status status;
    switch (id) {
    case 'n':
        train->net = argument;
        return STATUS_OK;
    case OPTION_VAL:
        train->validation = argument;
        return STATUS_OK;
    case OPTION_LOG:
        train->log = argument;
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

/* Before the data is read, which may take long. */
static void read_net(struct imgtrain *train)
{
    struct error err;
    if (netfile_read(train->net, &train->net_text, &train->net_size, &err) != STATUS_OK ||
        netfile_check(train->net_text, train->net_size, train->net, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

static void show_reading(void *context, size_t records)
{
    struct imgtrain *train = context;
    progress_add(&train->tool.progress, (int64_t)records - train->tool.progress.done, "reading");
}

/* The file can be read again at any place: it need not be copied. */
static const char *regular(const char *path)
{
    struct stat info;
    return strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode) ? path : NULL;
}

static void tell_skipped(struct imgtrain *train, const char *what, const struct dataset *data)
{
    struct dataset_skipped skipped = dataset_skipped(data);
    char text[ERROR_TEXT];
    if (skipped.errors + skipped.unlabelled + skipped.unknown == 0)
        return;
    train->tool.failed = 1;
    if (train->tool.quiet)
        return;
    snprintf(text, sizeof text, "%s: left out %zu error records and %zu tensors without label",
             what, skipped.errors, skipped.unlabelled);
    if (skipped.unknown)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 ", and %zu with labels not in the training set ('%s')", skipped.unknown,
                 skipped.first_unknown);
    tool_message(&train->tool, NULL, text);
}

/* Reads a whole data set: the training set, or the validation set that is like it. */
static struct dataset *read_data(struct imgtrain *train, int argc, char **argv, int operand,
                                 const struct dataset *like)
{
    struct error err;
    struct dataset *data = NULL;
    struct reader *reader = tool_reader(&train->tool, argc, argv, operand);
    struct dataset_options how = {
        .memory = train->memory,
        .workers = train->tool.threads,
        .name = argc - operand == 1 ? argv[operand] : NULL,
        .path = argc - operand == 1 ? regular(argv[operand]) : NULL,
        .like = like,
        .context = train,
        .progress = show_reading,
    };
    enum status status = dataset_read(reader, &how, &data, &err);
    progress_clear(&train->tool.progress);
    reader_free(reader);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    tell_skipped(train, like ? "validation" : "training", data);
    return data;
}

/* Features carry the recipe of the pictures that they come from. */
static int is_picture(const struct dataset *data, const struct recipe *recipe)
{
    struct dims dims = dataset_dims(data);
    int width, height;
    if (dims.height == 0 || dims.channels != recipe_channels(recipe))
        return 0;
    return !recipe_fixed_size(recipe, &width, &height) ||
           (dims.width == width && dims.height == height);
}

/* What the recipe says of layout, mean and scale. */
static void apply_recipe(struct imgtrain *train, struct dataset *data)
{
    struct recipe recipe;
    struct error err;
    float values[RECIPE_CHANNELS][256];
    if (!*dataset_recipe(data) || recipe_parse(dataset_recipe(data), &recipe, &err) != STATUS_OK) {
        tool_say(&train->tool,
                 "the tensors have no recipe for pictures: their values are taken as they are");
        return;
    }
    dataset_set_layout(data, recipe.layout == LAYOUT_CHW);
    if (!is_picture(data, &recipe)) {
        dataset_set_layout(data, 1); /* as imgfeat writes them */
        return;
    }
    recipe_values(&recipe, values);
    dataset_set_table(data, (const float(*)[256])values, recipe_channels(&recipe));
    train->plain_pixels = values[0][255] - values[0][0] > 100;
}

static void read_all(struct imgtrain *train, int argc, char **argv, int operand)
{
    struct error err;
    struct feed_options feed = {.seed = train->seed,
                                .workers = train->tool.threads,
                                .shuffle = 1,
                                .flip = train->flip,
                                .turn = train->turn,
                                .shift = train->shift};
    struct feed_options held = {.workers = train->tool.threads};
    train->data = read_data(train, argc, argv, operand, NULL);
    apply_recipe(train, train->data);
    if (dataset_label_count(train->data) < 2) {
        error_set(&err, STATUS_USAGE,
                  "all %zu tensors have the label '%s': there is nothing to tell apart",
                  dataset_count(train->data), dataset_label(train->data, 0));
        tool_die(&train->tool, &err);
    }
    if (train->validation) {
        char *path = (char *)train->validation;
        train->held = read_data(train, 1, &path, 0, train->data);
    }
    if (feed_new(train->data, &feed, &train->feed, &err) != STATUS_OK ||
        (train->held && feed_new(train->held, &held, &train->held_feed, &err) != STATUS_OK))
        tool_die(&train->tool, &err);
    train->input = dataset_dims(train->data);
    train->classes = (int)dataset_label_count(train->data);
    tool_say(&train->tool, "%zu tensors of %dx%dx%d, %d labels", dataset_count(train->data),
             train->input.channels, train->input.height, train->input.width, train->classes);
}

/* Label names, one a line. */
static enum status set_labels(const struct imgtrain *train, struct error *err)
{
    struct buffer names = {0};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < dataset_label_count(train->data) && status == STATUS_OK; i++) {
        if (i > 0)
            status = buffer_text(&names, "\n", err);
        if (status == STATUS_OK)
            status = text_tsv(&names, dataset_label(train->data, i), err);
    }
    if (status == STATUS_OK)
        status = buffer_append(&names, "", 1, err);
    if (status == STATUS_OK &&
        model_set_metadata(train->model, MODEL_LABELS, (char *)names.data) < 0)
        status = error_memory(err);
    buffer_free(&names);
    return status;
}

static void build(struct imgtrain *train)
{
    struct error err;
    struct netfile_options network = {
        .input = train->input, .classes = train->classes, .seed = train->seed};
    struct trainer_options training = {
        .batch = train->batch,
        .seed = train->seed,
        .optimiser = {.kind = OPTIMISER_SGD,
                      .momentum = (float)train->momentum,
                      .weight_decay = (float)train->decay},
        .label_smoothing = (float)train->smoothing,
    };
    enum status status =
        netfile_parse(train->net_text, train->net_size, train->net, &network, &train->model, &err);
    if (status == STATUS_OK && train->data) {
        status = set_labels(train, &err);
        if (status == STATUS_OK && *dataset_recipe(train->data) &&
            model_set_metadata(train->model, MODEL_RECIPE, dataset_recipe(train->data)) < 0)
            status = error_memory(&err);
    }
    if (status == STATUS_OK)
        status = pool_new(train->tool.threads, &train->pool, &err);
    if (status == STATUS_OK && train->data) {
        status = trainer_new(train->model, train->pool, &training, &train->trainer, &err);
        if (status != STATUS_OK)
            error_prefix(&err, "%s", train->net);
    }
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    if (train->plain_pixels && !train->tool.quiet &&
        strcmp(train->model->nodes[0].op_type, "BatchNormalization") != 0)
        tool_message(
            &train->tool, NULL,
            "the pixels come as 0 to 255, which few networks learn from: begin the network with "
            "BatchNormalization, or use imgprep --scale 0.003921569");
    if (train->trainer && trainer_classes(train->trainer) != train->classes)
        tool_usage(
            &train->tool,
            "%s: the network puts out %d numbers, and there are %d labels: end with units=$classes",
            train->net, trainer_classes(train->trainer), train->classes);
    if (train->trainer)
        tool_say(&train->tool, "%s: %zu weights", train->net, trainer_parameters(train->trainer));
}

/* The whole validation set through the network as it is now. */
static struct batch_result validate(struct imgtrain *train)
{
    struct error err;
    struct batch_result sum = {0}, result = {0};
    struct batch_source source = feed_source(train->held_feed);
    size_t all = dataset_count(train->held), batch = (size_t)train->batch;
    for (size_t first = 0; first < all; first += batch) {
        size_t count = all - first < batch ? all - first : batch;
        if (trainer_evaluate(train->trainer, &source, first, count, NULL, &result, &err) !=
            STATUS_OK)
            tool_die(&train->tool, &err);
        sum.loss += result.loss;
        sum.count += result.count;
        sum.correct += result.correct;
    }
    return sum;
}

static double mean_loss(const struct batch_result *result)
{
    return result->loss / (double)result->count;
}

static double accuracy(const struct batch_result *result)
{
    return (double)result->correct / (double)result->count;
}

static void write_log(struct imgtrain *train, int epoch, const struct batch_result *result,
                      float rate, double speed, const struct batch_result *held)
{
    if (!train->log_file)
        return;
    fprintf(train->log_file, "%d\t%zu\t%.6g\t%.6g\t%.6g\t%.1f\t", epoch, train->step,
            mean_loss(result), accuracy(result), (double)rate, speed);
    if (held)
        fprintf(train->log_file, "%.6g\t%.6g", mean_loss(held), accuracy(held));
    else
        fputc('\t', train->log_file);
    if (fputc('\n', train->log_file) == EOF || fflush(train->log_file) != 0) {
        struct error err;
        error_errno(&err, "cannot write %s", train->log);
        tool_die(&train->tool, &err);
    }
}

static void open_log(struct imgtrain *train)
{
    struct error err;
    if (!train->log)
        return;
    train->log_file = fopen(train->log, "w");
    if (!train->log_file) {
        error_errno(&err, "cannot write %s", train->log);
        tool_die(&train->tool, &err);
    }
    fputs("epoch\tstep\tloss\taccuracy\trate\timages_per_second\tvalidation_loss\tvalidation_"
          "accuracy\n",
          train->log_file);
}

static void check_sound(struct imgtrain *train, int epoch, const struct batch_result *result)
{
    struct error err;
    const char *layer;
    if (isfinite(result->loss))
        return;
    layer = trainer_unsound_layer(train->trainer);
    error_set(&err, STATUS_USAGE,
              "epoch %d, step %zu: the loss is not a finite number (first seen at %s): a smaller "
              "--rate than %g may help",
              epoch, train->step, layer ? layer : "the loss", train->rate);
    tool_die(&train->tool, &err);
}

static void tell_epoch(struct imgtrain *train, int epoch, const struct batch_result *sum,
                       double seconds, const struct batch_result *held)
{
    char text[ERROR_TEXT];
    int length = snprintf(
        text, sizeof text, "epoch %d of %d: loss %.4f, accuracy %.2f %%, %.0f images/s", epoch,
        train->epochs, mean_loss(sum), 100 * accuracy(sum), (double)sum->count / seconds);
    if (held)
        snprintf(text + length, sizeof text - (size_t)length,
                 "; validation: loss %.4f, accuracy %.2f %%", mean_loss(held),
                 100 * accuracy(held));
    if (!train->tool.quiet)
        tool_message(&train->tool, NULL, text);
}

static void learn_epoch(struct imgtrain *train, int epoch)
{
    struct error err;
    struct batch_result sum = {0}, result = {0}, held = {0};
    struct batch_source source = feed_source(train->feed);
    size_t all = dataset_count(train->data), batch = (size_t)train->batch;
    double begin = progress_now();
    feed_epoch(train->feed, (uint64_t)epoch);
    for (size_t first = 0; first < all; first += batch) {
        size_t count = all - first < batch ? all - first : batch;
        double start = progress_now(), seconds;
        float rate = schedule_rate(train->schedule, (float)train->rate, train->step, train->steps,
                                   (size_t)train->warmup);
        char note[64];
        int last = first + count == all;
        if (trainer_step(train->trainer, &source, first, count, rate, &result, &err) != STATUS_OK)
            tool_die(&train->tool, &err);
        train->step++;
        seconds = progress_now() - start;
        check_sound(train, epoch, &result);
        sum.loss += result.loss;
        sum.count += result.count;
        sum.correct += result.correct;
        snprintf(note, sizeof note, "epoch %d, loss %.3f, accuracy %.1f %%", epoch, mean_loss(&sum),
                 100 * accuracy(&sum));
        progress_add(&train->tool.progress, (int64_t)count, note);
        if (last) {
            double took = progress_now() - begin;
            if (train->held)
                held = validate(train);
            tell_epoch(train, epoch, &sum, took, train->held ? &held : NULL);
        }
        write_log(train, epoch, &result, rate, (double)count / seconds,
                  last && train->held ? &held : NULL);
    }
}

static void learn(struct imgtrain *train)
{
    size_t all = dataset_count(train->data), batch = (size_t)train->batch;
    train->steps = (size_t)train->epochs * ((all + batch - 1) / batch);
    progress_start(&train->tool.progress, train->tool.show_progress ? stderr : NULL,
                   train->tool.name, "images", (int64_t)all * train->epochs);
    for (int epoch = 1; epoch <= train->epochs; epoch++)
        learn_epoch(train, epoch);
    progress_clear(&train->tool.progress);
}

static void save(struct imgtrain *train)
{
    struct error err;
    if ((train->trainer && trainer_store(train->trainer, train->model, &err) != STATUS_OK) ||
        onnx_save(train->model, train->tool.output.fd, train->tool.output.name, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    if (train->log_file && fclose(train->log_file) != 0) {
        error_errno(&err, "cannot write %s", train->log);
        tool_die(&train->tool, &err);
    }
}

static void release(struct imgtrain *train)
{
    trainer_free(train->trainer);
    feed_free(train->feed);
    feed_free(train->held_feed);
    dataset_free(train->data);
    dataset_free(train->held);
    pool_free(train->pool);
    model_free(train->model);
    free(train->net_text);
}

int main(int argc, char **argv)
{
    struct imgtrain train = {
        .tool = {.name = "imgtrain",
                 .usage = "-n NET -o MODEL.onnx [OPTION]... [FILE]...",
                 .purpose = "Learn a network from labelled tensors and write it as an ONNX model.",
                 .options = options,
                 .set = set,
                 .state = &train,
                 .binary = 1,
                 .examples = "  imgextract train.tar | imgprep --size 32 | imgtrain -n shapes.net "
                             "-o shapes.onnx\n"
                             "  imgtrain -n cnn4.net --val test.its --epochs 20 --flip --log "
                             "log.tsv -o cnn4.onnx train.its\n"},
        .epochs = 10,
        .batch = 64,
        .rate = 0.05,
        .momentum = 0.9,
        .decay = 5e-4,
        .schedule = SCHEDULE_COSINE,
        .seed = 1,
        .memory = (int64_t)1024 << 20,
    };
    int operand = tool_start(&train.tool, argc, argv);
    int without_data = train.epochs == 0 && operand >= argc;
    if (!train.net)
        tool_usage(&train.tool, "which network? -n NET is missing");
    if ((train.input.channels || train.classes) && !without_data)
        tool_usage(&train.tool,
                   "--input and --classes are for --epochs 0 without data, which says both itself");
    if (without_data && train.validation)
        tool_usage(&train.tool, "--val needs data to learn from");
    tool_output(&train.tool);
    open_log(&train);
    read_net(&train);
    if (!without_data)
        read_all(&train, argc, argv, operand);
    build(&train);
    if (train.data)
        learn(&train);
    save(&train);
    release(&train);
    return tool_finish(&train.tool);
}
