/* The ONNX reader and writer. What would break: a model of another program misread, a damaged or
 * hostile one that crashes or takes all memory, external data that leads out of the folder, a
 * written model that changes. */
#include "nn/onnx.h"
#include "nn/onnx_internal.h"
#include "nn/ops/op.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- making files by hand
 * -------------------------------------------------------------------------- */

static void put(struct buffer *out, uint64_t number, struct buffer *message)
{
    protobuf_put_bytes(out, number, message->data, message->size, NULL);
    buffer_free(message);
}

/* A tensor of f32 in raw_data, the dims given. */
static struct buffer tensor_of(const char *name, const int64_t *dims, int rank, int64_t type,
                               size_t bytes)
{
    struct buffer tensor = {0};
    static const unsigned char zeros[64];
    for (int i = 0; i < rank; i++)
        protobuf_put_int(&tensor, TENSOR_DIMS, dims[i], NULL);
    protobuf_put_int(&tensor, TENSOR_DATA_TYPE, type, NULL);
    protobuf_put_text(&tensor, TENSOR_NAME, name, NULL);
    if (bytes)
        protobuf_put_bytes(&tensor, TENSOR_RAW_DATA, zeros, bytes, NULL);
    return tensor;
}

static struct buffer node_of(const char *op, const char *domain, const char *in, const char *out)
{
    struct buffer node = {0};
    protobuf_put_text(&node, NODE_INPUT, in, NULL);
    protobuf_put_text(&node, NODE_OUTPUT, out, NULL);
    protobuf_put_text(&node, NODE_NAME, "the_node", NULL);
    protobuf_put_text(&node, NODE_OP_TYPE, op, NULL);
    if (domain)
        protobuf_put_text(&node, NODE_DOMAIN, domain, NULL);
    return node;
}

/* A value with a name and no type. */
static struct buffer value_of(const char *name)
{
    struct buffer value = {0};
    protobuf_put_text(&value, VALUE_NAME, name, NULL);
    return value;
}

/* The model around a graph, which is freed. */
static struct buffer model_of(struct buffer *graph, int64_t ir, int64_t opset)
{
    struct buffer model = {0}, import = {0};
    protobuf_put_int(&model, MODEL_IR_VERSION, ir, NULL);
    protobuf_put_int(&import, OPSET_VERSION, opset, NULL);
    put(&model, MODEL_OPSET_IMPORT, &import);
    put(&model, MODEL_GRAPH, graph);
    return model;
}

/* Parsing must fail with a text that has this in it. */
static void refused(struct buffer *bytes, const char *text, const char *what)
{
    struct model *model = NULL;
    struct error err = {0};
    enum status status = onnx_parse(bytes->data, bytes->size, &model, &err);
    if (!ok(status == STATUS_DAMAGED && strstr(err.text, text), "%s", what))
        printf("#   status %d: %s\n", status, err.text);
    model_free(model);
    buffer_free(bytes);
}

static void refused_tensor(struct buffer tensor, const char *text, const char *what)
{
    struct buffer graph = {0}, model;
    put(&graph, GRAPH_INITIALIZER, &tensor);
    model = model_of(&graph, 8, 17);
    refused(&model, text, what);
}

/* --- a small model of ours
 * ------------------------------------------------------------------------- */

