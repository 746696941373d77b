/* What nn/model.c and the reader of ONNX files share: growing a model's lists. */
#ifndef NN_MODEL_INTERNAL_H
#define NN_MODEL_INTERNAL_H

#include "nn/model.h"

/* Room for one more after `count` elements in a list that lives in the arena: the list itself, or,
 * each time count is a power of two, a copy with twice the room. NULL when memory is short. */
void *list_grow(struct arena *arena, void *list, size_t count, size_t size);

/* A node without inputs, outputs and attributes; NULL when memory is short. */
struct node *model_append_node(struct model *model);
/* An attribute of that node, zeroed but for the name, which must live as long as the model. */
struct attribute *node_append_attribute(struct model *model, struct node *node, const char *name);
/* Does not look for the key first. 0 or -1. */
int model_append_metadata(struct model *model, const char *key, const char *value);
/* Makes the value a graph input; 0 or -1. */
int model_append_input(struct model *model, int value);
/* A copy in the arena; NULL when memory is short. */
struct tensor *tensor_copy(struct arena *arena, const struct tensor *tensor);

#endif
