/* A trainer: its layers' memory and the order of work planned, and what can be asked of it. */
#include "nn/train/train_internal.h"

#include <math.h>
#include <stdlib.h>

static void *take(struct trainer *trainer, size_t count, size_t size, struct error *err)
{
    void *memory = arena_alloc(trainer->arena, count, size);
    if (!memory)
        error_memory(err);
    return memory;
}

/* Fewer lanes where their gradients would take too much memory; a matter of the network, not of the
 * threads. */
static int choose_lanes(const struct trainer *trainer)
{
    size_t count = 0;
    int lanes = LANES_MAX;
    for (size_t i = 0; i < trainer->parameter_count; i++)
        if (trainer->parameters[i].lanes != 1)
            count += trainer->parameters[i].count;
    while (lanes > 1 && (size_t)lanes * count > LANE_GRADIENTS)
        lanes /= 2;
    return lanes < trainer->options.batch ? lanes : trainer->options.batch;
}

static int shares_memory(const struct layer *layer)
{
    return layer->op->in_place && layer->in[0]->uses == 1 && layer->in[0]->needs_grad;
}

static float *new_floats(struct trainer *trainer, size_t per_picture, struct error *err)
{
    return take(trainer, (size_t)trainer->options.batch * per_picture, sizeof(float), err);
}

static enum status plan_memory(struct trainer *trainer, struct error *err)
{
    for (size_t i = 0; i + 1 < trainer->layer_count; i++) {
        struct layer *layer = &trainer->layers[i];
        struct activation_map *out = layer->out;
        out->needs_grad = layer->parameter[0] != NULL;
        for (size_t k = 0; k < layer->in_count; k++)
            out->needs_grad |= layer->in[k]->needs_grad;
        if (i > 0 && shares_memory(layer)) {
            out->data = layer->in[0]->data;
            out->grad = layer->in[0]->grad;
            continue;
        }
        out->data = new_floats(trainer, out->size, err);
        out->grad = out->needs_grad ? new_floats(trainer, out->size, err) : NULL;
        if (!out->data || (out->needs_grad && !out->grad))
            return STATUS_SYSTEM;
    }
    return STATUS_OK;
}

/* Who begins the gradient of each map: the last layer that reads it. The others add. */
static void plan_gradients(struct trainer *trainer)
{
    for (size_t i = trainer->layer_count; i-- > 0;)
        for (size_t k = 0; k < trainer->layers[i].in_count; k++) {
            struct activation_map *map = trainer->layers[i].in[k];
            trainer->layers[i].more[k] = map->uses < 0;
            if (map->uses > 0)
                map->uses = -map->uses; /* from here on: minus the count, meaning begun */
        }
}

static float *copy(struct trainer *trainer, const struct parameter *parameter, struct error *err)
{
    float *values = arena_copy(trainer->arena, parameter->value, parameter->count * sizeof *values);
    if (!values)
        error_memory(err);
    return values;
}

/* The gradient of a parameter, and what is kept beside its value. */
static enum status plan_parameter(struct trainer *trainer, struct parameter *parameter,
                                  struct error *err)
{
    const struct trainer_options *options = &trainer->options;
    int moments = options->optimiser.kind == OPTIMISER_SGD ? 1 : 2;
    if (parameter->lanes == 0)
        parameter->lanes = trainer->lanes;
    if (parameter->rate > 0) {
        parameter->grad =
            take(trainer, parameter->count * (size_t)parameter->lanes, sizeof(float), err);
        for (int i = 0; parameter->grad && i < moments; i++)
            if (!(parameter->moment[i] = take(trainer, parameter->count, sizeof(float), err)))
                return STATUS_SYSTEM;
        if (!parameter->grad)
            return STATUS_SYSTEM;
    }
    if ((options->ema > 0 && !(parameter->average = copy(trainer, parameter, err))) ||
        (options->keep && !(parameter->kept = copy(trainer, parameter, err))))
        return STATUS_SYSTEM;
    return STATUS_OK;
}

