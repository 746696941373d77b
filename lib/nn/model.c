#include "nn/model.h"

#include "base/number.h"
#include "base/random.h"
#include "nn/model_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { WRITTEN_IR = 8, WRITTEN_OPSET = 17 }; /* understood by ONNX Runtime 1.12 (2022) and later */

struct model *model_new(void)
{
    struct arena *arena = arena_new();
    struct model *model = arena ? arena_alloc(arena, 1, sizeof *model) : NULL;
    if (!model) {
        arena_free(arena);
        return NULL;
    }
    model->arena = arena;
    model->ir_version = WRITTEN_IR;
    model->opset = WRITTEN_OPSET;
    model->producer = "imgutils";
    model->graph_name = "graph";
    return model;
}

void model_free(struct model *model)
{
    struct mapping *mapping;
    if (!model)
        return;
    for (mapping = model->mappings; mapping; mapping = mapping->next)
        if (mapping->is_mapped)
            munmap(mapping->bytes, mapping->size);
        else
            free(mapping->bytes);
    arena_free(model->arena); /* the model itself and its mappings too */
}

void model_unneeded(const struct model *model, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    for (const struct mapping *mapping = model->mappings; mapping; mapping = mapping->next) {
        const unsigned char *start = mapping->bytes;
        if (mapping->is_mapped && from >= start && from < start + mapping->size)
            memory_unneeded(bytes, size);
    }
}

void *list_grow(struct arena *arena, void *list, size_t count, size_t size)
{
    void *bigger;
    if (count & (count - 1))
        return list;
    if (count > SIZE_MAX / 2)
        return NULL;
    bigger = arena_alloc(arena, count ? count * 2 : 1, size);
    if (bigger && count)
        memcpy(bigger, list, count * size);
    return bigger;
}

/* The table's key is its address, which a file's author cannot foresee. */
static uint64_t hash_name(const struct model *model, const char *name)
{
    size_t left = strlen(name);
    uint64_t hash = random_mix((uint64_t)(uintptr_t)model->arena ^ left);
    while (left) {
        uint64_t word = 0;
        size_t step = left < sizeof word ? left : sizeof word;
        memcpy(&word, name, step);
        hash = random_mix(hash ^ word);
        name += step;
        left -= step;
    }
    return hash;
}

/* Where the name is in the table, or the free place where it would be. */
static size_t find_place(const struct model *model, const char *name)
{
    size_t mask = model->name_table_size - 1;
    size_t place = (size_t)hash_name(model, name) & mask;
    while (model->name_table[place] &&
           strcmp(model->values[model->name_table[place] - 1].name, name) != 0)
        place = (place + 1) & mask;
    return place;
}

int model_find_output(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->node_count; i++)
        if (strcmp(model->nodes[i].name, name) == 0 && model->nodes[i].output_count > 0)
            return model->nodes[i].outputs[0];
    return model_find_value(model, name);
}

void model_needed(const struct model *model, int given, unsigned char *values, unsigned char *nodes)
{
    for (size_t i = model->node_count; i-- > 0;) {
        const struct node *node = &model->nodes[i];
        for (size_t k = 0; k < node->output_count; k++)
            if (node->outputs[k] >= 0 && node->outputs[k] != given && values[node->outputs[k]] &&
                !model->values[node->outputs[k]].constant)
                nodes[i] = 1;
        for (size_t k = 0; nodes[i] && k < node->input_count; k++)
            if (node->inputs[k] >= 0)
                values[node->inputs[k]] = 1;
    }
}

static int grow_table(struct model *model)
{
    size_t size = model->name_table_size ? model->name_table_size * 2 : 64;
    int *table = arena_alloc(model->arena, size, sizeof *table);
    if (!table)
        return -1;
    model->name_table = table;
    model->name_table_size = size;
    for (size_t i = 0; i < model->value_count; i++)
        table[find_place(model, model->values[i].name)] = (int)i + 1;
    return 0;
}

int model_find_value(const struct model *model, const char *name)
{
    return model->name_table_size ? model->name_table[find_place(model, name)] - 1 : -1;
}

int model_add_value(struct model *model, const char *name)
{
    struct value *values;
    int known = model_find_value(model, name);
    if (known >= 0)
        return known;
    if (model->value_count >= INT32_MAX / 2)
        return -1;
    if (model->value_count * 2 >= model->name_table_size && grow_table(model) != 0)
        return -1;
    values = list_grow(model->arena, model->values, model->value_count, sizeof *values);
    name = arena_string(model->arena, name, strlen(name));
    if (!values || !name)
        return -1;
    model->values = values;
    memset(&values[model->value_count], 0, sizeof *values);
    values[model->value_count].name = name;
    values[model->value_count].producer = -1;
    model->name_table[find_place(model, name)] = (int)model->value_count + 1;
    return (int)model->value_count++;
}

