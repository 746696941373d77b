/* nn/model: a network as ONNX describes it: values, nodes, attributes, constants, metadata.
 *
 * nn/onnx.h reads and writes it; nn/net.h makes it ready to run; nn/train makes new ones.
 * Everything in a model lives in its arena, or in the mapped file that its constants point into,
 * and is freed with it.
 */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include "base/memory.h"
#include "base/tensor.h"

/* ONNX's types that the stream does not have are kept apart from enum element_type's numbers. */
struct attribute {
    const char *name;
    enum attribute_type {
        ATTRIBUTE_INT,
        ATTRIBUTE_FLOAT,
        ATTRIBUTE_STRING,
        ATTRIBUTE_INTS,
        ATTRIBUTE_FLOATS,
        ATTRIBUTE_STRINGS,
        ATTRIBUTE_TENSOR,
        ATTRIBUTE_OTHER /* a subgraph, a sparse tensor ...: there, but not read */
    } type;
    size_t count;               /* elements of a list; 1 for a single value; bytes of a string */
    const int64_t *ints;        /* INT, INTS */
    const float *floats;        /* FLOAT, FLOATS */
    const char *const *strings; /* STRING, STRINGS: NUL-terminated */
    const struct tensor *tensor;
    int is_bool; /* TENSOR: of ONNX BOOL */
};

struct node {
    const char *name;    /* "" where the file gives none */
    const char *op_type; /* "Conv" */
    const char *domain;  /* "" is ai.onnx */
    size_t input_count, output_count;
    int *inputs;  /* indices into model.values; -1: an optional input left out */
    int *outputs; /* likewise */
    size_t attribute_count;
    struct attribute *attributes;
};

/* A name in the graph: an input, an initializer, or what a node puts out. */
struct value {
    const char *name;
    int typed; /* type and shape below are declared (graph inputs and outputs, mostly) */
    enum element_type type;
    int is_bool;                   /* ONNX BOOL: type is ELEMENT_U8, elements 0 or 1 */
    struct shape shape;            /* dim -1: unknown or symbolic ("N") */
    const struct tensor *constant; /* an initializer's elements; else NULL */
    int producer; /* index of the node that puts it out; -1: input or initializer */
};

struct metadata {
    const char *key, *value;
};

/* Metadata keys of ours. */
#define MODEL_RECIPE "imgutils.recipe" /* how pictures become the input: lib/image/recipe.h */
#define MODEL_LABELS "imgutils.labels" /* class names, one a line, TSV-escaped (base/text.h) */
#define MODEL_LOSS                                                                                 \
    "imgutils.loss" /* what the outputs are: softmax (logits of classes) or sigmoid */
#define MODEL_SAMPLES                                                                              \
    "imgutils.samples" /* how many samples the weights have learned from, decimal */

/* A file in memory that constants point into: the model's own, or one of its external data. */
struct mapping {
    void *bytes;
    size_t size;
    int is_mapped;    /* by mmap(); else by malloc() */
    const char *name; /* external data: as the model calls it; NULL: the model itself */
    struct mapping *next;
};

struct model {
    struct arena *arena;
    struct mapping *mappings; /* NULL for a model made in memory */
    int64_t ir_version;
    int64_t opset; /* of the default domain */
    const char *producer, *graph_name;
    size_t value_count, node_count, input_count, output_count, metadata_count;
    struct value *values;
    struct node *nodes; /* in the file's order, which the reader has checked to be topological */
    int *inputs;        /* indices into values; initializers (IR < 4) are not among them */
    int *outputs;
    struct metadata *metadata;
    /* Of model.c: values by name, an open-addressing hash table of indices + 1. */
    int *name_table;
    size_t name_table_size;
};

struct model *model_new(void); /* empty, with an arena; NULL when memory is short */
void model_free(struct model *model);
/* These bytes of a constant have been copied: where they lie in a mapped file, they need not stay
 * in memory. */
void model_unneeded(const struct model *model, const void *bytes, size_t size);

/* For those who build a model. Names and data are copied into the arena unless said otherwise.
 * Each returns an index, or -1 when memory is short. */
int model_add_value(struct model *model,
                    const char *name); /* or the value that has the name already */
/* A constant; `data` is copied. */
int model_add_constant(struct model *model, const char *name, const struct tensor *tensor);
int model_add_input(struct model *model, const char *name, enum element_type type,
                    const struct shape *shape);
int model_add_output(struct model *model, int value); /* returns the position among the outputs */
int model_add_node(struct model *model, const char *op_type, const char *name, const int *inputs,
                   size_t input_count, const int *outputs, size_t output_count);
/* Attributes of the node added last; 0, or -1 when memory is short. */
int model_attribute_ints(struct model *model, const char *name, const int64_t *ints, size_t count);
int model_attribute_int(struct model *model, const char *name, int64_t value);
int model_attribute_float(struct model *model, const char *name, float value);
int model_attribute_string(struct model *model, const char *name, const char *value);
int model_attribute_tensor(struct model *model, const char *name, const struct tensor *tensor);
int model_set_metadata(struct model *model, const char *key,
                       const char *value);                                  /* replaces; 0 or -1 */
const char *model_get_metadata(const struct model *model, const char *key); /* NULL: none */
/* MODEL_SAMPLES as a number, at most 2^53; -1: the model does not say it. */
int64_t model_samples(const struct model *model);

/* Index of the value of that name, or -1. */
int model_find_value(const struct model *model, const char *name);
/* What the node of that name puts out first, or else the value of that name; -1 when there is none.
 */
int model_find_output(const struct model *model, const char *name);
/* Marks in `nodes` the nodes that the marked values depend on, and in `values` all that these
 * nodes read. Constants depend on nothing, and `given` neither (-1: no such value). */
void model_needed(const struct model *model, int given, unsigned char *values,
                  unsigned char *nodes);

/* Attributes of a node, or the default where the node has none of that name and type. */
const struct attribute *node_attribute(const struct node *node, const char *name);
int64_t node_int(const struct node *node, const char *name, int64_t absent);
float node_float(const struct node *node, const char *name, float absent);
const char *node_string(const struct node *node, const char *name, const char *absent);
/* The list and its length; NULL and 0 when absent. */
const int64_t *node_ints(const struct node *node, const char *name, size_t *count);

#endif
