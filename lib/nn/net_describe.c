/* What each step of a plan is, for those who look at it: the operators that it does, the kernel,
 * the arithmetic, the memory. */
#include "nn/net_internal.h"

#include <string.h>

/* The nodes whose work is done together, as lists in the graph's order. */
struct parts {
    const struct graph *graph;
    int *first, *next; /* per node: the first of those that it does, and the one after; -1 */
};

/* ---- what a step is ---- */

static const char *kernel_name(const struct step *step)
{
    static const char *const names[] = {
        [STEP_OP] = "reference",
        [STEP_CONV] = NULL,
        [STEP_GEMM] = "gemm",
        [STEP_PRODUCT] = "product",
        [STEP_NORM] = "normalize",
        [STEP_REDUCE] = "reduce",
        [STEP_MAX_POOL] = "max_pool",
        [STEP_AVERAGE_POOL] = "average_pool",
        [STEP_GLOBAL_AVERAGE] = "global_average",
        [STEP_GLOBAL_MAX] = "global_max",
        [STEP_BINARY] = "binary",
        [STEP_SCALE] = "scale_shift",
        [STEP_ACTIVATION] = "activate",
        [STEP_CONCAT] = "concat",
        [STEP_SOFTMAX] = "softmax",
        [STEP_LRN] = "lrn",
        [STEP_TO_NHWC] = "to_nhwc",
        [STEP_TO_NCHW] = "to_nchw",
        [STEP_COPY] = "copy",
        [STEP_SHUFFLE] = "shuffle",
        [STEP_PAD] = "pad",
    };
    return step->kind == STEP_CONV ? step->convolution->name : names[step->kind];
}

static int is_conversion(const struct step *step)
{
    return step->kind == STEP_TO_NHWC || step->kind == STEP_TO_NCHW || step->kind == STEP_COPY;
}

/* Where nobody named the node, its value is known by a name. */
static const char *node_name(const struct net *net, const struct step *step)
{
    const struct node *node = step->node < 0 ? NULL : net->graph.nodes[step->node].node;
    int value = step->value;
    if (node && !is_conversion(step)) {
        if (*node->name)
            return node->name;
        value = node->output_count ? node->outputs[0] : -1;
    }
    return value < 0 ? "" : net->model->values[value].name;
}

static enum status find_parts(struct parts *parts, const struct graph *graph, struct arena *arena,
                              struct error *err)
{
    parts->graph = graph;
    parts->first = arena_alloc(arena, graph->node_count + 1, sizeof *parts->first);
    parts->next = arena_alloc(arena, graph->node_count + 1, sizeof *parts->next);
    if (!parts->first || !parts->next)
        return error_memory(err);
    for (size_t i = 0; i < graph->node_count; i++)
        parts->first[i] = -1;
    for (size_t i = graph->node_count; i-- > 0;) {
        const struct graph_node *whole = &graph->nodes[i];
        if (whole->dead && !whole->within)
            continue;
        while (whole->dead && whole->within)
            whole = whole->within;
        parts->next[i] = parts->first[whole - graph->nodes];
        parts->first[whole - graph->nodes] = (int)i;
    }
    return STATUS_OK;
}

static void append_operators(const struct parts *parts, int node, struct buffer *text,
                             struct error *err)
{
    for (int i = node < 0 ? -1 : parts->first[node]; i >= 0; i = parts->next[i])
        buffer_printf(text, err, "%s%s", text->size ? "+" : "",
                      parts->graph->nodes[i].node->op_type);
}

/* The node's operators, and those of the addition that became its residual. */
static const char *step_operators(const struct parts *parts, const struct step *step,
                                  struct arena *arena, struct error *err)
{
    struct buffer text = {0};
    int last = step->value < 0 ? -1 : parts->graph->values[step->value].producer;
    const char *copy;
    if (is_conversion(step))
        return "";
    append_operators(parts, step->node, &text, err);
    if (last != step->node)
        append_operators(parts, last, &text, err);
    copy = arena_string(arena, (const char *)text.data, text.size);
    buffer_free(&text);
    if (!copy)
        error_memory(err);
    return copy;
}

/* ---- arithmetic ---- */

