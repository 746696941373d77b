/* Dropout (Srivastava et al. 2014): in training each number is 0 with probability `ratio`, and the
 * others are divided by 1 - ratio; the finished model passes everything on. Which ones is a matter
 * of the seed, the batch, the layer and the picture's place in the batch, not of the thread. */
#include "nn/train/train_internal.h"

#include <string.h>

struct dropout {
    float ratio;
    uint64_t seed;
    unsigned char *kept; /* batch x size */
};

/* Since opset 12 the ratio is an input, before it an attribute. */
static enum status setup(struct layer *layer, const struct model *model, struct error *err)
{
    struct dropout *dropout = arena_alloc(layer->trainer->arena, 1, sizeof *dropout);
    const struct node *node = layer->node;
    if (!dropout)
        return error_memory(err);
    layer->state = dropout;
    dropout->ratio = node_float(node, "ratio", 0.5f);
    if (node->input_count > 1 && node->inputs[1] >= 0) {
        const float *ratio = layer_constant(layer, model, 1, 1, err);
        if (!ratio)
            return err->status;
        dropout->ratio = *ratio;
    }
    if (!(dropout->ratio >= 0 && dropout->ratio < 1))
        return error_set(err, STATUS_USAGE,
                         "Dropout with ratio %g, expected 0 or more and less than 1",
                         (double)dropout->ratio);
    dropout->seed = random_mix(layer->trainer->options.seed + layer->trainer->layer_count);
    dropout->kept =
        arena_alloc(layer->trainer->arena, (size_t)layer->trainer->options.batch, layer->out->size);
    return dropout->kept ? STATUS_OK : error_memory(err);
}

static void forward(struct layer *layer, int lane, int worker)
{
    const struct dropout *dropout = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    uint64_t threshold = (uint64_t)((double)dropout->ratio * 65536), bits = 0;
    float scale = 1 / (1 - dropout->ratio);
    (void)worker;
    for (size_t n = first; n < first + count; n++) {
        struct random random;
        random_seed(&random, random_mix(dropout->seed + layer->trainer->batch_number) + n);
        for (size_t i = n * size; i < (n + 1) * size; i++) {
            bits = (i - n * size) % 4 == 0 ? random_next(&random)
                                           : bits >> 16; /* four decisions a number */
            dropout->kept[i] = (bits & 65535) >= threshold;
            layer->out->data[i] = dropout->kept[i] ? layer->in[0]->data[i] * scale : 0;
        }
    }
}

static void infer(struct layer *layer, int lane, int worker)
{
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    (void)worker;
    memcpy(layer->out->data + first * size, layer->in[0]->data + first * size,
           count * size * sizeof(float));
}

static void backward(struct layer *layer, int lane, int worker)
{
    const struct dropout *dropout = layer->state;
    size_t first, count = lane_pictures(layer->trainer, lane, &first), size = layer->out->size;
    float scale = 1 / (1 - dropout->ratio);
    int more = layer->more[0];
    (void)worker;
    for (size_t i = first * size; layer->in[0]->needs_grad && i < (first + count) * size; i++)
        layer->in[0]->grad[i] = (more ? layer->in[0]->grad[i] : 0) +
                                (dropout->kept[i] ? layer->out->grad[i] * scale : 0);
}

const struct train_op train_dropout = {
    .op_type = "Dropout",
    .elementwise = 1,
    .shape = layer_shape_kept,
    .setup = setup,
    .forward = {{PER_LANE, forward}},
    .infer = {{PER_LANE, infer}},
    .backward = {{PER_LANE, backward}},
};
