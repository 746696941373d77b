#include "nn/average.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_tensors(const struct tensor *a, const struct tensor *b)
{
    int64_t bytes = a && b ? shape_bytes(&a->shape, a->type) : 0;
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    if (a->type != b->type || !shape_equal(&a->shape, &b->shape))
        return a->type != b->type ? (int)a->type - (int)b->type : 1;
    return bytes > 0 ? memcmp(a->data, b->data, (size_t)bytes) : 0;
}

/* An order that depends on what is in the models, not on their places. */
static int compare_parts(const void *left, const void *right)
{
    const struct average_part *a = left, *b = right;
    int order = 0;
    if (a->samples != b->samples)
        return a->samples < b->samples ? -1 : 1;
    for (size_t i = 0; i < a->model->value_count && order == 0; i++)
        order = compare_tensors(a->model->values[i].constant, b->model->values[i].constant);
    if (order == 0)
        order = (a->model->metadata_count > b->model->metadata_count) -
                (a->model->metadata_count < b->model->metadata_count);
    for (size_t i = 0; i < a->model->metadata_count && order == 0; i++)
        order = compare_text(a->model->metadata[i].value,
                             model_get_metadata(b->model, a->model->metadata[i].key));
    return order;
}

static int same_lists(const void *a, const void *b, size_t count, size_t size)
{
    return count == 0 || memcmp(a, b, count * size) == 0;
}

static int same_attribute(const struct attribute *a, const struct attribute *b)
{
    if (strcmp(a->name, b->name) != 0 || a->type != b->type || a->count != b->count)
        return 0;
    switch (a->type) {
    case ATTRIBUTE_INT:
    case ATTRIBUTE_INTS:
        return same_lists(a->ints, b->ints, a->count, sizeof *a->ints);
    case ATTRIBUTE_FLOAT:
    case ATTRIBUTE_FLOATS:
        return same_lists(a->floats, b->floats, a->count, sizeof *a->floats);
    case ATTRIBUTE_STRING:
        return strcmp(a->strings[0], b->strings[0]) == 0;
    case ATTRIBUTE_STRINGS:
        for (size_t i = 0; i < a->count; i++)
            if (strcmp(a->strings[i], b->strings[i]) != 0)
                return 0;
        return 1;
    case ATTRIBUTE_TENSOR:
        return compare_tensors(a->tensor, b->tensor) == 0;
    default:
        return 0;
    }
}

static int same_node(const struct node *a, const struct node *b)
{
    if (strcmp(a->op_type, b->op_type) != 0 || strcmp(a->domain, b->domain) != 0 ||
        a->input_count != b->input_count || a->output_count != b->output_count ||
        a->attribute_count != b->attribute_count ||
        !same_lists(a->inputs, b->inputs, a->input_count, sizeof *a->inputs) ||
        !same_lists(a->outputs, b->outputs, a->output_count, sizeof *a->outputs))
        return 0;
    for (size_t i = 0; i < a->attribute_count; i++)
        if (!same_attribute(&a->attributes[i], &b->attributes[i]))
            return 0;
    return 1;
}

static int is_float(enum element_type type)
{
    return type == ELEMENT_F16 || type == ELEMENT_BF16 || type == ELEMENT_F32 ||
           type == ELEMENT_F64;
}

/* A constant may differ in its elements only, and only when they are real numbers. */
static enum status check_value(const struct average_part *part, const struct average_part *like,
                               size_t i, struct error *err)
{
    const struct value *a = &like->model->values[i], *b = &part->model->values[i];
    const struct tensor *x = a->constant, *y = b->constant;
    if (strcmp(a->name, b->name) != 0)
        return error_set(err, STATUS_USAGE, "%s has '%.200s' where %s has '%.200s'", part->name,
                         b->name, like->name, a->name);
    if (!x != !y || (!x && !shape_equal(&a->shape, &b->shape)) ||
        (x && (x->type != y->type || !shape_equal(&x->shape, &y->shape))))
        return error_set(err, STATUS_USAGE, "%s: %.200s is of another type or shape than in %s",
                         part->name, b->name, like->name);
    if (x && !is_float(x->type) && compare_tensors(x, y) != 0)
        return error_set(err, STATUS_USAGE,
                         "%s: the integers of %.200s are not those of %s, and have no mean",
                         part->name, b->name, like->name);
    return STATUS_OK;
}

