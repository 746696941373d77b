/* The steps of convolutions, products and pooling. */
#include "nn/net_builder_internal.h"

/* The one that suits and is estimated to be the fastest; the last suits all. Always chosen for
 * whole batches, so that a picture's result does not depend on how many others run with it. */
static const struct convolution *choose_convolution(const struct net *net,
                                                    struct kernel_window window)
{
    const struct convolution *best = NULL;
    double least = 0;
    window.batch = (size_t)net->batch;
    for (const struct convolution *const *at = net->kernels->convolutions; *at; at++)
        if ((*at)->suits(&window) && !((*at)->rounds_more && net->options.exact)) {
            double cost = (*at)->cost(&window);
            if (!best || cost < least) {
                best = *at;
                least = cost;
            }
        }
    return best;
}

void plan_conv(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    struct kernel_window window;
    struct shape out = {4, {0}};
    struct step *step;
    size_t scratch;
    int in;
    char text[SHAPE_TEXT];
    if (!is_picture(b, node->inputs[0]) || shape->dim[1] != (int64_t)node->inputs_k) {
        b->status = error_set(b->err, STATUS_FAILED,
                              "the input is %s %s, the weights want f32 with %zu channels",
                              element_name(value_at(b, node->inputs[0])->type),
                              shape_format(shape, text), node->inputs_k);
        return;
    }
    b->status = plan_window(node, shape, &window, b->err);
    if (b->status != STATUS_OK)
        return;
    out.dim[0] = shape->dim[0];
    out.dim[1] = (int64_t)window.out_channels;
    out.dim[2] = (int64_t)window.out_height;
    out.dim[3] = (int64_t)window.out_width;
    plan_set_shape(b, node->outputs[0], ELEMENT_F32, &out);
    in = plan_ensure_apart(b, node->inputs[0], FORM_NHWC);
    step = plan_add_simple(b, STEP_CONV, in, plan_new_output(b, node->outputs[0], FORM_NHWC));
    if (!step)
        return;
    step->window = window;
    step->epilogue = node->activation;
    step->convolution = choose_convolution(b->net, window);
    scratch = step->convolution->scratch_size(&window);
    if (scratch) {
        int place = plan_add_place(b, (int64_t)scratch);
        b->plan->steps[b->plan->step_count - 1].scratch = place;
    }
}

void plan_gemm(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    struct step *step;
    int in;
    if (!is_f32(b, node->inputs[0]) || shape->rank < 1) {
        b->status = error_set(b->err, STATUS_FAILED, "the input is %s, the weights are f32",
                              element_name(value_at(b, node->inputs[0])->type));
        return;
    }
    in = plan_ensure(b, node->inputs[0], FORM_ONNX);
    step = plan_add_simple(b, STEP_GEMM, in, plan_new_output(b, node->outputs[0], FORM_ONNX));
    if (step) {
        step->n = node->outputs_n;
        step->k = node->inputs_k;
        step->m = (size_t)shape_count(&value_at(b, node->outputs[0])->shape) / step->n;
        step->epilogue = node->activation;
    }
}

void plan_pool(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    struct kernel_window window;
    struct shape out = *shape;
    struct step *step;
    int in;
    b->status = plan_window(node, shape, &window, b->err);
    if (b->status != STATUS_OK)
        return;
    out.dim[2] = (int64_t)window.out_height;
    out.dim[3] = (int64_t)window.out_width;
    plan_set_shape(b, node->outputs[0], ELEMENT_F32, &out);
    in = plan_ensure_apart(b, node->inputs[0], FORM_NHWC);
    step = plan_add_simple(b, node->kind == KIND_MAX_POOL ? STEP_MAX_POOL : STEP_AVERAGE_POOL, in,
                           plan_new_output(b, node->outputs[0], FORM_NHWC));
    if (step)
        step->window = window;
}

void plan_global(struct builder *b, const struct graph_node *node)
{
    const struct shape *shape = &value_at(b, node->inputs[0])->shape;
    int in = plan_ensure_apart(b, node->inputs[0], FORM_NHWC),
        out = plan_new_output(b, node->outputs[0], FORM_ONNX);
    struct step *step = plan_add_simple(
        b, node->kind == KIND_GLOBAL_MAX ? STEP_GLOBAL_MAX : STEP_GLOBAL_AVERAGE, in, out);
    if (step) {
        step->m = (size_t)shape->dim[0];
        step->n = (size_t)shape->dim[1];
        step->k = (size_t)(shape->dim[2] * shape->dim[3]);
    }
}
