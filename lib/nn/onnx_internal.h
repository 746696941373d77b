/* What the files of the ONNX reader and writer share: the numbers of onnx.proto, and the reading of
 * one tensor. */
#ifndef NN_ONNX_INTERNAL_H
#define NN_ONNX_INTERNAL_H

#include "base/protobuf.h"
#include "nn/model.h"

enum { ONNX_IR_FIRST = 3, ONNX_OPSET_FIRST = 6, ONNX_OPSET_LAST = 27 };

/* TensorProto.DataType, those that have an element type here. */
enum onnx_type {
    ONNX_FLOAT = 1,
    ONNX_UINT8 = 2,
    ONNX_INT8 = 3,
    ONNX_UINT16 = 4,
    ONNX_INT16 = 5,
    ONNX_INT32 = 6,
    ONNX_INT64 = 7,
    ONNX_STRING = 8,
    ONNX_BOOL = 9,
    ONNX_FLOAT16 = 10,
    ONNX_DOUBLE = 11,
    ONNX_BFLOAT16 = 16
};

/* ELEMENT_NONE for a type that is not supported. BOOL is ELEMENT_U8. */
enum element_type onnx_element_type(int64_t type);
enum onnx_type onnx_type_of(enum element_type type, int is_bool);

/* Field numbers of onnx.proto. */
enum { MODEL_IR_VERSION = 1, MODEL_PRODUCER_NAME = 2, MODEL_GRAPH = 7, MODEL_OPSET_IMPORT = 8 };
enum { MODEL_METADATA_PROPS = 14, MODEL_FUNCTIONS = 25 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2, FUNCTION_NAME = 1, FUNCTION_DOMAIN = 10 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { GRAPH_VALUE_INFO = 13, GRAPH_SPARSE_INITIALIZER = 15 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP_TYPE = 4, NODE_ATTRIBUTE = 5 };
enum { NODE_DOMAIN = 7 };
enum { ATTR_NAME = 1, ATTR_F = 2, ATTR_I = 3, ATTR_S = 4, ATTR_T = 5, ATTR_G = 6, ATTR_FLOATS = 7 };
enum { ATTR_INTS = 8, ATTR_STRINGS = 9, ATTR_TYPE = 20 };
enum {
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_TYPE_ELEM = 1,
    TENSOR_TYPE_SHAPE = 2
};
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_PARAM = 2 };
enum { TENSOR_DIMS = 1, TENSOR_DATA_TYPE = 2, TENSOR_SEGMENT = 3, TENSOR_FLOAT_DATA = 4 };
enum { TENSOR_INT32_DATA = 5, TENSOR_STRING_DATA = 6, TENSOR_INT64_DATA = 7, TENSOR_NAME = 8 };
enum { TENSOR_RAW_DATA = 9, TENSOR_DOUBLE_DATA = 10, TENSOR_UINT64_DATA = 11 };
enum { TENSOR_EXTERNAL_DATA = 13, TENSOR_DATA_LOCATION = 14 };
/* AttributeProto.AttributeType. */
enum onnx_attribute {
    ONNX_ATTR_FLOAT = 1,
    ONNX_ATTR_INT = 2,
    ONNX_ATTR_STRING = 3,
    ONNX_ATTR_TENSOR = 4,
    ONNX_ATTR_FLOATS = 6,
    ONNX_ATTR_INTS = 7,
    ONNX_ATTR_STRINGS = 8
};

/* Where tensors come from and go to. */
struct onnx_source {
    struct arena *arena;
    struct model *model; /* takes the mappings of external data; NULL: none may be read */
    const char *folder;  /* of the model; NULL: it is no file, so it has no external data */
};

/* The text of a string field, in the arena; STATUS_DAMAGED when it holds a NUL. */
enum status onnx_text(struct arena *arena, const struct protobuf_field *field, const char **text,
                      struct error *err);
enum status onnx_int(const struct protobuf_field *field, int64_t *value, struct error *err);

/* A TensorProto. data points into the file (or external data) where it is stored as it is needed.
 */
enum status onnx_read_tensor(const struct onnx_source *source, struct protobuf message,
                             struct tensor *tensor, const char **name, int *is_bool,
                             struct error *err);

/* The bytes [offset, offset + *size) of the external file `location`; *size -1 on entry: up to its
 * end. */
enum status onnx_external(const struct onnx_source *source, const char *location, int64_t offset,
                          int64_t *size, const unsigned char **bytes, struct error *err);
/* Maps an open regular file, or reads it when it cannot be mapped; the model frees it. */
enum status onnx_map(struct model *model, int fd, const char *name, struct mapping **mapping,
                     struct error *err);

#endif
