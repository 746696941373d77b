/* Every operator on small tensors: what ONNX Runtime gave (tests/nn/ops_golden.txt, made by
 * tests/conformance/make_goldens.py) against nn/ops and against the engine. A line is
 *
 *     case OPERATOR OPSET
 *     attr int|float|string NAME VALUE, attr ints NAME VALUE..., attr tensor NAME TENSOR
 *     in TENSOR       TENSOR is TYPE SHAPE ELEMENT..., or - for one left out
 *     out TENSOR
 */
#include "nn/net.h"
#include "tests/nn/interpret.h"
#include "tests/tap.h"

#include "base/io.h"

enum { VALUES_MAX = 16 };
static const double RTOL = 1e-4, ATOL = 1e-5;

struct golden {
    struct model *model;
    int64_t opset;
    char op[64];
    int line; /* of "case" */
    size_t input_count, output_count, asked;
    int inputs[VALUES_MAX], outputs[VALUES_MAX];
    struct tensor fed[VALUES_MAX], expected[VALUES_MAX];
    size_t fed_count;
};

static void put_number(struct tensor *tensor, int64_t i, double value)
{
    switch (tensor->type) {
    case ELEMENT_U8:
        ((uint8_t *)tensor->data)[i] = (uint8_t)value;
        break;
    case ELEMENT_I8:
        ((int8_t *)tensor->data)[i] = (int8_t)value;
        break;
    case ELEMENT_I32:
        ((int32_t *)tensor->data)[i] = (int32_t)value;
        break;
    case ELEMENT_I64:
        ((int64_t *)tensor->data)[i] = (int64_t)value;
        break;
    case ELEMENT_F16:
        ((uint16_t *)tensor->data)[i] = f32_to_f16((float)value);
        break;
    case ELEMENT_F32:
        ((float *)tensor->data)[i] = (float)value;
        break;
    default:
        ((double *)tensor->data)[i] = value;
    }
}

/* "f32 2x3 1 2 ...", in the model's arena; 0 for "-". Cuts the text up. */
static int parse_tensor(struct arena *arena, char *text, struct tensor *tensor)
{
    char *save, *type = strtok_r(text, " ", &save), *shape = strtok_r(NULL, " ", &save), *word;
    int64_t count;
    if (!type || strcmp(type, "-") == 0)
        return 0;
    memset(tensor, 0, sizeof *tensor);
    tensor->type = strcmp(type, "bool") == 0 ? ELEMENT_U8 : element_parse(type);
    for (word = shape; word && strcmp(shape, "scalar") != 0 && *word; word += strspn(word, "x"))
        tensor->shape.dim[tensor->shape.rank++] = strtoll(word, &word, 10);
    count = shape_count(&tensor->shape);
    tensor->data = arena_alloc(arena, (size_t)count, element_size(tensor->type));
    for (int64_t i = 0; i < count; i++) {
        word = strtok_r(NULL, " ", &save);
        put_number(tensor, i, word ? strtod(word, NULL) : 0);
    }
    return 1;
}

/* The node's inputs and outputs are known only at its end: until then attributes wait in a node of
 * the model that has none. */
static void read_attribute(struct golden *golden, char *text)
{
    char *save, *type = strtok_r(text, " ", &save), *name = strtok_r(NULL, " ", &save);
    int64_t ints[VALUES_MAX];
    size_t count = 0;
    struct tensor tensor;
    char *word;
    if (strcmp(type, "tensor") == 0) {
        parse_tensor(golden->model->arena, save, &tensor);
        model_attribute_tensor(golden->model, name, &tensor);
    } else if (strcmp(type, "ints") == 0) {
        while ((word = strtok_r(NULL, " ", &save)) && count < VALUES_MAX)
            ints[count++] = strtoll(word, NULL, 10);
        model_attribute_ints(golden->model, name, ints, count);
    } else if (strcmp(type, "int") == 0) {
        model_attribute_int(golden->model, name, strtoll(save, NULL, 10));
    } else if (strcmp(type, "float") == 0) {
        model_attribute_float(golden->model, name, strtof(save, NULL));
    } else {
        model_attribute_string(golden->model, name, save);
    }
}

static void read_input(struct golden *golden, char *text)
{
    struct tensor *tensor = &golden->fed[golden->fed_count];
    char name[32];
    int value = -1;
    if (parse_tensor(golden->model->arena, text, tensor)) {
        snprintf(name, sizeof name, "x%zu", golden->input_count);
        value = model_add_input(golden->model, name, tensor->type, &tensor->shape);
        golden->fed_count++;
    }
    golden->inputs[golden->input_count++] = value;
}