static enum status plan_parameters(struct trainer *trainer, struct error *err)
{
    for (size_t i = 0; i < trainer->parameter_count; i++)
        if (plan_parameter(trainer, &trainer->parameters[i], err) != STATUS_OK)
            return STATUS_SYSTEM;
    for (size_t i = 0; i < trainer->layer_count; i++)
        if (trainer->layers[i].scratch > trainer->scratch_size)
            trainer->scratch_size = trainer->layers[i].scratch;
    trainer->scratch =
        take(trainer, (size_t)pool_size(trainer->pool), sizeof *trainer->scratch, err);
    for (int i = 0; trainer->scratch && i < pool_size(trainer->pool); i++)
        if (!(trainer->scratch[i] = take(trainer, trainer->scratch_size + 1, sizeof(float), err)))
            return STATUS_SYSTEM;
    return trainer->scratch ? STATUS_OK : STATUS_SYSTEM;
}

static enum status plan_targets(struct trainer *trainer, struct error *err)
{
    size_t classes = (size_t)trainer_classes(trainer);
    const float *weights = trainer->options.class_weights;
    trainer->targets = new_floats(trainer, classes, err);
    if (weights &&
        !(trainer->class_weights = arena_copy(trainer->arena, weights, classes * sizeof *weights)))
        return error_memory(err);
    return trainer->targets ? STATUS_OK : STATUS_SYSTEM;
}

static enum status plan_programs(struct trainer *trainer, struct error *err)
{
    enum status status = STATUS_OK;
    trainer->layers[0].blocks = (int)trainer->layer_count; /* one job of preparation for each */
    for (size_t i = 0; i < trainer->layer_count && status == STATUS_OK; i++) {
        struct layer *layer = &trainer->layers[i];
        const struct phase *infer = layer->op->infer[0].run ? layer->op->infer : layer->op->forward;
        status = program_add(&trainer->learn, trainer, layer, layer->op->forward, err);
        if (status == STATUS_OK)
            status = program_add(&trainer->infer, trainer, layer, infer, err);
    }
    for (size_t i = trainer->layer_count; i-- > 0 && status == STATUS_OK;) {
        struct layer *layer = &trainer->layers[i];
        if (layer->out->needs_grad)
            status = program_add(&trainer->learn, trainer, layer, layer->op->backward, err);
        if (status == STATUS_OK && layer->out->needs_grad)
            status = shared_plan(trainer, layer, err);
    }
    if (status == STATUS_OK)
        status = optimiser_plan(trainer, err);
    return status;
}

enum status trainer_new(const struct model *model, struct pool *pool,
                        const struct trainer_options *options, struct trainer **result,
                        struct error *err)
{
    struct trainer *trainer = memory_array(1, sizeof *trainer);
    enum status status;
    if (!trainer || !(trainer->arena = arena_new())) {
        free(trainer);
        return error_memory(err);
    }
    trainer->pool = pool;
    trainer->options = *options;
    trainer->kernels = kernels_best();
    trainer->train = train_kernels_of(trainer->kernels);
    if (model_samples(model) > 0) /* it goes on from an earlier run */
        trainer->samples = (uint64_t)model_samples(model);
    status = trainer_build(trainer, model, err);
    if (status == STATUS_OK) {
        trainer->lanes = choose_lanes(trainer);
        if ((status = plan_memory(trainer, err)) == STATUS_OK &&
            (status = plan_parameters(trainer, err)) == STATUS_OK &&
            (status = plan_targets(trainer, err)) == STATUS_OK) {
            plan_gradients(trainer);
            status = plan_programs(trainer, err);
        }
    }
    if (status != STATUS_OK) {
        trainer_free(trainer);
        return status;
    }
    *result = trainer;
    return STATUS_OK;
}

void trainer_free(struct trainer *trainer)
{
    if (!trainer)
        return;
    free(trainer->learn.steps);
    free(trainer->learn.regions);
    free(trainer->infer.steps);
    free(trainer->infer.regions);
    arena_free(trainer->arena);
    free(trainer);
}

int trainer_classes(const struct trainer *trainer)
{
    return (int)trainer->layers[trainer->layer_count - 1].in[0]->size;
}

size_t trainer_parameters(const struct trainer *trainer)
{
    size_t count = 0;
    for (size_t i = 0; i < trainer->parameter_count; i++)
        if (trainer->parameters[i].rate > 0)
            count += trainer->parameters[i].count;
    return count;
}

const char *trainer_unsound_layer(const struct trainer *trainer)
{
    for (size_t i = 0; i + 1 < trainer->layer_count; i++) {
        const struct activation_map *out = trainer->layers[i].out;
        for (size_t k = 0; k < trainer->count * out->size; k++)
            if (!isfinite(out->data[k]))
                return trainer->layers[i].name;
    }
    return NULL;
}