/* Multiply-adds for each element that the reference of a product or convolution puts out. */
static double terms(const struct plan *plan, const struct graph_node *node)
{
    static const struct {
        const char *op;
        size_t weights; /* of a convolution, outputs first; 0: a product */
    } table[] = {{"Conv", 1},   {"QLinearConv", 3},   {"ConvInteger", 1},  {"Gemm", 0},
                 {"MatMul", 0}, {"QLinearMatMul", 0}, {"MatMulInteger", 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct shape *shape;
        int summed;
        if (strcmp(node->node->op_type, table[i].op) != 0 ||
            table[i].weights >= node->input_count || node->inputs[table[i].weights] < 0)
            continue;
        shape = &plan->values[node->inputs[table[i].weights]].shape;
        if (shape->rank < 1)
            return 0;
        if (table[i].weights)
            return shape->dim[0] ? (double)shape_count(shape) / (double)shape->dim[0] : 0;
        summed = node_int(node->node, "transA", 0) ? 0 : shape->rank - 1;
        return (double)shape->dim[summed];
    }
    return 0;
}

static double multiply_adds(const struct session *session, const struct step *step)
{
    const struct kernel_window *w = &step->window;
    const struct plan *plan = session->plan;
    size_t channels = step->kind == STEP_CONV ? w->channels / w->groups : 0; /* of a group */
    switch (step->kind) {
    case STEP_CONV:
        return (double)(w->batch * w->out_height * w->out_width * w->out_channels) *
               (double)(w->kernel_h * w->kernel_w * channels);
    case STEP_GEMM:
        return (double)(step->m * step->n) * (double)step->k;
    case STEP_OP:
    case STEP_PRODUCT:
        return step->value < 0 ? 0
                               : (double)shape_count(&plan->values[step->value].shape) *
                                     terms(plan, &session->net->graph.nodes[step->node]);
    default:
        return 0;
    }
}

/* ---- memory ---- */

int64_t plan_weight_bytes(const struct net *net, const struct plan *plan, const struct step *step)
{
    int64_t bytes = 0;
    if (step->kind == STEP_CONV)
        bytes = (int64_t)step->convolution->packed_size(&step->window);
    else if (step->kind == STEP_GEMM)
        bytes = (int64_t)net->kernels->packed_size(step->k, step->n);
    for (int i = 0; i < step->in_count; i++)
        if (step->in[i] >= 0 && plan->places[step->in[i]].fixed)
            bytes += plan->places[step->in[i]].bytes;
    return bytes;
}

/* What is alive during each step: every place is added where its life begins, and taken away after
 * it ends. */
static void find_activations(const struct plan *plan, struct net_step *steps)
{
    int64_t alive = 0;
    int count = (int)plan->step_count;
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &plan->places[i];
        int first = place->first < 0 ? 0 : place->first;
        if (place->root != (int)i || !place_in_memory(place) || first >= count)
            continue;
        steps[first].activations += place->bytes;
        if (place->last < count - 1)
            steps[place->last + 1].activations -= place->bytes;
    }
    for (int i = 0; i < count; i++)
        steps[i].activations = alive += steps[i].activations;
}

/* ---- the whole ---- */

enum status plan_describe(const struct session *session, struct net_profile *profile,
                          struct error *err)
{
    const struct net *net = session->net;
    const struct plan *plan = session->plan;
    struct parts parts;
    enum status status = find_parts(&parts, &net->graph, profile->arena, err);
    profile->step_count = plan->step_count;
    profile->steps = arena_alloc(profile->arena, plan->step_count + 1, sizeof *profile->steps);
    if (!profile->steps)
        status = error_memory(err);
    for (size_t i = 0; i < plan->step_count && status == STATUS_OK; i++) {
        const struct step *step = &plan->steps[i];
        struct net_step *what = &profile->steps[i];
        what->node = node_name(net, step);
        what->kernel = kernel_name(step);
        what->operators = step_operators(&parts, step, profile->arena, err);
        if (!what->operators)
            return STATUS_SYSTEM;
        what->known = step->value >= 0;
        if (what->known)
            what->output = (struct tensor){plan->values[step->value].type,
                                           plan->values[step->value].shape, NULL};
        what->flop =
            2 * multiply_adds(session, step) * (double)(i < plan->apart ? plan->images : 1);
        what->weights = plan_weight_bytes(net, plan, step);
    }
    if (status == STATUS_OK)
        find_activations(plan, profile->steps);
    profile->isa = net->kernels->isa;
    profile->memory = plan->memory;
    return status;
}