struct tensor *tensor_copy(struct arena *arena, const struct tensor *tensor)
{
    struct tensor *copy = arena_alloc(arena, 1, sizeof *copy);
    int64_t bytes = shape_bytes(&tensor->shape, tensor->type);
    if (!copy || bytes < 0)
        return NULL;
    *copy = *tensor;
    copy->data = arena_alloc(arena, (size_t)bytes, 1);
    if (copy->data && bytes)
        memcpy(copy->data, tensor->data, (size_t)bytes);
    return copy->data ? copy : NULL;
}

int model_add_constant(struct model *model, const char *name, const struct tensor *tensor)
{
    struct tensor *copy = tensor_copy(model->arena, tensor);
    int value = copy ? model_add_value(model, name) : -1;
    if (value >= 0) {
        struct value *added = &model->values[value];
        added->constant = copy;
        added->typed = 1;
        added->type = copy->type;
        added->shape = copy->shape;
    }
    return value;
}

/* Adds one index to a list of the model. */
static int append_index(struct model *model, int **list, size_t *count, int value)
{
    int *grown = value >= 0 ? list_grow(model->arena, *list, *count, sizeof **list) : NULL;
    if (!grown)
        return -1;
    *list = grown;
    grown[(*count)++] = value;
    return 0;
}

int model_append_input(struct model *model, int value)
{
    return append_index(model, &model->inputs, &model->input_count, value);
}

int model_add_input(struct model *model, const char *name, enum element_type type,
                    const struct shape *shape)
{
    int value = model_add_value(model, name);
    if (model_append_input(model, value) != 0)
        return -1;
    model->values[value].typed = 1;
    model->values[value].type = type;
    model->values[value].shape = *shape;
    return value;
}

int model_add_output(struct model *model, int value)
{
    if (append_index(model, &model->outputs, &model->output_count, value) != 0)
        return -1;
    return (int)model->output_count - 1;
}

struct node *model_append_node(struct model *model)
{
    struct node *nodes;
    if (model->node_count >= INT32_MAX / 2)
        return NULL;
    nodes = list_grow(model->arena, model->nodes, model->node_count, sizeof *nodes);
    if (!nodes)
        return NULL;
    model->nodes = nodes;
    memset(&nodes[model->node_count], 0, sizeof *nodes);
    nodes[model->node_count].name = nodes[model->node_count].domain = "";
    return &nodes[model->node_count++];
}

int model_add_node(struct model *model, const char *op_type, const char *name, const int *inputs,
                   size_t input_count, const int *outputs, size_t output_count)
{
    struct node *node = model_append_node(model);
    if (!node)
        return -1;
    node->op_type = arena_string(model->arena, op_type, strlen(op_type));
    node->name = name ? arena_string(model->arena, name, strlen(name)) : "";
    node->inputs = arena_alloc(model->arena, input_count, sizeof *inputs);
    node->outputs = arena_alloc(model->arena, output_count, sizeof *outputs);
    if (!node->op_type || !node->name || !node->inputs || !node->outputs) {
        model->node_count--;
        return -1;
    }
    if (input_count)
        memcpy(node->inputs, inputs, input_count * sizeof *inputs);
    if (output_count)
        memcpy(node->outputs, outputs, output_count * sizeof *outputs);
    node->input_count = input_count;
    node->output_count = output_count;
    for (size_t i = 0; i < output_count; i++)
        if (outputs[i] >= 0)
            model->values[outputs[i]].producer = (int)model->node_count - 1;
    return (int)model->node_count - 1;
}

struct attribute *node_append_attribute(struct model *model, struct node *node, const char *name)
{
    struct attribute *list =
        list_grow(model->arena, node->attributes, node->attribute_count, sizeof *list);
    if (!list)
        return NULL;
    node->attributes = list;
    memset(&list[node->attribute_count], 0, sizeof *list);
    list[node->attribute_count].name = name;
    return &list[node->attribute_count++];
}

/* An attribute of the last node, with a copy of `bytes` of data in *data. */
static struct attribute *add_attribute(struct model *model, const char *name,
                                       enum attribute_type type, size_t count, const void *from,
                                       size_t bytes, void **data)
{
    struct attribute *attribute;
    name = arena_string(model->arena, name, strlen(name));
    *data = arena_alloc(model->arena, bytes, 1);
    if (!name || !*data || model->node_count == 0)
        return NULL;
    if (bytes)
        memcpy(*data, from, bytes);
    attribute = node_append_attribute(model, &model->nodes[model->node_count - 1], name);
    if (attribute) {
        attribute->type = type;
        attribute->count = count;
    }
    return attribute;
}

