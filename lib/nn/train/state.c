/* All that a trainer carries from one step to the next, and which of it the model gets. */
#include "nn/train/train_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void swap(float **a, float **b)
{
    float *other = *a;
    *a = *b;
    *b = other;
}

void state_swap_average(struct trainer *trainer)
{
    for (size_t i = 0; i < trainer->parameter_count; i++)
        if (trainer->parameters[i].average)
            swap(&trainer->parameters[i].value, &trainer->parameters[i].average);
}

static void swap_kept(struct trainer *trainer)
{
    for (size_t i = 0; i < trainer->parameter_count; i++)
        swap(&trainer->parameters[i].value, &trainer->parameters[i].kept);
}

void trainer_keep(struct trainer *trainer)
{
    for (size_t i = 0; i < trainer->parameter_count; i++) {
        struct parameter *parameter = &trainer->parameters[i];
        memcpy(parameter->kept, parameter->average ? parameter->average : parameter->value,
               parameter->count * sizeof(float));
    }
    trainer->kept = trainer->samples;
}

enum status trainer_store(struct trainer *trainer, struct model *model, struct error *err)
{
    char samples[32];
    void (*choose)(struct trainer *) = trainer->kept ? swap_kept : state_swap_average;
    enum status status = STATUS_OK;
    choose(trainer);
    for (size_t i = 0; i < trainer->layer_count && status == STATUS_OK; i++) {
        const struct layer *layer = &trainer->layers[i];
        if (layer->op->store)
            status = layer->op->store(layer, model, err);
    }
    choose(trainer);
    snprintf(samples, sizeof samples, "%" PRIu64, trainer->kept ? trainer->kept : trainer->samples);
    if (status == STATUS_OK && model_set_metadata(model, MODEL_SAMPLES, samples) < 0)
        return error_memory(err);
    return status;
}

static enum status visit_counter(const struct trainer_visitor *visitor, const char *name,
                                 void *counter, struct error *err)
{
    struct trainer_array array = {name, ELEMENT_I64, counter, 1};
    return visitor->visit(visitor->context, &array, err);
}

static enum status visit_parameter(const struct trainer_visitor *visitor, const char *layer,
                                   struct parameter *parameter, struct error *err)
{
    const struct {
        const char *what;
        float *data; /* NULL: there is none */
    } parts[] = {{"", parameter->value},
                 {".momentum", parameter->moment[0]},
                 {".square", parameter->moment[1]},
                 {".average", parameter->average},
                 {".kept", parameter->kept}};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == STATUS_OK; i++) {
        char name[TRAINER_NAME];
        struct trainer_array array = {name, ELEMENT_F32, parts[i].data, parameter->count};
        snprintf(name, sizeof name, "%s.%s%s", layer, parameter->name, parts[i].what);
        if (parts[i].data)
            status = visitor->visit(visitor->context, &array, err);
    }
    return status;
}

enum status trainer_state(struct trainer *trainer, const struct trainer_visitor *visitor,
                          struct error *err)
{
    enum status status = visit_counter(visitor, "steps", &trainer->batch_number, err);
    if (status == STATUS_OK)
        status = visit_counter(visitor, "samples", &trainer->samples, err);
    if (status == STATUS_OK)
        status = visit_counter(visitor, "kept", &trainer->kept, err);
    for (size_t i = 0; i < trainer->layer_count; i++) {
        struct layer *layer = &trainer->layers[i];
        for (int k = 0; k < PARAMETERS_MAX && layer->parameter[k] && status == STATUS_OK; k++)
            status = visit_parameter(visitor, layer->name, layer->parameter[k], err);
    }
    return status;
}

static enum status check_finite(void *context, const struct trainer_array *array, struct error *err)
{
    (void)context;
    for (size_t i = 0; i < array->count; i++)
        if (array->type == ELEMENT_F32 && !isfinite(((const float *)array->data)[i]))
            return error_set(err, STATUS_USAGE, "%s is no longer finite", array->name);
    return STATUS_OK;
}

enum status trainer_sound(struct trainer *trainer, struct error *err)
{
    const struct trainer_visitor visitor = {check_finite, NULL};
    return trainer_state(trainer, &visitor, err);
}
