/* The part of another model that stands before the network and stays as it is: its features are
 * what is learned from. */
#include "image/recipe.h"
#include "nn/compose.h"
#include "nn/net.h"
#include "nn/onnx.h"
#include "tools/imgtrain/imgtrain.h"

#include <string.h>

void backbone_open(struct imgtrain *train)
{
    struct error err;
    struct backbone *backbone = &train->backbone;
    if (!backbone->path)
        return;
    if (onnx_load(backbone->path, &backbone->model, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    if (backbone->from && model_find_output(backbone->model, backbone->from) < 0)
        tool_usage(&train->tool, "%s has no node '%s' (imgfeat --list shows the names)",
                   backbone->path, backbone->from);
}

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
    if (!*said)
        tool_say(&train->tool, "the stream does not say what its values are: taken for %s of %s",
                 name, backbone->path);
}

/* The recipe that the backbone's pictures have: its own, or what the features say. */
static void check_recipe(struct imgtrain *train, struct recipe *recipe, int *known)
{
    struct error err;
    struct recipe own;
    char difference[RECIPE_TEXT];
    const char *line = model_get_metadata(train->backbone.model, MODEL_RECIPE);
    const char *said = dataset_recipe(train->data);
    *known = *said && recipe_parse(said, recipe, &err) == STATUS_OK;
    if (!line)
        return;
    if (recipe_parse(line, &own, &err) != STATUS_OK) {
        error_prefix(&err, "%s: metadata %s", train->backbone.path, MODEL_RECIPE);
        tool_die(&train->tool, &err);
    }
    if (!train->force && !*said)
        tool_usage(&train->tool,
                   "the features have no recipe, and %s wants pictures of its own (--force takes "
                   "them as made by it)",
                   train->backbone.path);
    if (!train->force && *known && recipe_difference(recipe, &own, difference))
        tool_usage(&train->tool, "the features were made by another recipe than that of %s: %s",
                   train->backbone.path, difference);
    *recipe = own;
    *known = 1;
}

static void find_shape(struct imgtrain *train, const struct recipe *recipe, int known)
{
    struct error err;
    struct backbone *backbone = &train->backbone;
    struct net_options options = {.node = backbone->from, .batch = 1};
    struct net *net;
    struct tensor what;
    enum status status;
    int width, height;
    if (known && recipe_fixed_size(recipe, &width, &height)) {
        options.width = width;
        options.height = height;
    }
    status = net_new(backbone->model, &options, &net, &err);
    if (status == STATUS_OK) {
        status = net_output_shape(net, 0, &what, &err);
        net_free(net);
    }
    if (status != STATUS_OK) {
        error_prefix(&err, "%s", backbone->path);
        if (err.status == STATUS_FAILED)
            err.status = STATUS_DAMAGED;
        tool_die(&train->tool, &err);
    }
    backbone->shape = what.shape;
}

void backbone_check(struct imgtrain *train)
{
    struct recipe recipe;
    int known;
    if (!train->backbone.path)
        return;
    find_value(train);
    check_recipe(train, &recipe, &known);
    find_shape(train, &recipe, known);
}

/* The recipe that the backbone brings is the one that its pictures must have. */
void backbone_join(const struct imgtrain *train, struct model **whole)
{
    struct error err;
    const struct backbone *backbone = &train->backbone;
    const char *recipe = model_get_metadata(backbone->model, MODEL_RECIPE);
    enum status status =
        model_join(backbone->model, backbone->value, &backbone->shape, train->model, whole, &err);
    if (status == STATUS_OK && recipe && model_set_metadata(*whole, MODEL_RECIPE, recipe) != 0)
        status = error_memory(&err);
    if (status == STATUS_OK)
        return;
    error_prefix(&err, "%s and %s", backbone->path, train->net);
    if (err.status == STATUS_FAILED)
        err.status = STATUS_USAGE;
    tool_die((struct tool *)&train->tool, &err);
}
