/* Weights that several layers share: one parameter, whose gradient is the sum of theirs. Each layer
 * writes its gradient as if it were alone; a phase after it takes that away before the next layer
 * comes, and after the last puts the sum in its place. */
#include "nn/train/train_internal.h"

#include <string.h>

/* Do both keep their weights in the same order? */
static int alike(const struct node *one, const struct node *other)
{
    return strcmp(one->op_type, other->op_type) == 0 &&
           node_int(one, "transB", 0) == node_int(other, "transB", 0) &&
           node_int(one, "group", 1) == node_int(other, "group", 1);
}

enum status shared_find(struct layer *layer, const void *constant, struct parameter **shared,
                        struct error *err)
{
    struct trainer *trainer = layer->trainer;
    *shared = NULL;
    for (size_t i = 0; i < trainer->parameter_count && !*shared; i++)
        if (trainer->parameters[i].constant == constant)
            *shared = &trainer->parameters[i];
    if (!*shared)
        return STATUS_OK;
    if (!alike((*shared)->user->node, layer->node))
        return error_set(err, STATUS_FAILED,
                         "it shares weights with %s, which is not like it: they cannot be trained",
                         (*shared)->user->name);
    (*shared)->users++;
    for (int k = 0; k < PARAMETERS_MAX; k++)
        if (!layer->parameter[k]) {
            layer->parameter[k] = *shared;
            break;
        }
    return STATUS_OK;
}

static void add_up(struct layer *layer, int job, int worker)
{
    (void)job, (void)worker;
    for (int k = 0; k < PARAMETERS_MAX; k++) {
        struct parameter *parameter = layer->parameter[k];
        size_t count;
        if (!parameter || !parameter->sum)
            continue;
        count = parameter->count * (size_t)parameter->lanes;
        if (parameter->done == 0)
            memcpy(parameter->sum, parameter->grad, count * sizeof(float));
        else
            layer->trainer->train->add(count, parameter->grad, parameter->sum);
        if (++parameter->done < parameter->users)
            continue;
        memcpy(parameter->grad, parameter->sum, count * sizeof(float));
        parameter->done = 0;
    }
}

enum status shared_plan(struct trainer *trainer, struct layer *layer, struct error *err)
{
    static const struct phase phases[PHASES_MAX] = {{ONCE, add_up}};
    int shares = 0;
    for (int k = 0; k < PARAMETERS_MAX; k++) {
        struct parameter *parameter = layer->parameter[k];
        if (!parameter || parameter->users < 2 || !parameter->grad)
            continue;
        shares = 1;
        if (!parameter->sum &&
            !(parameter->sum = arena_alloc(
                  trainer->arena, parameter->count * (size_t)parameter->lanes, sizeof(float))))
            return error_memory(err);
    }
    return shares ? program_add(&trainer->learn, trainer, layer, phases, err) : STATUS_OK;
}
