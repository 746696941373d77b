#include "nn/net_internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- the first input as a picture ---- */

static const struct value *input_value(const struct net *net, size_t i)
{
    return &net->model->values[net->model->inputs[i]];
}

/* A picture's channels are few: 1 to 4. Where they stand last, the model is N x H x W x C. */
static int looks_nhwc(const struct value *value)
{
    return value->typed && value->shape.rank == 4 && value->shape.dim[3] >= 1 &&
           value->shape.dim[3] <= 4 && !(value->shape.dim[1] >= 1 && value->shape.dim[1] <= 4);
}

enum status net_input_picture(const struct net *net, int *channels, int *height, int *width,
                              struct error *err)
{
    const struct value *value;
    char text[SHAPE_TEXT];
    int64_t dim[3];
    if (net->model->input_count < 1)
        return error_set(err, STATUS_FAILED, "the network has no input");
    value = input_value(net, 0);
    if (!value->typed || value->type != ELEMENT_F32 || value->shape.rank != 4)
        return error_set(err, STATUS_FAILED,
                         "the network's input '%s' is %s %s, not a batch of pictures", value->name,
                         value->typed ? element_name(value->type) : "of no declared type",
                         value->typed ? shape_format(&value->shape, text) : "");
    for (int i = 0; i < 3; i++) {
        static const int order[2][3] = {{1, 2, 3}, {3, 1, 2}};
        dim[i] = value->shape.dim[order[net->is_nhwc][i]];
        if (dim[i] == 0 || dim[i] > 1 << 16)
            return error_set(err, STATUS_FAILED,
                             "the network's input '%s' has the impossible shape %s", value->name,
                             shape_format(&value->shape, text));
    }
    if (dim[1] < 0 && net->options.height > 0)
        dim[1] = net->options.height;
    if (dim[2] < 0 && net->options.width > 0)
        dim[2] = net->options.width;
    *channels = dim[0] < 0 ? -1 : (int)dim[0];
    *height = dim[1] < 0 ? -1 : (int)dim[1];
    *width = dim[2] < 0 ? -1 : (int)dim[2];
    return STATUS_OK;
}

static void picture_shape(const struct net *net, int64_t batch, int channels, int height, int width,
                          struct shape *shape)
{
    *shape = net->is_nhwc ? (struct shape){4, {batch, height, width, channels}}
                          : (struct shape){4, {batch, channels, height, width}};
}

/* Inputs as declared, for planning before the first run; 0 when a dimension is open. */
static int declared_inputs(const struct net *net, int batch, struct tensor *inputs)
{
    int channels, height, width;
    for (size_t i = 0; i < net->model->input_count; i++) {
        const struct value *value = input_value(net, i);
        inputs[i] = (struct tensor){value->type, value->shape, NULL};
        if (i == 0 && net_input_picture(net, &channels, &height, &width, NULL) == STATUS_OK)
            picture_shape(net, batch, channels, height, width, &inputs[i].shape);
        if (!value->typed)
            return 0;
        for (int d = 0; d < inputs[i].shape.rank; d++) {
            if (d == 0 && inputs[i].shape.dim[0] < 0)
                inputs[i].shape.dim[0] = batch;
            if (inputs[i].shape.dim[d] < 0)
                return 0;
        }
    }
    return 1;
}

/* ---- making a net ---- */

/* Can the network take `batch` pictures at once, though it may say 1? Every output must have that
 * many rows. */
static int batch_works(const struct net *net, int batch)
{
    struct tensor *inputs = memory_array(net->model->input_count + 1, sizeof *inputs);
    struct plan *plan = NULL;
    int works = inputs && net->model->input_count == 1 && declared_inputs(net, batch, inputs) &&
                plan_new(net, inputs, 1, &plan, NULL) == STATUS_OK;
    for (size_t i = 0; works && i < net->graph.output_count; i++) {
        const struct shape *shape = &plan->values[net->graph.outputs[i]].shape;
        works = shape->rank > 0 && shape->dim[0] == batch;
    }
    plan_free(plan);
    free(inputs);
    return works;
}

static void choose_batch(struct net *net)
{
    int channels, height, width;
    int64_t fixed = net->model->input_count && input_value(net, 0)->typed
                        ? input_value(net, 0)->shape.dim[0]
                        : -1;
    net->batch = net->options.batch > 0 ? net->options.batch : 1;
    if (net_input_picture(net, &channels, &height, &width, NULL) != STATUS_OK)
        return;
    if (fixed > 1 && fixed <= 1 << 16)
        net->batch = (int)fixed;
    else if (net->batch > 1 && !batch_works(net, net->batch))
        net->batch = 1;
}