static struct model *small_model(void)
{
    struct model *model = model_new();
    static const float numbers[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const int64_t ints[] = {1, -8};
    struct shape in = {4, {-1, 2, 4, 4}}, weight_shape = {4, {2, 2, 1, 2}}, list = {1, {2}};
    struct tensor weight = {ELEMENT_F32, weight_shape, (void *)(uintptr_t)numbers};
    struct tensor to = {ELEMENT_I64, list, (void *)(uintptr_t)ints};
    const int64_t pads[] = {0, 0, 0, 1};
    int x = model_add_input(model, "x", ELEMENT_F32, &in);
    int conv[2] = {x, model_add_constant(model, "w", &weight)};
    int y = model_add_value(model, "y"), z = model_add_value(model, "z"), shape[2] = {y, 0};
    model_add_node(model, "Conv", "conv", conv, 2, &y, 1);
    model_attribute_ints(model, "pads", pads, 4);
    model_attribute_string(model, "auto_pad", "NOTSET");
    shape[1] = model_add_constant(model, "to", &to);
    model_add_node(model, "Reshape", "", shape, 2, &z, 1);
    model_attribute_int(model, "allowzero", 0);
    model_attribute_float(model, "unused", 0.5F);
    model_attribute_tensor(model, "tensor", &to);
    model_add_output(model, z);
    model_set_metadata(model, MODEL_LABELS, "cat\ndog");
    return model;
}

static void test_round_trip(void)
{
    struct model *model = small_model(), *again = NULL;
    struct buffer bytes = {0}, second = {0};
    struct error err = {0};
    const struct tensor *weight;
    int index;
    size_t count;
    same_int(onnx_encode(model, &bytes, &err), STATUS_OK, "a model is written");
    if (!ok(onnx_parse(bytes.data, bytes.size, &again, &err) == STATUS_OK, "and read: %s",
            err.text))
        return;
    onnx_encode(again, &second, &err);
    ok(bytes.size == second.size && memcmp(bytes.data, second.data, bytes.size) == 0,
       "writing what was read gives the same bytes");
    same_text(model_get_metadata(again, MODEL_LABELS), "cat\ndog", "metadata");
    same_int((int)again->node_count, 2, "nodes");
    same_int((int)again->input_count, 1, "inputs: constants are none");
    same_int(again->values[again->inputs[0]].shape.dim[0], -1, "the open dimension");
    same_int(node_ints(&again->nodes[0], "pads", &count)[3], 1, "a list attribute");
    same_int((int)count, 4, "its length");
    same_text(node_string(&again->nodes[0], "auto_pad", ""), "NOTSET", "a string attribute");
    near((double)node_float(&again->nodes[1], "unused", 0), 0.5, 0, "a float attribute");
    same_int(((const int64_t *)node_attribute(&again->nodes[1], "tensor")->tensor->data)[1], -8,
             "a tensor attribute");
    same_int(again->values[model_find_value(again, "z")].producer, 1, "who makes a value");
    index = model_find_value(again, "w");
    weight = index < 0 ? NULL : again->values[index].constant;
    ok(weight && (unsigned char *)weight->data > bytes.data &&
           (unsigned char *)weight->data < bytes.data + bytes.size,
       "a written constant is aligned, so it is used in place");
    near((double)((const float *)weight->data)[7], 8, 0, "its last element");
    buffer_free(&bytes);
    buffer_free(&second);
    model_free(model);
    model_free(again);
}

/* --- damage
 * ---------------------------------------------------------------------------------------- */

static void test_damage(void)
{
    struct model *model = small_model();
    struct buffer bytes = {0}, scratch = {0};
    int sound = 0, silent = 0;
    onnx_encode(model, &bytes, NULL);
    model_free(model);
    for (size_t size = 0; size < bytes.size; size++) {
        /* Fresh memory of that very size, so that AddressSanitizer sees a step too far. */
        unsigned char *part = memory_aligned(size);
        struct error err = {0};
        memcpy(part, bytes.data, size);
        model = NULL;
        if (onnx_parse(part, size, &model, &err) == STATUS_OK)
            sound++;
        else
            silent += err.text[0] == '\0';
        model_free(model);
        free(part);
    }
    same_int(sound, 0, "cut at any byte, it is not a model");
    for (size_t i = 0; i < bytes.size * 8; i++) {
        struct error err = {0};
        model = NULL;
        bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
        if (onnx_parse(bytes.data, bytes.size, &model, &err) == STATUS_OK) {
            buffer_clear(&scratch);
            onnx_encode(model, &scratch, &err); /* what was read can be gone through */
        } else {
            silent += err.text[0] == '\0';
        }
        model_free(model);
        bytes.data[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    same_int(silent, 0, "every refusal says why");
    buffer_free(&bytes);
    buffer_free(&scratch);
}

static void test_hostile_tensors(void)
{
    const int64_t huge[] = {INT64_C(1) << 40, INT64_C(1) << 40}, negative[] = {-1},
                  billion[] = {1000000000}, three[] = {3}, nine[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct buffer tensor;
    refused_tensor(tensor_of("t", huge, 2, ONNX_FLOAT, 0), "too large", "dimensions that overflow");
    refused_tensor(tensor_of("t", negative, 1, ONNX_FLOAT, 4), "dimension of -1",
                   "a negative dimension");
    refused_tensor(tensor_of("t", billion, 1, ONNX_FLOAT, 0), "0 elements of data",
                   "a billion elements without data");
    refused_tensor(tensor_of("t", billion, 1, ONNX_FLOAT, 12), "12 bytes of data",
                   "a billion elements in 12 bytes");
    refused_tensor(tensor_of("t", nine, 9, ONNX_FLOAT, 4), "more than 8", "nine dimensions");
    refused_tensor(tensor_of("t", three, 1, ONNX_STRING, 12), "ONNX type 8", "strings");
    refused_tensor(tensor_of("t", three, 1, 13, 24), "ONNX type 13", "an unsupported type");
    refused_tensor(tensor_of("", three, 1, ONNX_FLOAT, 12), "without a name", "no name");
    tensor = tensor_of("t", three, 1, ONNX_FLOAT, 12);
    protobuf_put_float(&tensor, TENSOR_FLOAT_DATA, 1, NULL);
    refused_tensor(tensor, "in two places", "data in two places");
    tensor = tensor_of("t", three, 1, ONNX_FLOAT, 12);
    protobuf_put_text(&tensor, TENSOR_SEGMENT, "", NULL);
    refused_tensor(tensor, "segments", "a segment");
    tensor = tensor_of("t", three, 0, ONNX_INT8, 0);
    protobuf_put_int(&tensor, TENSOR_INT32_DATA, 300, NULL);
    refused_tensor(tensor, "an element is 300", "a number that its type cannot hold");
    tensor = tensor_of("t", three, 0, ONNX_FLOAT, 0);
    protobuf_put_int(&tensor, TENSOR_FLOAT_DATA, 1, NULL);
    refused_tensor(tensor, "is of kind 0", "a list of the wrong kind");
    tensor = tensor_of("t", three, 1, ONNX_FLOAT, 0);
    protobuf_put_int(&tensor, TENSOR_DATA_LOCATION, 1, NULL);
    refused_tensor(tensor, "without a location", "external data nowhere");
    tensor = tensor_of("t", three, 1, ONNX_FLOAT, 0);
    protobuf_put_bytes(&tensor, TENSOR_NAME, "a\0b", 3, NULL);
    refused_tensor(tensor, "NUL byte", "a NUL in a name");
}

/* A graph of one node, and perhaps one more message in it. */
static void refused_node(struct buffer node, uint64_t field, struct buffer more, const char *text,
                         const char *what)
{
    struct buffer graph = {0}, model, input = value_of("x");
    put(&graph, GRAPH_INPUT, &input);
    put(&graph, GRAPH_NODE, &node);
    if (field)
        put(&graph, field, &more);
    model = model_of(&graph, 8, 17);
    refused(&model, text, what);
}

static void test_hostile_graphs(void)
{
    struct buffer none = {0}, node, graph = {0}, model, function = {0};
    refused_node(node_of("Relu", NULL, "nowhere", "y"), 0, none, "'nowhere' is made by nothing",
                 "an input that nothing makes");
    refused_node(node_of("Relu", NULL, "y", "y"), 0, none, "'y' is made by nothing",
                 "a node that reads its own result");
    refused_node(node_of("Relu", NULL, "x", "x"), 0, none, "two values are called 'x'",
                 "a result that is there already");
    refused_node(node_of("Relu", NULL, "x", "y"), GRAPH_NODE, node_of("Abs", NULL, "x", "y"),
                 "two values are called 'y'", "two nodes with one result");
    refused_node(node_of("", NULL, "x", "y"), 0, none, "no operator", "a node without operator");
    refused_node(node_of("Relu", NULL, "x", "y"), GRAPH_OUTPUT, value_of("z"),
                 "nothing makes the output 'z'", "an output that nothing makes");
    refused_node(node_of("Relu", NULL, "x", "y"), GRAPH_SPARSE_INITIALIZER, value_of("s"), "sparse",
                 "a sparse initializer");
    /* The result stands before the input in the message: still its own. */
    node = (struct buffer){0};
    protobuf_put_text(&node, NODE_OUTPUT, "y", NULL);
    protobuf_put_text(&node, NODE_INPUT, "y", NULL);
    protobuf_put_text(&node, NODE_OP_TYPE, "Relu", NULL);
    refused_node(node, 0, none, "'y' is made by nothing", "its own result, the other way round");
    model = model_of(&graph, 2, 17);
    refused(&model, "IR version 2", "an IR version too old");
    model = model_of(&graph, 8, 5);
    refused(&model, "opset 5", "an opset too old");
    model = model_of(&graph, 8, 99);
    refused(&model, "opset 99", "an opset too new");
    model = model_of(&graph, 8, 17);
    put(&model, MODEL_GRAPH, &graph);
    refused(&model, "more than one graph", "two graphs");
    model = model_of(&graph, 8, 17);
    protobuf_put_text(&function, FUNCTION_NAME, "Relu", NULL);
    put(&model, MODEL_FUNCTIONS, &function);
    refused(&model, "redefines operator Relu", "a function in ONNX's own domain");
    model = (struct buffer){0};
    refused(&model, "no graph", "an empty file");
    buffer_text(&model, "\x89PNG\r\n\x1a\nfollowed by a picture", NULL);
    refused(&model, "not an ONNX", "a picture");
}

/* --- what is sound
 * ----------------------------------------------------------------------------------- */

/* Each type, in its list and in raw_data: the numbers 1, 2, 3. */
static void test_encodings(void)
{
    static const struct {
        int64_t type;
        int field;
        enum element_type element;
        uint64_t numbers[3];
    } cases[] = {
        {ONNX_FLOAT, TENSOR_FLOAT_DATA, ELEMENT_F32, {0x3f800000, 0x40000000, 0x40400000}},
        {ONNX_DOUBLE,
         TENSOR_DOUBLE_DATA,
         ELEMENT_F64,
         {0x3ff0000000000000, 0x4000000000000000, 0x4008000000000000}},
        {ONNX_FLOAT16, TENSOR_INT32_DATA, ELEMENT_F16, {0x3c00, 0x4000, 0x4200}},
        {ONNX_BFLOAT16, TENSOR_INT32_DATA, ELEMENT_BF16, {0x3f80, 0x4000, 0x4040}},
        {ONNX_UINT8, TENSOR_INT32_DATA, ELEMENT_U8, {1, 2, 255}},
        {ONNX_INT8, TENSOR_INT32_DATA, ELEMENT_I8, {1, 2, (uint64_t)-3}},
        {ONNX_UINT16, TENSOR_INT32_DATA, ELEMENT_U16, {1, 2, 65535}},
        {ONNX_INT16, TENSOR_INT32_DATA, ELEMENT_I16, {1, 2, (uint64_t)-3}},
        {ONNX_INT32, TENSOR_INT32_DATA, ELEMENT_I32, {1, 2, (uint64_t)-3}},
        {ONNX_INT64, TENSOR_INT64_DATA, ELEMENT_I64, {1, 2, (uint64_t)-3}},
        {ONNX_BOOL, TENSOR_INT32_DATA, ELEMENT_U8, {1, 0, 1}},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int packed = 0; packed < 3; packed++) {
            struct buffer tensor = {0}, list = {0};
            struct tensor got = {0};
            struct error err = {0};
            size_t size = element_size(cases[i].element);
            int is_float = cases[i].field == TENSOR_FLOAT_DATA, same = 1;
            int is_double = cases[i].field == TENSOR_DOUBLE_DATA;
            protobuf_put_int(&tensor, TENSOR_DIMS, 3, NULL);
            protobuf_put_int(&tensor, TENSOR_DATA_TYPE, cases[i].type, NULL);
            for (int k = 0; k < 3; k++) {
                uint64_t number = cases[i].numbers[k];
                enum protobuf_type wire = is_float    ? PROTOBUF_FIXED32
                                          : is_double ? PROTOBUF_FIXED64
                                                      : PROTOBUF_VARINT;
                if (packed == 0)
                    protobuf_put_tag(&tensor, (uint64_t)cases[i].field, wire, NULL);
                if (packed == 2 || wire != PROTOBUF_VARINT)
                    buffer_append(packed ? &list : &tensor, &number,
                                  packed == 2 ? size : (is_float ? 4 : 8), NULL);
                else
                    protobuf_put_varint(packed ? &list : &tensor, number, 0, NULL);
            }
            if (packed)
                put(&tensor, packed == 2 ? TENSOR_RAW_DATA : (uint64_t)cases[i].field, &list);
            same &= onnx_parse_tensor(tensor.data, tensor.size, arena, &got, &err) == STATUS_OK;
            for (size_t k = 0; same && k < 3; k++)
                same &= memcmp((const char *)got.data + k * size, &cases[i].numbers[k], size) == 0;
            ok(same && got.type == cases[i].element, "%s of ONNX type %d %s: %s",
               element_name(cases[i].element), (int)cases[i].type,
               packed == 0   ? "one by one"
               : packed == 1 ? "in a packed list"
                             : "as raw data",
               err.text);
            buffer_free(&tensor);
        }
    arena_free(arena);
}

static void test_old_and_foreign(void)
{
    const int64_t three[] = {3};
    struct buffer graph = {0}, bytes, tensor = tensor_of("w", three, 1, ONNX_FLOAT, 12);
    struct buffer input = value_of("w"), node = node_of("Fancy", "com.example", "w", "y");
    struct model *model = NULL;
    const struct op *op;
    struct error err = {0};
    put(&graph, GRAPH_INITIALIZER, &tensor);
    put(&graph, GRAPH_INPUT, &input);
    put(&graph, GRAPH_NODE, &node);
    bytes = model_of(&graph, 3, 9);
    if (ok(onnx_parse(bytes.data, bytes.size, &model, &err) == STATUS_OK,
           "an operator of another domain can be read: %s", err.text)) {
        same_int((int)model->input_count, 0, "IR 3: a constant among the inputs is none of them");
        same_int(op_of_node(&model->nodes[0], &op, &err), STATUS_FAILED, "but it is not run");
        ok(strstr(err.text, "the_node") && strstr(err.text, "Fancy") &&
               strstr(err.text, "com.example"),
           "and node, operator and domain are named: %s", err.text);
    }
    model_free(model);
    buffer_free(&bytes);
}

/* A chain of many nodes takes time in proportion, not squared. */
static void test_many_names(void)
{
    enum { NODES = 100000 };
    struct buffer graph = {0}, bytes;
    struct model *model = NULL;
    struct error err = {0};
    struct buffer input = value_of("0");
    put(&graph, GRAPH_INPUT, &input);
    for (int i = 0; i < NODES; i++) {
        char from[16], to[16];
        struct buffer node;
        snprintf(from, sizeof from, "%d", i);
        snprintf(to, sizeof to, "%d", i + 1);
        node = node_of("Relu", NULL, from, to);
        put(&graph, GRAPH_NODE, &node);
    }
    bytes = model_of(&graph, 8, 17);
    same_int(onnx_parse(bytes.data, bytes.size, &model, &err), STATUS_OK, "100,000 nodes");
    model_free(model);
    buffer_free(&bytes);
}

/* --- external data
 * ------------------------------------------------------------------------------------- */

static void write_file(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
        ok(0, "cannot write %s", path);
    close(fd);
}

static void put_entry(struct buffer *tensor, const char *key, const char *value)
{
    struct buffer entry = {0};
    protobuf_put_text(&entry, ENTRY_KEY, key, NULL);
    protobuf_put_text(&entry, ENTRY_VALUE, value, NULL);
    put(tensor, TENSOR_EXTERNAL_DATA, &entry);
}

/* Loads a model in the current folder whose one constant is at `location`. NULL text: must work. */
static void external(const char *location, const char *offset, const char *text, const char *what)
{
    const int64_t two[] = {2};
    struct buffer graph = {0}, bytes, tensor = tensor_of("w", two, 1, ONNX_FLOAT, 0);
    struct model *model = NULL;
    struct error err = {0};
    enum status status;
    protobuf_put_int(&tensor, TENSOR_DATA_LOCATION, 1, NULL);
    put_entry(&tensor, "location", location);
    put_entry(&tensor, "offset", offset);
    put_entry(&tensor, "length", "8");
    put(&graph, GRAPH_INITIALIZER, &tensor);
    bytes = model_of(&graph, 8, 17);
    write_file("m.onnx", bytes.data, bytes.size);
    status = onnx_load("m.onnx", &model, &err);
    if (!ok(text ? status != STATUS_OK && strstr(err.text, text) : status == STATUS_OK, "%s", what))
        printf("#   status %d: %s\n", status, err.text);
    if (status == STATUS_OK)
        near((double)((const float *)model->values[0].constant->data)[1], 2.5, 0, "its data");
    model_free(model);
    buffer_free(&bytes);
}

static void test_external(void)
{
    char folder[] = "/tmp/onnx_read_testXXXXXX";
    static const float data[] = {0, 0, 1.5F, 2.5F};
    static const char *const names[] = {"m.onnx", "w.bin",  "sub/w.bin", "link",
                                        "hard",   "linked", "sub",       "fifo"};
    if (!mkdtemp(folder) || chdir(folder) != 0 || mkdir("sub", 0777) != 0) {
        ok(0, "a scratch folder");
        return;
    }
    write_file("w.bin", data, sizeof data);
    write_file("sub/w.bin", data, sizeof data);
    external("w.bin", "8", NULL, "external data beside the model");
    external("sub/w.bin", "8", NULL, "in a folder below");
    external("w.bin", "12", "has 16 bytes", "beyond its end");
    external("w.bin", "-8", "no number", "a negative offset");
    external("w.bin", "9999999999999999999999", "no number", "a huge offset");
    external("gone.bin", "8", "No such file", "that is not there");
    external("../w.bin", "8", "leads out", "above the folder");
    external("sub/../w.bin", "8", "leads out", "up and down");
    external("/etc/passwd", "8", "leads out", "an absolute name");
    external("", "8", "leads out", "no name");
    external("sub", "8", "no plain file", "a folder");
    if (symlink("w.bin", "link") == 0)
        external("link", "8", "link", "a symbolic link");
    if (symlink("sub", "linked") == 0)
        external("linked/w.bin", "8", "external data", "a symbolic link on the way");
    if (mkfifo("fifo", 0666) == 0)
        external("fifo", "8", "no plain file", "a pipe");
    if (link("w.bin", "hard") == 0)
        external("hard", "8", "hard link", "a hard link");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        remove(names[i]);
    if (chdir("/") != 0 || rmdir(folder) != 0)
        ok(0, "cannot remove %s", folder);
}

static void test_files(void)
{
    struct model *model = NULL;
    struct error err = {0};
    same_int(onnx_load("/nowhere/m.onnx", &model, &err), STATUS_SYSTEM, "a file that is not there");
    ok(strstr(err.text, "/nowhere/m.onnx") != NULL, "is named: %s", err.text);
    ok(onnx_load("/", &model, &err) != STATUS_OK, "a folder is refused: %s", err.text);
    same_int(onnx_load("/dev/null", &model, &err), STATUS_DAMAGED, "an empty file");
}

int main(void)
{
    test_round_trip();
    test_damage();
    test_hostile_tensors();
    test_hostile_graphs();
    test_encodings();
    test_old_and_foreign();
    test_many_names();
    test_files();
    test_external();
    return tap_done();
}
