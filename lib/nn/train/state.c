/* All that a trainer carries from one step to the next. */
#include "nn/train/train_internal.h"

#include <math.h>
#include <stdio.h>

struct state_visit {
    const struct trainer_visitor *visitor;
    struct error *err;
};

static enum status visit(const struct state_visit *state, const char *of, const char *what,
                         enum element_type type, void *data, size_t count)
{
    char name[TRAINER_NAME];
    struct trainer_array array = {name, type, data, count};
    snprintf(name, sizeof name, "%s%s%s", of, *of ? "." : "", what);
    return state->visitor->visit(state->visitor->context, &array, state->err);
}

enum status layer_state(const struct layer *layer, const struct state_visit *state,
                        const char *what, enum element_type type, void *data, size_t count)
{
    return visit(state, layer->name, what, type, data, count);
}

static enum status parameter_state(const struct layer *layer, const struct parameter *parameter,
                                   const struct state_visit *state)
{
    char moment[64];
    enum status status =
        layer_state(layer, state, parameter->name, ELEMENT_F32, parameter->value, parameter->count);
    snprintf(moment, sizeof moment, "%s.momentum", parameter->name);
    if (status == STATUS_OK)
        status = layer_state(layer, state, moment, ELEMENT_F32, parameter->state, parameter->count);
    return status;
}

enum status trainer_state(struct trainer *trainer, const struct trainer_visitor *visitor,
                          struct error *err)
{
    const struct state_visit state = {visitor, err};
    enum status status = visit(&state, "", "steps", ELEMENT_I64, &trainer->batch_number, 1);
    if (status == STATUS_OK)
        status = visit(&state, "", "samples", ELEMENT_I64, &trainer->samples, 1);
    for (size_t i = 0; i < trainer->layer_count && status == STATUS_OK; i++) {
        struct layer *layer = &trainer->layers[i];
        for (int k = 0; k < PARAMETERS_MAX && layer->parameter[k] && status == STATUS_OK; k++)
            status = parameter_state(layer, layer->parameter[k], &state);
        if (status == STATUS_OK && layer->op->state)
            status = layer->op->state(layer, &state);
    }
    return status;
}

static enum status check_finite(void *context, const struct trainer_array *array, struct error *err)
{
    (void)context;
    for (size_t i = 0; i < array->count; i++) {
        double value = array->type == ELEMENT_F32   ? (double)((const float *)array->data)[i]
                       : array->type == ELEMENT_F64 ? ((const double *)array->data)[i]
                                                    : 0;
        if (!isfinite(value))
            return error_set(err, STATUS_USAGE, "%s is no longer finite", array->name);
    }
    return STATUS_OK;
}

enum status trainer_sound(struct trainer *trainer, struct error *err)
{
    const struct trainer_visitor visitor = {check_finite, NULL};
    return trainer_state(trainer, &visitor, err);
}
