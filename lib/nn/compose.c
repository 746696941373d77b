#include "nn/compose_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUFFIX = 16 };

static int has_node(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->node_count; i++)
        if (strcmp(model->nodes[i].name, name) == 0)
            return 1;
    return 0;
}

static int is_taken(const struct model *model, const char *name, int of_node)
{
    return of_node ? *name && has_node(model, name) : model_find_value(model, name) >= 0;
}

static const char *free_name(const struct model *model, const char *name, int of_node)
{
    size_t room = strlen(name) + SUFFIX;
    char *other;
    if (!is_taken(model, name, of_node))
        return name;
    if (!(other = arena_alloc(model->arena, room, 1)))
        return NULL;
    for (int number = 2; number == 2 || is_taken(model, other, of_node); number++)
        snprintf(other, room, "%s_%d", name, number);
    return other;
}

const char *model_free_name(const struct model *model, const char *name)
{
    return free_name(model, name, 0);
}

/* The place of the value, which is made where there is none yet. */
static enum status copy_value(struct copying *copying, int value, int *place, struct error *err)
{
    const struct value *from;
    const char *name;
    *place = -1;
    if (value < 0)
        return STATUS_OK; /* an optional input left out */
    if ((*place = copying->place[value]) >= 0)
        return STATUS_OK;
    from = &copying->from->values[value];
    if (!(name = free_name(copying->to, from->name, 0)) ||
        (*place = model_add_value(copying->to, name)) < 0)
        return error_memory(err);
    name = copying->to->values[*place].name;
    copying->to->values[*place] = *from;
    copying->to->values[*place].name = name;
    copying->to->values[*place].producer = -1;
    copying->place[value] = *place;
    return STATUS_OK;
}

static enum status copy_attributes(struct model *to, struct node *copy, const struct node *node,
                                   struct error *err)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        struct attribute *attribute = node_append_attribute(to, copy, node->attributes[i].name);
        if (!attribute)
            return error_memory(err);
        *attribute = node->attributes[i];
    }
    return STATUS_OK;
}

static enum status copy_node(struct copying *copying, const struct node *node, struct error *err)
{
    struct model *to = copying->to;
    struct node *copy = model_append_node(to);
    size_t inputs = node->input_count, index = to->node_count - 1;
    enum status status;
    if (!copy)
        return error_memory(err);
    copy->op_type = node->op_type;
    copy->domain = node->domain;
    copy->name = free_name(to, node->name, 1);
    copy->inputs = arena_alloc(to->arena, node->input_count + 1, sizeof *copy->inputs);
    copy->outputs = arena_alloc(to->arena, node->output_count + 1, sizeof *copy->outputs);
    if (!copy->name || !copy->inputs || !copy->outputs)
        return error_memory(err);
    if ((status = copy_attributes(to, copy, node, err)) != STATUS_OK ||
        (status = opset_lower(copying, node, &inputs, err)) != STATUS_OK)
        return status;
    for (size_t i = 0; i < inputs && status == STATUS_OK; i++)
        status = copy_value(copying, node->inputs[i], &copy->inputs[i], err);
    copy->input_count = copy->input_count > inputs ? copy->input_count : inputs;
    for (size_t i = 0; i < node->output_count && status == STATUS_OK; i++) {
        status = copy_value(copying, node->outputs[i], &copy->outputs[i], err);
        if (status == STATUS_OK && copy->outputs[i] >= 0)
            to->values[copy->outputs[i]].producer = (int)index;
    }
    copy->output_count = node->output_count;
    return status;
}

/* In the nodes' order. nodes: those to copy, a mark for each. */
static enum status copy_nodes(struct copying *copying, const unsigned char *nodes,
                              struct error *err)
{
    for (size_t i = 0; i < copying->from->node_count; i++) {
        const struct node *node = &copying->from->nodes[i];
        if (nodes[i] && copy_node(copying, node, err) != STATUS_OK)
            return error_prefix(err, "node '%s' (%s)", node->name, node->op_type);
    }
    return STATUS_OK;
}

/* All that `value` depends on: the nodes, and the inputs that it needs. */
static enum status copy_until(struct copying *copying, int value, struct error *err)
{
    const struct model *from = copying->from;
    unsigned char *values = memory_array(from->value_count + 1, 1);
    unsigned char *nodes = memory_array(from->node_count + 1, 1);
    enum status status = values && nodes ? STATUS_OK : error_memory(err);
    if (status == STATUS_OK) {
        values[value] = 1;
        model_needed(from, -1, values, nodes);
    }
    for (size_t i = 0; status == STATUS_OK && i < from->input_count; i++) {
        int place;
        if (!values[from->inputs[i]])
            continue;
        status = copy_value(copying, from->inputs[i], &place, err);
        if (status == STATUS_OK && model_append_input(copying->to, place) != 0)
            status = error_memory(err);
    }
    if (status == STATUS_OK)
        status = copy_nodes(copying, nodes, err);
    free(values);
    free(nodes);
    return status;
}