static void read_output(struct golden *golden, char *text)
{
    char name[32];
    int value = -1;
    if (parse_tensor(golden->model->arena, text, &golden->expected[golden->asked])) {
        snprintf(name, sizeof name, "y%zu", golden->output_count);
        value = model_add_value(golden->model, name);
        model_add_output(golden->model, value);
        golden->asked++;
    }
    golden->outputs[golden->output_count++] = value;
}

static void compare(const struct golden *golden, enum status status, const struct tensor *got,
                    const char *who, const struct error *err)
{
    char why[ERROR_TEXT];
    int same = status == STATUS_OK;
    snprintf(why, sizeof why, "%s", err->text);
    for (size_t i = 0; same && i < golden->asked; i++)
        same = interpret_same(&got[i], &golden->expected[i], RTOL, ATOL, why);
    if (!ok(same, "%s %d (line %d), %s", golden->op, (int)golden->opset, golden->line, who))
        printf("#   %s\n", why);
}

/* Fed: the inputs come with the run. Constant: they are in the model, so that the engine folds the
 * node away. */
static void run_engine(struct golden *golden, int constant)
{
    struct net_options options = {0};
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor got[VALUES_MAX];
    struct error err = {0};
    size_t inputs = golden->model->input_count;
    enum status status;
    for (size_t i = 0; constant && i < inputs; i++)
        golden->model->values[golden->model->inputs[i]].constant = &golden->fed[i];
    if (constant)
        golden->model->input_count = 0;
    status = net_new(golden->model, &options, &net, &err);
    if (status == STATUS_OK)
        status = session_new(net, &session, &err);
    if (status == STATUS_OK)
        status = session_run(session, golden->fed, constant ? 0 : inputs, got, &err);
    compare(golden, status, got, constant ? "engine, constants" : "engine", &err);
    session_free(session);
    net_free(net);
}

static void run_golden(struct golden *golden)
{
    struct node *node = &golden->model->nodes[0];
    struct tensor got[VALUES_MAX];
    struct error err = {0};
    enum status status;
    node->inputs = golden->inputs;
    node->input_count = golden->input_count;
    node->outputs = golden->outputs;
    node->output_count = golden->output_count;
    for (size_t i = 0; i < golden->output_count; i++)
        if (golden->outputs[i] >= 0)
            golden->model->values[golden->outputs[i]].producer = 0;
    status = interpret(golden->model, golden->fed, got, golden->model->arena, &err);
    compare(golden, status, got, "reference", &err);
    run_engine(golden, 0);
    run_engine(golden, 1);
    model_free(golden->model);
}

static void begin(struct golden *golden, const char *text, int line)
{
    const char *space = strchr(text, ' ');
    memset(golden, 0, sizeof *golden);
    golden->line = line;
    snprintf(golden->op, sizeof golden->op, "%.*s", (int)(space - text), text);
    golden->opset = strtoll(space, NULL, 10);
    golden->model = model_new();
    golden->model->opset = golden->opset;
    model_add_node(golden->model, golden->op, "the_node", NULL, 0, NULL, 0);
}

/* Is there a case for every operator? */
static void check_covered(const unsigned char *seen)
{
    size_t i;
    for (i = 0; op_at(i); i++)
        if (!seen[i])
            ok(0, "a case for %s", op_at(i)->name);
    ok(i > 100 && i < 256, "%zu operators", i);
}

int main(void)
{
    const char *source = getenv("SRCDIR");
    char path[4096], *text, *save, *line;
    unsigned char seen[256] = {0};
    struct golden golden = {0};
    struct error err = {0};
    size_t size;
    int number = 0;
    snprintf(path, sizeof path, "%s/tests/nn/ops_golden.txt", source ? source : ".");
    if (!ok(io_slurp(path, 1 << 24, &text, &size, &err) == STATUS_OK, "the cases: %s", err.text))
        return tap_done();
    for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        number++;
        if (strncmp(line, "case ", 5) == 0) {
            if (golden.model)
                run_golden(&golden);
            begin(&golden, line + 5, number);
            for (size_t i = 0; op_at(i) && i < sizeof seen; i++)
                seen[i] |= strcmp(op_at(i)->name, golden.op) == 0;
        } else if (strncmp(line, "attr ", 5) == 0) {
            read_attribute(&golden, line + 5);
        } else if (strncmp(line, "in ", 3) == 0) {
            read_input(&golden, line + 3);
        } else if (strncmp(line, "out ", 4) == 0) {
            read_output(&golden, line + 4);
        }
    }
    if (golden.model)
        run_golden(&golden);
    check_covered(seen);
    free(text);
    return tap_done();
}
