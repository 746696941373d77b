#include "tools/network.h"

#include "nn/onnx.h"
#include "tools/published.h"

#include <stdlib.h>
#include <string.h>

static void read_recipe(struct network *network, struct tool *tool)
{
    struct error err;
    char why[PUBLISHED_WHY];
    const char *line;
    published_recipe(tool, network->path, network->model, why);
    line = model_get_metadata(network->model, MODEL_RECIPE);
    if (!line) {
        tool_say(tool, "%s has no recipe%s%s: those of the records are trusted", network->path,
                 *why ? "; " : "", why);
        return;
    }
    if (recipe_parse(line, &network->recipe, &err) != STATUS_OK) {
        error_prefix(&err, "%s: metadata %s", network->path, MODEL_RECIPE);
        tool_die(tool, &err);
    }
    network->has_recipe = 1;
    recipe_values(&network->recipe, network->values);
}

void network_load(struct network *network, struct tool *tool, const char *path, int force)
{
    struct error err;
    network->path = path;
    network->force = force;
    if (onnx_load(path, &network->model, &err) != STATUS_OK)
        tool_die(tool, &err);
    read_recipe(network, tool);
}

/* The shape of the only input, where it is f32. */
static const struct shape *input_shape(const struct network *network)
{
    const struct model *model = network->model;
    const struct value *input = model->input_count == 1 ? &model->values[model->inputs[0]] : NULL;
    return input && input->typed && input->type == ELEMENT_F32 ? &input->shape : NULL;
}

int network_takes_pictures(const struct network *network)
{
    const struct shape *shape = input_shape(network);
    return shape && shape->rank == 4;
}

int network_takes_vectors(const struct network *network)
{
    const struct shape *shape = input_shape(network);
    return shape && shape->rank == 2 && shape->dim[0] <= 1;
}

void network_prepare(struct network *network, struct tool *tool)
{
    struct error err;
    struct net_options *options = &network->options;
    int width, height;
    if (!options->width && network->has_recipe && !network->force &&
        recipe_fixed_size(&network->recipe, &width, &height)) {
        options->width = width;
        options->height = height;
    }
    if (net_new(network->model, options, &network->net, &err) != STATUS_OK) {
        error_prefix(&err, "%s", network->path);
        if (err.status == STATUS_FAILED) /* no record has failed: none can be done */
            err.status = STATUS_DAMAGED;
        tool_die(tool, &err);
    }
}

void network_close(struct network *network)
{
    net_free(network->net);
    model_free(network->model);
}

void network_worker_free(void *state)
{
    struct network_worker *worker = state;
    if (!worker)
        return;
    session_free(worker->session);
    free(worker->pictures);
    free(worker->outputs);
    free(worker->recipe);
    record_free(&worker->result);
    free(worker);
}

enum status network_worker_new(const struct network *network, size_t size, void **state,
                               struct error *err)
{
    struct network_worker *worker = memory_array(1, size);
    enum status status =
        worker ? session_new(network->net, &worker->session, err) : error_memory(err);
    if (status == STATUS_OK) {
        worker->network = network;
        worker->pictures = memory_array((size_t)net_batch(network->net), sizeof *worker->pictures);
        worker->outputs = memory_array(net_output_count(network->net), sizeof *worker->outputs);
        if (!worker->pictures || !worker->outputs)
            status = error_memory(err);
    }
    if (status != STATUS_OK) {
        network_worker_free(worker);
        worker = NULL;
    }
    *state = worker;
    return status;
}

static const char *recipe_of(const struct record *record)
{
    const char *line = record_get(record, "recipe");
    return line ? line : "";
}

size_t network_group(const struct record *records, size_t count)
{
    size_t same = 1;
    while (same < count && strcmp(recipe_of(&records[same]), recipe_of(&records[0])) == 0)
        same++;
    return same;
}

/* Without a recipe the shape has to tell: which end holds as many channels as the network wants? */
static int looks_hwc(const struct network *network, const struct shape *shape)
{
    int channels, height, width;
    return shape->rank == 3 &&
           net_input_picture(network->net, &channels, &height, &width, NULL) == STATUS_OK &&
           shape->dim[2] == channels && shape->dim[0] != channels;
}

/* Compares the record's recipe with the model's, and notes what it says about layout and values. */
static enum status accept_recipe(struct network_worker *worker, const struct record *record,
                                 const char *line, struct error *err)
{
    const struct network *network = worker->network;
    struct recipe recipe;
    char difference[RECIPE_TEXT];
    worker->plain = 0;
    if (network->has_recipe)
        memcpy(worker->values, network->values, sizeof worker->values);
    if (!*line) {
        worker->hwc = looks_hwc(network, &record->shape);
        worker->plain = !network->has_recipe;
        if (!network->force && (network->has_recipe || record->type == ELEMENT_U8))
            return error_set(err, STATUS_FAILED,
                             "the record has no recipe, so nobody knows how its pixels were made "
                             "(--force takes it%s)",
                             network->has_recipe ? " as made by the model's" : " as it is");
        return STATUS_OK;
    }
    if (recipe_parse(line, &recipe, err) != STATUS_OK) {
        err->status = STATUS_FAILED;
        return error_prefix(err, "the record's recipe");
    }
    worker->hwc = recipe.layout == LAYOUT_HWC && !record_get(record, "node"); /* features are CHW */
    if (!network->has_recipe)
        recipe_values(&recipe, worker->values);
    else if (!network->force && recipe_difference(&recipe, &network->recipe, difference))
        return error_set(
            err, STATUS_FAILED,
            "made by another recipe than the model's: %s; prepare it with: imgprep -m %s",
            difference, network->path);
    return STATUS_OK;
}

/* A vector is the only row of the network's input. */
static enum status run_vector(struct network_worker *worker, const struct record *record,
                              struct error *err)
{
    struct tensor row = record_tensor(record);
    char text[SHAPE_TEXT];
    if (row.type != ELEMENT_F32 || row.shape.rank != 1)
        return error_set(err, STATUS_FAILED,
                         "%s %s is no vector of features: expected f32 with 1 dimension",
                         element_name(row.type), shape_format(&row.shape, text));
    row.shape = (struct shape){2, {1, row.shape.dim[0]}};
    return session_run(worker->session, &row, 1, worker->outputs, err);
}

enum status network_run(struct network_worker *worker, const struct record *records, size_t count,
                        struct error *err)
{
    const char *line = recipe_of(&records[0]);
    int same = worker->recipe && *line && strcmp(worker->recipe, line) == 0;
    if (records[0].kind != RECORD_TENSOR)
        return error_set(err, STATUS_FAILED, "%s, expected a tensor (imgprep makes them)",
                         records[0].kind == RECORD_IMAGE ? "an encoded image"
                                                         : "of an unknown kind");
    if (!same) {
        enum status status = accept_recipe(worker, &records[0], line, err);
        if (status != STATUS_OK)
            return status;
        free(worker->recipe);
        worker->recipe = strdup(line);
        if (!worker->recipe)
            return error_memory(err);
    }
    if (network_takes_vectors(worker->network))
        return run_vector(worker, &records[0], err);
    for (size_t i = 0; i < count; i++)
        worker->pictures[i] = record_tensor(&records[i]);
    return session_run_images(worker->session, worker->pictures, worker->hwc,
                              worker->plain ? NULL : (const float(*)[256])worker->values, count,
                              worker->outputs, err);
}