static enum status copying_new(struct copying *copying, const struct model *from, struct model *to,
                               struct error *err)
{
    *copying = (struct copying){from, to, memory_array(from->value_count + 1, sizeof(int))};
    if (!copying->place)
        return error_memory(err);
    for (size_t i = 0; i < from->value_count; i++)
        copying->place[i] = -1;
    return STATUS_OK;
}

/* ---- the place where two models meet ---- */

static int is_flat(const struct shape *shape)
{
    return shape->rank == 4 && shape->dim[2] == 1 && shape->dim[3] == 1;
}

static enum status check_shapes(const struct model *backbone, int value, const struct shape *have,
                                const struct shape *want, struct error *err)
{
    char one[SHAPE_TEXT], other[SHAPE_TEXT];
    int fits = have->rank > 1 && want->rank > 1 && have->dim[1] == want->dim[1];
    if (have->rank == want->rank)
        for (int i = 1; i < have->rank; i++)
            fits &= have->dim[i] == want->dim[i];
    else
        fits &= (is_flat(have) && want->rank == 2) || (have->rank == 2 && is_flat(want));
    return fits ? STATUS_OK
                : error_set(err, STATUS_USAGE, "%s is %s for a picture, and the head takes %s",
                            backbone->values[value].name, shape_format(have, one),
                            shape_format(want, other));
}

/* N x C x 1 x 1 becomes N x C, or the other way round; *value is then the new one. */
static enum status bridge(struct model *whole, const struct shape *have, const struct shape *want,
                          int *value, struct error *err)
{
    static const int64_t as_picture[4] = {0, -1, 1, 1}; /* 0: as it is */
    struct tensor shape = {ELEMENT_I64, {1, {4}}, (void *)as_picture};
    int flatten = have->rank == 4, inputs[2] = {*value, -1}, output;
    const char *name = model_free_name(whole, "features");
    if (have->rank == want->rank)
        return STATUS_OK;
    if (!name || (output = model_add_value(whole, name)) < 0)
        return error_memory(err);
    if (!flatten && (!(name = model_free_name(whole, "features.shape")) ||
                     (inputs[1] = model_add_constant(whole, name, &shape)) < 0))
        return error_memory(err);
    if (model_add_node(whole, flatten ? "Flatten" : "Reshape", free_name(whole, "features", 1),
                       inputs, flatten ? 1 : 2, &output, 1) < 0)
        return error_memory(err);
    *value = output;
    return STATUS_OK;
}

/* The head's nodes and outputs, with the place of its input known. */
static enum status copy_head(struct copying *copying, struct error *err)
{
    const struct model *head = copying->from;
    struct model *whole = copying->to;
    unsigned char *values = memory_array(head->value_count + 1, 1);
    unsigned char *nodes = memory_array(head->node_count + 1, 1);
    enum status status = values && nodes ? STATUS_OK : error_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < head->output_count; i++)
        values[head->outputs[i]] = 1;
    if (status == STATUS_OK) {
        model_needed(head, -1, values, nodes);
        status = copy_nodes(copying, nodes, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < head->output_count; i++) {
        int place = copying->place[head->outputs[i]];
        if (place < 0 || model_add_output(whole, place) < 0)
            status = error_memory(err);
        else if (whole->values[whole->inputs[0]].typed && whole->values[place].shape.rank > 0)
            whole->values[place].shape.dim[0] = whole->values[whole->inputs[0]].shape.dim[0];
    }
    free(values);
    free(nodes);
    return status;
}

static enum status copy_metadata(struct model *to, const struct model *from, struct error *err)
{
    for (size_t i = 0; i < from->metadata_count; i++)
        if (model_set_metadata(to, from->metadata[i].key, from->metadata[i].value) != 0)
            return error_memory(err);
    return STATUS_OK;
}

static enum status join(struct copying *first, struct copying *second, int value,
                        const struct shape *shape, struct error *err)
{
    const struct model *backbone = first->from, *head = second->from;
    struct model *whole = first->to;
    const struct shape *want = &head->values[head->inputs[0]].shape;
    int place;
    TRY(check_shapes(backbone, value, shape, want, err));
    TRY(copy_until(first, value, err));
    TRY(copy_value(first, value, &place, err));
    if (whole->input_count == 0)
        return error_set(err, STATUS_USAGE, "%s does not depend on the model's input",
                         backbone->values[value].name);
    TRY(bridge(whole, shape, want, &place, err));
    second->place[head->inputs[0]] = place;
    TRY(copy_head(second, err));
    TRY(copy_metadata(whole, backbone, err));
    return copy_metadata(whole, head, err);
}