enum status net_new(const struct model *model, const struct net_options *options, struct net **made,
                    struct error *err)
{
    struct net *net = memory_array(1, sizeof *net);
    enum status status;
    *made = NULL;
    if (!net || !(net->arena = arena_new())) {
        free(net);
        return error_memory(err);
    }
    net->model = model;
    net->kernels = kernels_best();
    if (options)
        net->options = *options;
    net->is_nhwc = model->input_count > 0 && looks_nhwc(input_value(net, 0));
    status = graph_new(net, err);
    if (status == STATUS_OK && !net->options.reference)
        status = graph_fuse(net, err);
    if (status == STATUS_OK)
        status = graph_pack(net, err);
    if (status != STATUS_OK) {
        net_free(net);
        return status;
    }
    graph_count_uses(&net->graph);
    choose_batch(net);
    *made = net;
    return STATUS_OK;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    for (size_t i = 0; i < net->packed_count; i++)
        free(net->packed[i]);
    free(net->packed);
    arena_free(net->arena);
    free(net);
}

int net_batch(const struct net *net)
{
    return net->batch;
}

size_t net_input_count(const struct net *net)
{
    return net->model->input_count;
}

size_t net_output_count(const struct net *net)
{
    return net->graph.output_count;
}

const char *net_input_name(const struct net *net, size_t i)
{
    return input_value(net, i)->name;
}

const char *net_output_name(const struct net *net, size_t i)
{
    return net->model->values[net->graph.outputs[i]].name;
}

enum status net_list(const struct net *net,
                     void (*tell)(void *context, const struct node *node, const char *output,
                                  const struct tensor *what),
                     void *context, struct error *err)
{
    const struct model *model = net->model;
    struct tensor *inputs = memory_array(model->input_count + 1, sizeof *inputs);
    struct plan *plan = NULL;
    if (!inputs)
        return error_memory(err);
    if (!declared_inputs(net, net->batch, inputs) ||
        plan_new(net, inputs, 0, &plan, err) != STATUS_OK)
        plan = NULL; /* the shapes are not known before there is an input */
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        int output = node->output_count ? node->outputs[0] : -1;
        struct tensor what = {0};
        int known = output >= 0 && plan && plan->values[output].known_shape;
        if (known)
            what = (struct tensor){plan->values[output].type, plan->values[output].shape, NULL};
        if (strcmp(node->op_type, "Constant") != 0)
            tell(context, node, output >= 0 ? model->values[output].name : "",
                 known ? &what : NULL);
    }
    plan_free(plan);
    free(inputs);
    return STATUS_OK;
}

/* ---- sessions ---- */

enum status session_new(const struct net *net, struct session **made, struct error *err)
{
    struct session *session = memory_array(1, sizeof *session);
    *made = session;
    if (!session)
        return error_memory(err);
    session->net = net;
    session->outputs = memory_array(net->graph.output_count + 1, sizeof *session->outputs);
    if (session->outputs)
        return STATUS_OK;
    free(session);
    *made = NULL;
    return error_memory(err);
}

void session_free(struct session *session)
{
    if (!session)
        return;
    plan_free(session->plan);
    free(session->memory);
    free(session->outputs);
    free(session);
}

static int plan_fits(const struct plan *plan, const struct tensor *inputs, size_t count,
                     int pictures)
{
    if (!plan || plan->pictures != pictures)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const struct tensor *made = &plan->inputs[i];
        if (made->type != inputs[i].type || !shape_equal(&made->shape, &inputs[i].shape))
            return 0;
        if (made->data && inputs[i].data &&
            memcmp(made->data, inputs[i].data, (size_t)shape_bytes(&made->shape, made->type)) != 0)
            return 0;
    }
    return 1;
}

/* A plan for these inputs, and memory for it. */
static enum status prepare(struct session *session, const struct tensor *inputs, int pictures,
                           struct error *err)
{
    enum status status;
    if (plan_fits(session->plan, inputs, session->net->model->input_count, pictures))
        return STATUS_OK;
    plan_free(session->plan);
    session->plan = NULL;
    status = plan_new(session->net, inputs, pictures, &session->plan, err);
    if (status != STATUS_OK)
        return status;
    if (session->plan->memory > session->memory_size) {
        free(session->memory);
        session->memory_size = 0;
        session->memory = memory_aligned((size_t)session->plan->memory);
        if (!session->memory) {
            plan_free(session->plan);
            session->plan = NULL;
            return error_memory(err);
        }
        session->memory_size = session->plan->memory;
    }
    return STATUS_OK;
}

static enum status run(struct session *session, const struct tensor *inputs, struct tensor *outputs,
                       struct error *err)
{
    const struct graph *graph = &session->net->graph;
    enum status status;
    session->inputs = inputs;
    status = plan_run(session, err);
    for (size_t i = 0; status == STATUS_OK && i < graph->output_count; i++) {
        const struct plan_value *value = &session->plan->values[graph->outputs[i]];
        outputs[i] = (struct tensor){value->type, value->shape,
                                     place_data(session, session->plan->output_places[i])};
    }
    session->inputs = NULL;
    return status;
}

