/* Nodes that make no sense: random inputs, types, shapes and attributes for every operator. What
 * would break: a damaged or hostile model that makes an operator read or write outside its tensors
 * (run it with make asan). Also: an operator whose shape depends on a value says so (STATUS_END)
 * instead of guessing. */
#include "nn/ops/op.h"
#include "tests/tap.h"

#include "base/random.h"

enum { CALLS = 400, INPUTS_MAX = 10, ELEMENTS_MAX = 3000 };

static const char *const int_names[] = {
    "axis",          "keepdims",   "group",       "ceil_mode",    "count_include_pad",
    "storage_order", "size",       "transA",      "transB",       "num_groups",
    "blocksize",     "block_size", "num_outputs", "allowzero",    "start",
    "end",           "to",         "largest",     "output_dtype", "exclude_outside",
    "antialias"};
static const char *const list_names[] = {"axes",      "kernel_shape", "strides",   "pads",
                                         "dilations", "perm",         "split",     "starts",
                                         "ends",      "shape",        "value_ints"};
static const char *const text_names[] = {"auto_pad", "mode", "coordinate_transformation_mode"};
static const char *const texts[] = {"SAME_UPPER", "SAME_LOWER", "VALID",      "linear",
                                    "cubic",      "reflect",    "edge",       "wrap",
                                    "CRD",        "nonsense",   "asymmetric", "tf_crop_and_resize"};
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static int64_t any_int(struct random *random)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, INT32_MAX, -1, INT64_C(1) << 40};
    return random_below(random, 8) ? (int64_t)random_below(random, 7) - 2
                                   : extremes[random_below(random, COUNT(extremes))];
}

static void any_attributes(struct random *random, struct model *model)
{
    int64_t ints[8];
    for (size_t i = 0; i < COUNT(int_names); i++)
        if (random_below(random, 3) == 0)
            model_attribute_int(model, int_names[i], any_int(random));
    for (size_t i = 0; i < COUNT(list_names); i++) {
        size_t count = random_below(random, 9);
        for (size_t k = 0; k < count; k++)
            ints[k] = any_int(random);
        if (random_below(random, 2))
            model_attribute_ints(model, list_names[i], ints, count);
    }
    for (size_t i = 0; i < COUNT(text_names); i++)
        if (random_below(random, 4) == 0)
            model_attribute_string(model, text_names[i], texts[random_below(random, COUNT(texts))]);
}

/* In its own memory, of its exact size. */
static void any_tensor(struct random *random, struct arena *arena, struct tensor *tensor)
{
    static const enum element_type types[] = {ELEMENT_F32, ELEMENT_F32, ELEMENT_F32, ELEMENT_I64,
                                              ELEMENT_I64, ELEMENT_U8,  ELEMENT_I8,  ELEMENT_F16,
                                              ELEMENT_F64, ELEMENT_I32};
    size_t count;
    tensor->type = types[random_below(random, COUNT(types))];
    tensor->shape.rank = (int)random_below(random, 6);
    for (int i = 0; i < tensor->shape.rank; i++)
        tensor->shape.dim[i] =
            (int64_t)random_below(random, 16) ? 1 + (int64_t)random_below(random, 4) : 0;
    count = (size_t)shape_count(&tensor->shape);
    tensor->data = arena_alloc(arena, count, element_size(tensor->type));
    for (size_t i = 0; i < count && tensor->data; i++)
        if (tensor->type == ELEMENT_I64)
            ((int64_t *)tensor->data)[i] = any_int(random);
        else if (tensor->type == ELEMENT_F32)
            ((float *)tensor->data)[i] = (float)any_int(random) / 2;
        else
            ((unsigned char *)tensor->data)[i * element_size(tensor->type)] =
                (unsigned char)random_below(random, 4);
}

/* Where AddressSanitizer watches: memory of malloc, not of an arena. */
static void watch(void **data, size_t bytes)
{
    void *own = malloc(bytes ? bytes : 1);
    if (own && *data && bytes)
        memcpy(own, *data, bytes);
    *data = own;
}