enum status model_join(const struct model *backbone, int value, const struct shape *shape,
                       const struct model *head, struct model **result, struct error *err)
{
    struct model *whole = model_new();
    struct copying first = {0}, second = {0};
    enum status status = whole ? STATUS_OK : error_memory(err);
    if (status == STATUS_OK && head->input_count != 1)
        status =
            error_set(err, STATUS_USAGE, "the head has %zu inputs, expected 1", head->input_count);
    if (status == STATUS_OK) {
        whole->ir_version = backbone->ir_version;
        whole->opset = backbone->opset;
        whole->graph_name = backbone->graph_name;
        status = copying_new(&first, backbone, whole, err);
    }
    if (status == STATUS_OK)
        status = copying_new(&second, head, whole, err);
    if (status == STATUS_OK)
        status = join(&first, &second, value, shape, err);
    free(first.place);
    free(second.place);
    if (status == STATUS_OK)
        *result = whole;
    else
        model_free(whole);
    return status;
}

/* ---- what comes after a value ---- */

/* Marks what the outputs depend on when the value is given. Does that leave nothing else of the
 * model's inputs, and is the value used? */
static int marks_after(const struct model *model, int value, unsigned char *values,
                       unsigned char *nodes)
{
    int whole = 1;
    memset(values, 0, model->value_count);
    memset(nodes, 0, model->node_count);
    for (size_t i = 0; i < model->output_count; i++)
        values[model->outputs[i]] = 1;
    model_needed(model, value, values, nodes);
    for (size_t i = 0; i < model->input_count; i++)
        whole &= !values[model->inputs[i]] || model->inputs[i] == value;
    return whole && values[value];
}

/* The next value after this one that all goes through; NULL: there is none. */
static const char *next_cut(const struct model *model, int value, unsigned char *values,
                            unsigned char *nodes)
{
    for (int i = model->values[value].producer + 1; i < (int)model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        if (node->output_count > 0 && node->outputs[0] >= 0 &&
            node->outputs[0] != model->outputs[0] &&
            marks_after(model, node->outputs[0], values, nodes))
            return model->values[node->outputs[0]].name;
    }
    return NULL;
}

static enum status mark_after(const struct model *model, int value, unsigned char *values,
                              unsigned char *nodes, struct error *err)
{
    const char *name = model->values[value].name, *next;
    int whole = marks_after(model, value, values, nodes);
    if (!values[value] || value == model->outputs[0])
        return error_set(err, STATUS_USAGE, "nothing comes after %s", name);
    if (whole)
        return STATUS_OK;
    next = next_cut(model, value, values, nodes);
    return error_set(err, STATUS_USAGE, "what comes after %s also needs what comes before it%s%s%s",
                     name, next ? "; everything goes through " : "", next ? next : "",
                     next ? ", for example" : "");
}

static enum status copy_after(struct copying *copying, int value, const unsigned char *nodes,
                              struct error *err)
{
    const struct model *model = copying->from;
    struct model *after = copying->to;
    struct shape shape = model->values[value].shape;
    shape.dim[0] = -1;
    copying->place[value] =
        model_add_input(after, model->values[value].name, model->values[value].type, &shape);
    if (copying->place[value] < 0)
        return error_memory(err);
    TRY(copy_nodes(copying, nodes, err));
    for (size_t i = 0; i < model->output_count; i++)
        if (model_add_output(after, copying->place[model->outputs[i]]) < 0)
            return error_memory(err);
    return STATUS_OK;
}

enum status model_after(const struct model *model, int value, struct model **result,
                        struct error *err)
{
    struct model *after = model_new();
    struct copying copying = {0};
    unsigned char *values = memory_array(model->value_count + 1, 1);
    unsigned char *nodes = memory_array(model->node_count + 1, 1);
    enum status status = after && values && nodes ? STATUS_OK : error_memory(err);
    if (status == STATUS_OK)
        status = mark_after(model, value, values, nodes, err);
    if (status == STATUS_OK) {
        after->ir_version = model->ir_version;
        after->opset = model->opset;
        status = copying_new(&copying, model, after, err);
    }
    if (status == STATUS_OK)
        status = copy_after(&copying, value, nodes, err);
    free(copying.place);
    free(values);
    free(nodes);
    if (status == STATUS_OK)
        *result = after;
    else
        model_free(after);
    return status;
}