static enum status check_metadata(const struct average_part *part, const struct average_part *like,
                                  struct error *err)
{
    static const struct {
        const char *key, *what;
    } same[] = {{MODEL_LABELS, "labels"}, {MODEL_RECIPE, "recipe"}, {MODEL_LOSS, "loss"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const char *a = model_get_metadata(like->model, same[i].key);
        const char *b = model_get_metadata(part->model, same[i].key);
        if (compare_text(a, b) != 0)
            return error_set(err, STATUS_USAGE, "%s has the %s '%.300s', and %s '%.300s'",
                             part->name, same[i].what, b ? b : "", like->name, a ? a : "");
    }
    return STATUS_OK;
}

static enum status check_like(const struct average_part *part, const struct average_part *like,
                              struct error *err)
{
    const struct model *a = like->model, *b = part->model;
    enum status status = check_metadata(part, like, err);
    if (status != STATUS_OK)
        return status;
    if (a->node_count != b->node_count || a->value_count != b->value_count ||
        a->input_count != b->input_count || a->output_count != b->output_count)
        return error_set(err, STATUS_USAGE,
                         "%s is another network than %s: %zu nodes and %zu values, expected %zu "
                         "and %zu",
                         part->name, like->name, b->node_count, b->value_count, a->node_count,
                         a->value_count);
    for (size_t i = 0; i < a->node_count; i++)
        if (!same_node(&a->nodes[i], &b->nodes[i]))
            return error_set(err, STATUS_USAGE,
                             "%s is another network than %s: node %zu, %s %.200s", part->name,
                             like->name, i + 1, b->nodes[i].op_type, b->nodes[i].name);
    for (size_t i = 0; i < a->value_count && status == STATUS_OK; i++)
        status = check_value(part, like, i, err);
    if (status == STATUS_OK && (!same_lists(a->inputs, b->inputs, a->input_count, sizeof(int)) ||
                                !same_lists(a->outputs, b->outputs, a->output_count, sizeof(int))))
        status = error_set(err, STATUS_USAGE, "%s has other inputs or outputs than %s", part->name,
                           like->name);
    return status;
}

static double get(const struct tensor *tensor, size_t i)
{
    switch (tensor->type) {
    case ELEMENT_F16:
        return (double)f16_to_f32(((const uint16_t *)tensor->data)[i]);
    case ELEMENT_BF16:
        return (double)bf16_to_f32(((const uint16_t *)tensor->data)[i]);
    case ELEMENT_F32:
        return (double)((const float *)tensor->data)[i];
    default:
        return ((const double *)tensor->data)[i];
    }
}

static void put(struct tensor *tensor, size_t i, double value)
{
    switch (tensor->type) {
    case ELEMENT_F16:
        ((uint16_t *)tensor->data)[i] = f32_to_f16((float)value);
        break;
    case ELEMENT_BF16:
        ((uint16_t *)tensor->data)[i] = f32_to_bf16((float)value);
        break;
    case ELEMENT_F32:
        ((float *)tensor->data)[i] = (float)value;
        break;
    default:
        ((double *)tensor->data)[i] = value;
    }
}

static enum status average_value(const struct average_part *parts, size_t count,
                                 const double *weights, double all, size_t i, struct error *err)
{
    struct model *model = parts[0].model;
    struct value *value = &model->values[i];
    struct tensor *mean = arena_alloc(model->arena, 1, sizeof *mean);
    size_t elements = (size_t)shape_count(&value->constant->shape);
    if (!mean)
        return error_memory(err);
    *mean = *value->constant;
    mean->data = arena_alloc(model->arena, elements + 1, element_size(mean->type));
    if (!mean->data)
        return error_memory(err);
    for (size_t k = 0; k < elements; k++) {
        double sum = 0;
        for (size_t p = 0; p < count; p++)
            sum += weights[p] * get(parts[p].model->values[i].constant, k);
        put(mean, k, sum / all);
    }
    value->constant = mean;
    return STATUS_OK;
}

/* How many samples each has learned from since they parted, and all together. */
static enum status count_samples(struct average_part *parts, size_t count, int64_t before,
                                 int64_t *all, int *weighted, struct error *err)
{
    *weighted = 1;
    *all = 0;
    for (size_t i = 0; i < count; i++) {
        parts[i].samples = model_samples(parts[i].model);
        if (parts[i].samples < 0) {
            *weighted = 0;
            continue;
        }
        if (parts[i].samples < before)
            return error_set(err, STATUS_USAGE,
                             "%s has learned from %" PRId64 " samples, the model that it should "
                             "have gone on from, from %" PRId64,
                             parts[i].name, parts[i].samples, before);
        parts[i].samples -= before;
        *all += parts[i].samples;
    }
    return STATUS_OK;
}

static enum status average_all(const struct average_part *parts, size_t count, int weighted,
                               struct error *err)
{
    const struct model *model = parts[0].model;
    double *weights = memory_array(count, sizeof *weights), all = 0;
    enum status status = weights ? STATUS_OK : error_memory(err);
    for (size_t i = 0; i < count && weights; i++) {
        weights[i] = weighted ? (double)parts[i].samples : 1;
        all += weights[i];
    }
    for (size_t i = 0; i < model->value_count && status == STATUS_OK; i++)
        if (model->values[i].constant && is_float(model->values[i].constant->type))
            status = average_value(parts, count, weights, all, i, err);
    free(weights);
    return status;
}

enum status models_average(struct average_part *parts, size_t count, int64_t before, int *weighted,
                           struct error *err)
{
    int64_t all;
    enum status status = count_samples(parts, count, before, &all, weighted, err);
    char text[32];
    for (size_t i = 1; i < count && status == STATUS_OK; i++)
        status = check_like(&parts[i], &parts[0], err);
    if (status != STATUS_OK)
        return status;
    qsort(parts, count, sizeof *parts, compare_parts);
    status = average_all(parts, count, *weighted && all > 0, err);
    snprintf(text, sizeof text, "%" PRId64, before + all);
    if (status == STATUS_OK && model_set_metadata(parts[0].model, MODEL_SAMPLES, text) < 0)
        return error_memory(err);
    return status;
}
