/* Inside nn/compose: nodes and values on their way from one model into another. */
#ifndef NN_COMPOSE_INTERNAL_H
#define NN_COMPOSE_INTERNAL_H

#include "nn/compose.h"
#include "nn/model_internal.h"

struct copying {
    const struct model *from;
    struct model *to;
    int *place; /* by value of `from`: which value of `to` it became; -1: none yet */
};

/* A name that no value of the model has: this one, or with _2, _3 ...; NULL when memory is short.
 */
const char *model_free_name(const struct model *model, const char *name);
/* compose_opset.c: the last node of `to`, which has its attributes but no inputs yet, in the words
 * of to's opset. *inputs: how many of the node's inputs are still its inputs. STATUS_FAILED: that
 * opset cannot say it. */
enum status opset_lower(struct copying *copying, const struct node *node, size_t *inputs,
                        struct error *err);

#endif
