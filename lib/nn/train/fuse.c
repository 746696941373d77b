/* Layers that another one does in passing.
 *
 * BatchNormalization, Add and Relu cost what it takes to read and write memory. So where an Add
 * with a residual or a Relu (or Clip) follows a BatchNormalization that nobody else reads, the
 * BatchNormalization does them in its own pass, and they are layers no more. */
#include "nn/train/layers/fuse.h"

#include <string.h>

static int reads(const struct layer *layer, const struct activation_map *map)
{
    for (size_t i = 0; i < layer->in_count; i++)
        if (layer->in[i] == map)
            return 1;
    return 0;
}

/* The layer after `layer` goes; what it put out, `layer` puts out. */
static void take_over(struct trainer *trainer, struct layer *layer)
{
    size_t next = (size_t)(layer - trainer->layers) + 1;
    layer->out = layer[1].out;
    memmove(&trainer->layers[next], &trainer->layers[next + 1],
            (trainer->layer_count - next - 1) * sizeof *layer);
    trainer->layer_count--;
}

/* What else the Add after it reads; NULL when that is no residual of another layer. */
static struct activation_map *residual(const struct layer *norm)
{
    const struct layer *add = norm + 1;
    struct activation_map *other;
    if (add->op != &train_add || add->in_count != 2 || norm->out->uses != 1 ||
        !reads(add, norm->out))
        return NULL;
    other = add->in[add->in[0] == norm->out];
    return other == norm->in[0] ? NULL : other;
}

static void fuse_norm(struct trainer *trainer, struct layer *norm)
{
    struct activation_map *other = residual(norm);
    const struct layer *next = norm + 1;
    if (other) {
        norm->in[norm->in_count++] = other; /* there is room for one more: begin_layer */
        take_over(trainer, norm);
    }
    if ((next->op == &train_relu || next->op == &train_clip) && next->in[0] == norm->out &&
        norm->out->uses == 1) {
        batchnorm_clip(norm, relu_low(next), relu_high(next));
        take_over(trainer, norm);
    }
}

void trainer_fuse(struct trainer *trainer)
{
    for (size_t i = 1; i + 1 < trainer->layer_count; i++)
        if (trainer->layers[i].op == &train_batchnorm)
            fuse_norm(trainer, &trainer->layers[i]);
}