static int add_ints(struct model *model, const char *name, enum attribute_type type,
                    const int64_t *ints, size_t count)
{
    void *data;
    struct attribute *attribute =
        add_attribute(model, name, type, count, ints, count * sizeof *ints, &data);
    if (!attribute)
        return -1;
    attribute->ints = data;
    return 0;
}

int model_attribute_ints(struct model *model, const char *name, const int64_t *ints, size_t count)
{
    return add_ints(model, name, ATTRIBUTE_INTS, ints, count);
}

int model_attribute_int(struct model *model, const char *name, int64_t value)
{
    return add_ints(model, name, ATTRIBUTE_INT, &value, 1);
}

int model_attribute_float(struct model *model, const char *name, float value)
{
    void *data;
    struct attribute *attribute =
        add_attribute(model, name, ATTRIBUTE_FLOAT, 1, &value, sizeof value, &data);
    if (!attribute)
        return -1;
    attribute->floats = data;
    return 0;
}

int model_attribute_string(struct model *model, const char *name, const char *value)
{
    void *data;
    size_t length = strlen(value);
    char *copy = arena_string(model->arena, value, length);
    struct attribute *attribute =
        copy ? add_attribute(model, name, ATTRIBUTE_STRING, length, &copy, sizeof copy, &data)
             : NULL;
    if (!attribute)
        return -1;
    attribute->strings = data;
    return 0;
}

int model_attribute_tensor(struct model *model, const char *name, const struct tensor *tensor)
{
    void *data;
    struct tensor *copy = tensor_copy(model->arena, tensor);
    struct attribute *attribute =
        copy ? add_attribute(model, name, ATTRIBUTE_TENSOR, 1, NULL, 0, &data) : NULL;
    if (!attribute)
        return -1;
    attribute->tensor = copy;
    return 0;
}

int model_append_metadata(struct model *model, const char *key, const char *value)
{
    struct metadata *list =
        list_grow(model->arena, model->metadata, model->metadata_count, sizeof *list);
    key = arena_string(model->arena, key, strlen(key));
    value = arena_string(model->arena, value, strlen(value));
    if (!list || !key || !value)
        return -1;
    model->metadata = list;
    list[model->metadata_count].key = key;
    list[model->metadata_count++].value = value;
    return 0;
}

int model_set_metadata(struct model *model, const char *key, const char *value)
{
    for (size_t i = 0; i < model->metadata_count; i++)
        if (strcmp(model->metadata[i].key, key) == 0) {
            value = arena_string(model->arena, value, strlen(value));
            if (!value)
                return -1;
            model->metadata[i].value = value;
            return 0;
        }
    return model_append_metadata(model, key, value);
}

const char *model_get_metadata(const struct model *model, const char *key)
{
    for (size_t i = 0; i < model->metadata_count; i++)
        if (strcmp(model->metadata[i].key, key) == 0)
            return model->metadata[i].value;
    return NULL;
}

int64_t model_samples(const struct model *model)
{
    const char *text = model_get_metadata(model, MODEL_SAMPLES);
    int64_t samples = -1;
    if (text && number_integer(text, 0, (int64_t)1 << 53, &samples, NULL) != STATUS_OK)
        return -1;
    return samples;
}

const struct attribute *node_attribute(const struct node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

/* The attribute where it is of that type. */
static const struct attribute *typed_attribute(const struct node *node, const char *name,
                                               enum attribute_type type)
{
    const struct attribute *attribute = node_attribute(node, name);
    return attribute && attribute->type == type ? attribute : NULL;
}

int64_t node_int(const struct node *node, const char *name, int64_t absent)
{
    const struct attribute *attribute = typed_attribute(node, name, ATTRIBUTE_INT);
    return attribute ? attribute->ints[0] : absent;
}

float node_float(const struct node *node, const char *name, float absent)
{
    const struct attribute *attribute = typed_attribute(node, name, ATTRIBUTE_FLOAT);
    return attribute ? attribute->floats[0] : absent;
}

const char *node_string(const struct node *node, const char *name, const char *absent)
{
    const struct attribute *attribute = typed_attribute(node, name, ATTRIBUTE_STRING);
    return attribute ? attribute->strings[0] : absent;
}

const int64_t *node_ints(const struct node *node, const char *name, size_t *count)
{
    const struct attribute *attribute = typed_attribute(node, name, ATTRIBUTE_INTS);
    *count = attribute ? attribute->count : 0;
    return attribute ? attribute->ints : NULL;
}