enum status session_run(struct session *session, const struct tensor *inputs, size_t input_count,
                        struct tensor *outputs, struct error *err)
{
    const struct net *net = session->net;
    enum status status;
    if (input_count != net->model->input_count)
        return error_set(err, STATUS_FAILED, "%zu inputs given, the network has %zu", input_count,
                         net->model->input_count);
    for (size_t i = 0; i < input_count; i++) {
        const struct value *value = input_value(net, i);
        char found[SHAPE_TEXT], expected[SHAPE_TEXT];
        int fits = value->shape.rank == inputs[i].shape.rank;
        for (int d = 0; fits && d < value->shape.rank; d++)
            fits = value->shape.dim[d] < 0 || value->shape.dim[d] == inputs[i].shape.dim[d];
        if (value->typed && (value->type != inputs[i].type || !fits))
            return error_set(err, STATUS_FAILED, "input '%s' is %s %s, the network wants %s %s",
                             value->name, element_name(inputs[i].type),
                             shape_format(&inputs[i].shape, found), element_name(value->type),
                             shape_format(&value->shape, expected));
    }
    status = prepare(session, inputs, 0, err);
    return status == STATUS_OK ? run(session, inputs, outputs, err) : status;
}

/* ---- pictures ---- */

/* One picture into `to` as height x width x channels. */
static void load_picture(const struct tensor *picture, int hwc, const float (*values)[256],
                         size_t pixels, size_t channels, float *to)
{
    const unsigned char *bytes = picture->data;
    const float *numbers = picture->data;
    size_t pixel_step = hwc ? channels : 1, channel_step = hwc ? 1 : pixels;
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < pixels; p++) {
            size_t at = p * pixel_step + c * channel_step;
            to[p * channels + c] = picture->type == ELEMENT_F32 ? numbers[at]
                                   : values                     ? values[c][bytes[at]]
                                                                : (float)bytes[at];
        }
}

static enum status check_picture(const struct tensor *picture, int hwc, const int want[3],
                                 struct error *err)
{
    const int64_t *dim = picture->shape.dim;
    int64_t found[3] = {hwc ? dim[2] : dim[0], hwc ? dim[0] : dim[1], hwc ? dim[1] : dim[2]};
    char text[SHAPE_TEXT];
    if (picture->shape.rank != 3 || (picture->type != ELEMENT_U8 && picture->type != ELEMENT_F32))
        return error_set(err, STATUS_FAILED,
                         "%s %s is no picture: expected u8 or f32 with 3 dimensions",
                         element_name(picture->type), shape_format(&picture->shape, text));
    for (int i = 0; i < 3; i++)
        if (found[i] != want[i])
            return error_set(
                err, STATUS_FAILED,
                "the picture is %lldx%lld with %lld channels, the network wants %dx%d with %d",
                (long long)found[2], (long long)found[1], (long long)found[0], want[2], want[1],
                want[0]);
    return STATUS_OK;
}

enum status session_run_images(struct session *session, const struct tensor *pictures, int hwc,
                               const float (*values)[256], size_t count, struct tensor *outputs,
                               struct error *err)
{
    const struct net *net = session->net;
    int want[3];
    struct tensor input = {.type = ELEMENT_F32};
    size_t pixels, fixed = net->batch > 1 && input_value(net, 0)->shape.dim[0] == net->batch
                               ? (size_t)net->batch
                               : count;
    enum status status = net_input_picture(net, &want[0], &want[1], &want[2], err);
    float *to;
    if (status != STATUS_OK)
        return status;
    if (count < 1 || count > (size_t)net->batch || net->model->input_count != 1)
        return error_set(err, STATUS_USAGE,
                         "%zu pictures for a network of %zu inputs that takes %d at once", count,
                         net->model->input_count, net->batch);
    for (int i = 0; i < 3 && pictures[0].shape.rank == 3;
         i++) /* what the model leaves open, the first picture decides */
        if (want[i] < 0)
            want[i] = (int)pictures[0].shape.dim[hwc ? (i + 2) % 3 : i];
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = check_picture(&pictures[i], hwc, want, err);
    if (status != STATUS_OK)
        return status;
    picture_shape(net, (int64_t)fixed, want[0], want[1], want[2], &input.shape);
    status = prepare(session, &input, 1, err);
    if (status != STATUS_OK)
        return status;
    to = place_data(session, session->plan->picture_place);
    pixels = (size_t)want[1] * (size_t)want[2];
    for (size_t i = 0; i < count; i++)
        load_picture(&pictures[i], hwc, values, pixels, (size_t)want[0],
                     to + i * pixels * (size_t)want[0]);
    if (fixed > count)
        memset(to + count * pixels * (size_t)want[0], 0,
               (fixed - count) * pixels * (size_t)want[0] * sizeof *to);
    status = run(session, &input, outputs, err);
    for (size_t i = 0; status == STATUS_OK && i < net->graph.output_count; i++) {
        char text[SHAPE_TEXT];
        if (outputs[i].shape.rank < 1 || outputs[i].shape.dim[0] != (int64_t)fixed)
            return error_set(err, STATUS_FAILED,
                             "the output '%s' is %s for %zu pictures: no row for each",
                             net_output_name(net, i), shape_format(&outputs[i].shape, text), fixed);
        outputs[i].shape.dim[0] = (int64_t)count;
    }
    return status;
}
