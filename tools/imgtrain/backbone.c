/* The model that learning starts from, and the part of it that stays as it is: what is learned from
 * are then the values of a node, the features, computed here or by imgfeat. */
#include "image/recipe.h"
#include "nn/compose.h"
#include "nn/net.h"
#include "nn/onnx.h"
#include "tools/imgtrain/imgtrain.h"
#include "tools/published.h"

#include <stdlib.h>
#include <string.h>

/* What passes pictures through the frozen part. */
struct passing {
    struct imgtrain *train;
    struct batch_source pictures;
};

struct features {
    struct net *net;
    struct session **sessions;        /* per worker */
    float **pictures;                 /* per worker: one */
    struct passing learned, measured; /* of the training and the validation set */
};

void backbone_open(struct imgtrain *train)
{
    struct error err;
    struct backbone *backbone = &train->backbone;
    if (!backbone->path)
        return;
    if (onnx_load(backbone->path, &backbone->model, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    published_recipe(&train->tool, backbone->path, backbone->model, NULL);
    if (backbone->from && model_find_output(backbone->model, backbone->from) < 0)
        tool_usage(&train->tool, "%s has no node '%s' (imgfeat --list shows the names)",
                   backbone->path, backbone->from);
}

/* ---- what the tensors are ---- */

/* Which value the features are: what the stream says, what --from says, or what imgfeat takes. */
static void find_value(struct imgtrain *train)
{
    struct backbone *backbone = &train->backbone;
    const char *said = dataset_node(train->data);
    const char *name = backbone->from ? backbone->from : *said ? said : NULL;
    if (!name && !(name = model_features(backbone->model)))
        tool_usage(&train->tool, "%s: which node are the features? Give --from NODE",
                   backbone->path);
    backbone->from = name;
    backbone->value = model_find_output(backbone->model, name);
    if (backbone->value < 0)
        tool_usage(&train->tool, "the features are of the node '%s', which %s does not have", said,
                   backbone->path);
    if (*said && model_find_output(backbone->model, said) != backbone->value)
        tool_usage(&train->tool, "the features are of the node '%s', not of '%s'", said, name);
}

/* The recipe that the model's pictures have: its own, or what the tensors say. */
static void check_recipe(struct imgtrain *train, struct recipe *recipe)
{
    struct error err;
    struct recipe said_recipe;
    struct backbone *backbone = &train->backbone;
    char difference[RECIPE_TEXT];
    const char *line = model_get_metadata(backbone->model, MODEL_RECIPE);
    const char *said = dataset_recipe(train->data);
    int known = *said && recipe_parse(said, &said_recipe, &err) == STATUS_OK;
    backbone->has_recipe = known || line;
    if (known)
        *recipe = said_recipe;
    if (!line)
        return;
    if (recipe_parse(line, recipe, &err) != STATUS_OK) {
        error_prefix(&err, "%s: metadata %s", backbone->path, MODEL_RECIPE);
        tool_die(&train->tool, &err);
    }
    if (!train->force && !*said)
        tool_usage(&train->tool,
                   "the tensors have no recipe, and %s has one (--force takes them as made by it)",
                   backbone->path);
    if (!train->force && known && recipe_difference(&said_recipe, recipe, difference))
        tool_usage(
            &train->tool,
            "the tensors were made by another recipe than that of %s: %s; prepare them with: "
            "imgprep -m %s",
            backbone->path, difference, backbone->path);
}

static _Noreturn void die(struct imgtrain *train, struct error *err)
{
    error_prefix(err, "%s", train->backbone.path);
    if (err->status == STATUS_FAILED)
        err->status = STATUS_DAMAGED;
    tool_die(&train->tool, err);
}

/* The network up to the features, or the whole, for one picture. */
static struct net *make_net(struct imgtrain *train, const struct recipe *recipe)
{
    struct error err;
    struct backbone *backbone = &train->backbone;
    struct net_options options = {.node = backbone->frozen ? backbone->from : NULL, .batch = 1};
    struct net *net;
    struct dims dims = dataset_dims(train->data);
    int width, height;
    if (backbone->has_recipe && recipe_fixed_size(recipe, &width, &height)) {
        backbone->width = width;
        backbone->height = height;
    } else if (!*dataset_node(train->data)) {
        backbone->width = dims.width;
        backbone->height = dims.height;
    }
    options.width = backbone->width;
    options.height = backbone->height;
    if (net_new(backbone->model, &options, &net, &err) != STATUS_OK)
        die(train, &err);
    return net;
}

static int same_dims(const struct dims *dims, const struct shape *shape)
{
    int64_t size = 1;
    for (int i = 1; i < shape->rank; i++)
        size *= shape->dim[i];
    return (int64_t)dims->channels * (dims->height ? dims->height : 1) *
                   (dims->height ? dims->width : 1) ==
               size &&
           shape->rank > 1 && shape->dim[1] == dims->channels;
}

/* The tensors are pictures: of the model's size? */
static void check_pictures(struct imgtrain *train, const struct net *net)
{
    struct error err;
    struct dims dims = dataset_dims(train->data);
    int channels, height, width;
    if (net_input_picture(net, &channels, &height, &width, &err) != STATUS_OK)
        die(train, &err);
    if ((channels >= 0 && channels != dims.channels) || (height >= 0 && height != dims.height) ||
        (width >= 0 && width != dims.width))
        tool_usage(&train->tool, "%s takes pictures of %dx%dx%d, and the tensors are %dx%dx%d",
                   train->backbone.path, channels, height, width, dims.channels, dims.height,
                   dims.width);
}

/* With --force the model's recipe says what the pixels are. */
static void use_recipe(struct imgtrain *train, const struct recipe *recipe)
{
    float values[RECIPE_CHANNELS][256];
    if (!train->force || !model_get_metadata(train->backbone.model, MODEL_RECIPE))
        return;
    recipe_values(recipe, values);
    dataset_set_table(train->data, (const float(*)[256])values, recipe_channels(recipe));
    if (train->held)
        dataset_set_table(train->held, (const float(*)[256])values, recipe_channels(recipe));
}

/* ---- pictures become features ---- */

static enum status pass(void *context, int worker, size_t position, float *values, float *target,
                        struct error *err)
{
    const struct passing *passing = context;
    const struct imgtrain *train = passing->train;
    const struct features *features = train->backbone.features;
    struct dims dims = dataset_dims(train->data);
    float *pixels = features->pictures[worker];
    struct tensor picture = {ELEMENT_F32, {3, {dims.height, dims.width, dims.channels}}, pixels},
                  out;
    size_t channels = (size_t)train->input.channels, area;
    TRY(passing->pictures.load(passing->pictures.context, worker, position, pixels, target, err));
    TRY(session_run_images(features->sessions[worker], &picture, 1, NULL, 1, &out, err));
    area = (size_t)shape_count(&out.shape) / channels;
    for (size_t p = 0; p < area; p++) /* C x H x W becomes H x W x C */
        for (size_t c = 0; c < channels; c++)
            values[p * channels + c] = ((const float *)out.data)[c * area + p];
    return STATUS_OK;
}

/* Owns the net. */
static void make_features(struct imgtrain *train, struct net *net)
{
    struct error err;
    struct backbone *backbone = &train->backbone;
    struct dims dims = dataset_dims(train->data);
    size_t size = (size_t)dims.channels * (size_t)dims.height * (size_t)dims.width;
    size_t workers = (size_t)train->tool.threads;
    struct features *features = backbone->features = memory_array(1, sizeof *features);
    enum status status = features ? STATUS_OK : error_memory(&err);
    if (status == STATUS_OK) {
        features->net = net;
        features->sessions = memory_array(workers, sizeof *features->sessions);
        features->pictures = memory_array(workers, sizeof *features->pictures);
        if (!features->sessions || !features->pictures)
            status = error_memory(&err);
    }
    for (size_t i = 0; status == STATUS_OK && i < workers; i++) {
        status = session_new(net, &features->sessions[i], &err);
        if (status == STATUS_OK && !(features->pictures[i] = memory_array(size, sizeof(float))))
            status = error_memory(&err);
    }
    if (status != STATUS_OK)
        tool_die(&train->tool, &err);
}

struct batch_source backbone_source(struct imgtrain *train, struct feed *feed)
{
    struct features *features = train->backbone.features;
    struct passing *passing;
    if (!features)
        return feed_source(feed);
    passing = feed == train->feed ? &features->learned : &features->measured;
    *passing = (struct passing){train, feed_source(feed)};
    return (struct batch_source){pass, passing};
}

void backbone_close(struct imgtrain *train)
{
    struct features *features = train->backbone.features;
    for (int i = 0; features && i < train->tool.threads; i++) {
        session_free(features->sessions[i]);
        free(features->pictures[i]);
    }
    if (features) {
        net_free(features->net);
        free(features->sessions);
        free(features->pictures);
    }
    free(features);
    model_free(train->backbone.model);
}

/* ---- */

/* The shape of the features, and whether the tensors are them or pictures still. */
static void check_frozen(struct imgtrain *train, struct net *net)
{
    struct error err;
    struct tensor what;
    struct backbone *backbone = &train->backbone;
    struct dims dims = dataset_dims(train->data);
    int are_features = *dataset_node(train->data) != 0;
    if (net_output_shape(net, 0, &what, &err) != STATUS_OK)
        die(train, &err);
    backbone->shape = what.shape;
    if (!are_features && same_dims(&dims, &what.shape)) {
        tool_say(&train->tool, "the stream does not say what its values are: taken for %s of %s",
                 backbone->from, backbone->path);
        are_features = 1;
    }
    if (are_features) {
        net_free(net);
        return;
    }
    check_pictures(train, net);
    if (what.shape.rank != 2 && what.shape.rank != 4)
        tool_usage(&train->tool, "%s puts out neither a vector nor a picture", backbone->from);
    train->input =
        (struct dims){(int)what.shape.dim[1], what.shape.rank == 4 ? (int)what.shape.dim[2] : 0,
                      what.shape.rank == 4 ? (int)what.shape.dim[3] : 0};
    make_features(train, net);
}

void backbone_check(struct imgtrain *train)
{
    struct backbone *backbone = &train->backbone;
    struct recipe recipe;
    struct net *net;
    if (!backbone->path)
        return;
    backbone->frozen = !backbone->tuned || backbone->from || *dataset_node(train->data);
    if (backbone->frozen)
        find_value(train);
    check_recipe(train, &recipe);
    net = make_net(train, &recipe);
    use_recipe(train, &recipe);
    if (backbone->frozen) {
        check_frozen(train, net);
    } else {
        check_pictures(train, net);
        net_free(net);
    }
}

const char *backbone_recipe(const struct imgtrain *train)
{
    const char *own =
        train->backbone.model ? model_get_metadata(train->backbone.model, MODEL_RECIPE) : NULL;
    return own ? own : train->recipe;
}

void backbone_join(const struct imgtrain *train, struct model **whole)
{
    struct error err;
    const struct backbone *backbone = &train->backbone;
    if (model_join(backbone->model, backbone->value, &backbone->shape, train->model, whole, &err) ==
        STATUS_OK)
        return;
    error_prefix(&err, "%s and %s", backbone->path, train->net ? train->net : "what comes after");
    if (err.status == STATUS_FAILED)
        err.status = STATUS_USAGE;
    tool_die((struct tool *)&train->tool, &err);
}
