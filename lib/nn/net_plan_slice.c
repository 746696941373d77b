/* Slices of channels of a picture in NHWC: they are there already, in part of each pixel. */
#include "nn/net_builder_internal.h"

#include <string.h>

/* The channels that the outputs of a Split begin with. */
static int split_channels(struct builder *b, const struct graph_node *node, size_t *channel)
{
    int64_t axis = node_int(node->node, "axis", 0);
    for (size_t i = 0, first = 0; i < node->output_count; i++) {
        if (node->outputs[i] < 0)
            return 0;
        channel[i] = first;
        first += (size_t)value_at(b, node->outputs[i])->shape.dim[1];
    }
    return axis == 1 || axis == -3;
}

/* The channel that a Slice begins with; 0 when it does not take all pixels, or not one channel
 * after the other. */
static int slice_channel(struct builder *b, const struct graph_node *node, size_t *channel)
{
    const struct shape *in = &value_at(b, node->inputs[0])->shape,
                       *out = &value_at(b, node->outputs[0])->shape;
    int64_t start[SHAPE_RANK_MAX], step[SHAPE_RANK_MAX];
    struct op_call call;
    if (!plan_make_call(b, node, &call) || op_slice(&call, start, step, NULL) != STATUS_OK)
        return 0;
    for (int i = 0; i < 4; i++)
        if (i != 1 && (start[i] != 0 || out->dim[i] != in->dim[i]))
            return 0;
    *channel = (size_t)start[1];
    return step[1] == 1;
}

void plan_slice(struct builder *b, const struct graph_node *node)
{
    size_t *channel = plan_alloc(b, node->output_count, sizeof *channel);
    int is_split = strcmp(node->node->op_type, "Split") == 0, in;
    int possible = channel && plan_is_nhwc(b, node->inputs[0]) && is_picture(b, node->inputs[0]) &&
                   (is_split ? split_channels : slice_channel)(b, node, channel);
    for (size_t i = 0; possible && i < node->output_count; i++)
        possible = shape_count(&value_at(b, node->outputs[i])->shape) > 0;
    if (!possible) {
        plan_op(b, node);
        return;
    }
    in = plan_ensure_apart(b, node->inputs[0], FORM_NHWC);
    for (size_t i = 0; b->status == STATUS_OK && i < node->output_count; i++)
        plan_new_view(b, node->outputs[i], FORM_NHWC, in, channel[i]);
}
