/* The change of the weights at the end of a step: the lanes' gradients are added up, their common
 * length is limited, the weights change, and their moving averages follow. Weights are cut into
 * blocks that are independent of the threads; so are the sums. */
#include "nn/train/train_internal.h"

#include <math.h>

static const char *const names[OPTIMISER_TYPES] = {"sgd", "adam", "adamw"};

const char *optimiser_name(enum optimiser_kind kind)
{
    return names[kind];
}

struct optimiser optimiser_usual(enum optimiser_kind kind)
{
    static const double decay[OPTIMISER_TYPES] = {5e-4, 0, 0.01};
    return (struct optimiser){.kind = kind,
                              .momentum = 0.9,
                              .beta2 = 0.999,
                              .epsilon = 1e-8,
                              .weight_decay = decay[kind]};
}

double optimiser_usual_rate(enum optimiser_kind kind)
{
    return kind == OPTIMISER_SGD ? 0.05 : 0.001;
}

/* Some weights of one parameter. */
struct block {
    struct parameter *parameter;
    size_t first, count;
};

static size_t block_count(const struct parameter *parameter)
{
    return (parameter->count + UPDATE_BLOCK - 1) / UPDATE_BLOCK;
}

static struct block find_block(const struct trainer *trainer, int job)
{
    struct block block = {.parameter = trainer->parameters};
    size_t number = (size_t)job, rest;
    for (; number >= block_count(block.parameter); block.parameter++)
        number -= block_count(block.parameter);
    block.first = number * UPDATE_BLOCK;
    rest = block.parameter->count - block.first;
    block.count = rest < UPDATE_BLOCK ? rest : UPDATE_BLOCK;
    return block;
}

/* Into the first lane's, in lane order. */
static void add_lanes(const struct trainer *trainer, const struct block *block)
{
    const struct parameter *parameter = block->parameter;
    for (int lane = 1; lane < parameter->lanes; lane++)
        trainer->train->add(block->count, lane_gradient(parameter, lane) + block->first,
                            parameter->grad + block->first);
}

static struct train_update make_update(const struct trainer *trainer,
                                       const struct parameter *parameter)
{
    const struct optimiser *how = &trainer->options.optimiser;
    double rate = (double)trainer->rate * (double)parameter->rate,
           t = (double)trainer->batch_number;
    double decay = parameter->decay ? how->weight_decay : 0;
    struct train_update update = {.scale = trainer->gradient_scale,
                                  .rate = (float)rate,
                                  .decay = (float)decay,
                                  .keep = 1,
                                  .momentum = (float)how->momentum,
                                  .nesterov = how->nesterov};
    if (how->kind == OPTIMISER_SGD)
        return update;
    update.rest = (float)(1 - how->momentum);
    update.beta2 = (float)how->beta2;
    update.rest2 = (float)(1 - how->beta2);
    update.epsilon = (float)how->epsilon;
    update.rate = (float)(rate / (1 - pow(how->momentum, t)));
    update.root = (float)(1 / sqrt(1 - pow(how->beta2, t)));
    if (how->kind == OPTIMISER_ADAMW) {
        update.keep = (float)(1 - rate * decay);
        update.decay = 0;
    }
    return update;
}

static void change(const struct trainer *trainer, const struct block *block)
{
    const struct parameter *parameter = block->parameter;
    struct train_update update = make_update(trainer, parameter);
    size_t first = block->first;
    if (trainer->options.optimiser.kind == OPTIMISER_SGD)
        trainer->train->sgd(block->count, parameter->value + first, parameter->moment[0] + first,
                            parameter->grad + first, &update);
    else
        trainer->train->adam(block->count, parameter->value + first, parameter->moment[0] + first,
                             parameter->moment[1] + first, parameter->grad + first, &update);
}

/* The decay grows with the steps, as TensorFlow's ExponentialMovingAverage does it: the first
 * average is not made of what the weights began with. */
static void follow(const struct trainer *trainer, const struct block *block)
{
    double decay = trainer->options.ema, t = (double)trainer->batch_number;
    double most = (1 + t) / (10 + t);
    trainer->train->blend(block->count, block->parameter->value + block->first,
                          (float)(1 - (decay < most ? decay : most)),
                          block->parameter->average + block->first);
}

static void gather_block(struct layer *loss, int job, int worker)
{
    struct trainer *trainer = loss->trainer;
    struct block block = find_block(trainer, job);
    (void)worker;
    trainer->block_squares[job] = 0;
    if (block.parameter->rate <= 0)
        return;
    add_lanes(trainer, &block);
    trainer->block_squares[job] =
        trainer->train->squares(block.count, block.parameter->grad + block.first);
}

static void clip(struct layer *loss, int job, int worker)
{
    struct trainer *trainer = loss->trainer;
    double squares = 0, limit = trainer->options.optimiser.clip_norm;
    (void)job, (void)worker;
    for (int i = 0; i < loss->blocks; i++)
        squares += trainer->block_squares[i];
    trainer->gradient_scale = sqrt(squares) > limit ? (float)(limit / sqrt(squares)) : 1;
}

static void change_block(struct layer *loss, int job, int worker)
{
    struct block block = find_block(loss->trainer, job);
    (void)worker;
    if (block.parameter->rate > 0)
        change(loss->trainer, &block);
    if (block.parameter->average)
        follow(loss->trainer, &block);
}

/* Without clipping a block's gradient is used while it is still in the cache. */
static void update_block(struct layer *loss, int job, int worker)
{
    struct block block = find_block(loss->trainer, job);
    if (block.parameter->rate > 0)
        add_lanes(loss->trainer, &block);
    change_block(loss, job, worker);
}

enum status optimiser_plan(struct trainer *trainer, struct error *err)
{
    static const struct phase plain[PHASES_MAX] = {{PER_BLOCK, update_block}},
                              clipped[PHASES_MAX] = {{PER_BLOCK, gather_block},
                                                     {ONCE, clip},
                                                     {PER_BLOCK, change_block}};
    struct layer *loss = &trainer->layers[trainer->layer_count - 1];
    size_t blocks = 0;
    for (size_t i = 0; i < trainer->parameter_count; i++)
        blocks += block_count(&trainer->parameters[i]);
    loss->blocks = (int)blocks;
    trainer->gradient_scale = 1;
    trainer->block_squares = arena_alloc(trainer->arena, blocks, sizeof(double));
    if (!trainer->block_squares)
        return error_memory(err);
    return program_add(&trainer->learn, trainer, loss,
                       trainer->options.optimiser.clip_norm > 0 ? clipped : plain, err);
}
