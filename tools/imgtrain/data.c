/* The tensors to learn from, and what their recipe says of them. */
#include "image/recipe.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

void data_tell_skipped(struct imgtrain *train, const char *what, const struct dataset *data)
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
                 ", and %zu with labels not in %s ('%s')", skipped.unknown,
                 train->labels ? "--labels" : "the training set", skipped.first_unknown);
    tool_message(&train->tool, NULL, text);
}

/* --labels, for a data set that is being read; what is returned is for free(), after that. */
static char *prescribe_labels(struct imgtrain *train, struct dataset_options *how)
{
    char separator, *text = labels_said(train, &separator);
    if (text)
        how->labels = labels_split(train, text, separator, &how->label_count);
    return text;
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
        .sets = train->loss == LOSS_SIGMOID,
        .like = like,
        .context = train,
        .progress = show_reading,
    };
    char *labels = like ? NULL : prescribe_labels(train, &how);
    enum status status = dataset_read(reader, &how, &data, &err);
    free(labels);
    free(how.labels);
    progress_clear(&train->tool.progress);
    reader_free(reader);
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
    data_tell_skipped(train, like ? "validation" : "training", data);
    return data;
}

/* Features carry the recipe of the pictures that they come from. */
static int is_picture(const struct dataset *data, const struct recipe *recipe)
{
    struct dims dims = dataset_dims(data);
    int width, height;
    if (*dataset_node(data) || dims.height == 0 || dims.channels != recipe_channels(recipe))
        return 0;
    return !recipe_fixed_size(recipe, &width, &height) ||
           (dims.width == width && dims.height == height);
}

/* What the recipe says of layout, mean and scale; and what may be changed in such pictures. */
void data_apply_recipe(struct imgtrain *train, struct dataset *data)
{
    struct recipe recipe;
    struct error err;
    float values[RECIPE_CHANNELS][256];
    if (!*dataset_recipe(data) || recipe_parse(dataset_recipe(data), &recipe, &err) != STATUS_OK) {
        tool_say(&train->tool,
                 "the tensors have no recipe for pictures: their values are taken as they are");
        changes_prepare(train, NULL);
        return;
    }
    dataset_set_layout(data, recipe.layout == LAYOUT_CHW);
    if (!is_picture(data, &recipe)) {
        dataset_set_layout(data, 1); /* as imgfeat writes them */
        changes_prepare(train, NULL);
        return;
    }
    recipe_values(&recipe, values);
    dataset_set_table(data, (const float(*)[256])values, recipe_channels(&recipe));
    train->plain_pixels = values[0][255] - values[0][0] > 100;
    changes_prepare(train, &recipe);
}

void data_feed(struct imgtrain *train)
{
    struct error err;
    struct feed_options feed = {
        .seed = train->seed,
        .workers = train->tool.threads,
        .classes =
            dataset_label_count(train->each_epoch.first ? train->each_epoch.first : train->data),
        .shuffle = !train->online.on};
    changes_training(train, &feed);
    if (feed_new(train->data, &feed, &train->feed, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

static void feed_validation(struct imgtrain *train, const struct dataset *data)
{
    struct error err;
    struct feed_options held = {.workers = train->tool.threads,
                                .classes = dataset_label_count(train->data)};
    changes_validation(train, &held);
    if (feed_new(data, &held, &train->held_feed, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
}

/* With sigmoid a single label is there or not; with softmax there must be another one. */
static void check_labels(struct imgtrain *train)
{
    struct error err;
    size_t labels = dataset_label_count(train->data);
    if (labels >= 2 || (labels == 1 && train->loss == LOSS_SIGMOID))
        return;
    error_set(&err, STATUS_USAGE,
              labels ? "all %zu tensors have the label '%s': there is nothing to tell apart"
                     : "none of %zu tensors has a label: there is nothing to learn",
              dataset_count(train->data), labels ? dataset_label(train->data, 0) : "");
    tool_die(&train->tool, &err);
}

void data_prepare(struct imgtrain *train)
{
    check_labels(train);
    data_feed(train);
    if (train->held || train->online.on)
        feed_validation(train, train->online.on ? train->data : train->held);
    train->classes = (int)dataset_label_count(train->data);
}

void data_read(struct imgtrain *train, int argc, char **argv, int operand)
{
    struct dims dims;
    train->data = train->each_epoch.command ? each_epoch_first(train)
                                            : read_data(train, argc, argv, operand, NULL);
    data_apply_recipe(train, train->data);
    if (train->validation) {
        char *path = (char *)train->validation;
        train->held = read_data(train, 1, &path, 0, train->data);
    }
    data_prepare(train);
    dims = dataset_dims(train->data);
    tool_say(&train->tool, "%zu tensors of %dx%dx%d, %d labels", dataset_count(train->data),
             dims.channels, dims.height, dims.width, train->classes);
}