/* One call; 1 when it ran. */
static int call_once(const struct op *op, struct random *random)
{
    struct model *model = model_new();
    struct tensor in[INPUTS_MAX] = {{0}}, out[3] = {{0}};
    const struct tensor *given[INPUTS_MAX];
    unsigned char wanted[3] = {1, 1, 1};
    struct op_call call = {.in = given, .out = out, .wanted = wanted};
    enum status status;
    int fits = 1, known = random_below(random, 4) != 0;
    model_add_node(model, op->name, "", NULL, 0, NULL, 0);
    any_attributes(random, model);
    call.node = &model->nodes[0];
    call.opset = 6 + (int64_t)random_below(random, 22);
    call.in_count =
        random_below(random, 8) ? random_below(random, 4) : random_below(random, INPUTS_MAX);
    call.out_count = random_below(random, 4) ? 1 : random_below(random, 4);
    for (size_t i = 0; i < call.in_count; i++) {
        any_tensor(random, model->arena, &in[i]);
        if (i && random_below(random, 2)) /* more often what fits */
            in[i].type = in[0].type == ELEMENT_F32 ? ELEMENT_F32 : in[i].type;
        watch(&in[i].data, (size_t)shape_bytes(&in[i].shape, in[i].type));
        given[i] = random_below(random, 16) ? &in[i] : NULL;
    }
    if (!known)
        for (size_t i = 0; i < call.in_count; i++) {
            free(in[i].data);
            in[i].data = NULL;
        }
    status = op->infer(&call, NULL);
    for (size_t i = 0; status == STATUS_OK && i < call.out_count; i++) {
        int64_t count = shape_count(&out[i].shape);
        fits &= count >= 0 && count <= ELEMENTS_MAX;
    }
    fits &= status == STATUS_OK && known;
    if (fits) {
        for (size_t i = 0; i < call.out_count; i++)
            watch(&out[i].data, (size_t)shape_bytes(&out[i].shape, out[i].type));
        call.scratch = model->arena;
        op->run(&call, NULL);
        for (size_t i = 0; i < call.out_count; i++)
            free(out[i].data);
    }
    for (size_t i = 0; i < call.in_count; i++)
        free(in[i].data);
    model_free(model);
    return fits;
}

/* What each operator says of its shape when the second input's value is not known. */
static void test_unknown(void)
{
    static const char *const names[] = {"Reshape", "Expand", "Tile", "Slice", "Pad", "Squeeze"};
    struct model *model = model_new();
    for (size_t i = 0; i < COUNT(names); i++) {
        struct tensor data = {ELEMENT_F32, {2, {1, 2}}, NULL}, list = {ELEMENT_I64, {1, {2}}, NULL};
        const struct tensor *given[] = {&data, &list, &list};
        struct tensor out = {0};
        struct error err = {0};
        struct op_call call = {
            .opset = 13, .in = given, .in_count = 2, .out = &out, .out_count = 1};
        model_add_node(model, names[i], "", NULL, 0, NULL, 0);
        call.node = &model->nodes[model->node_count - 1];
        call.in_count = strcmp(names[i], "Slice") == 0 ? 3 : 2;
        same_int(op_find(names[i])->infer(&call, &err), STATUS_END, names[i]);
    }
    model_free(model);
}

int main(void)
{
    struct random random;
    random_seed(&random, 6);
    for (size_t i = 0; op_at(i); i++) {
        int ran = 0;
        for (int k = 0; k < CALLS; k++)
            ran += call_once(op_at(i), &random);
        ok(1, "%s: %d of %d random nodes ran", op_at(i)->name, ran, CALLS);
        if (i)
            ok(strcmp(op_at(i - 1)->name, op_at(i)->name) < 0, "the table is in order");
    }
    test_unknown();
    return tap_done();
}
