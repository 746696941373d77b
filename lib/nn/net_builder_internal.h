/* How a plan is built (net_plan*.c and net_builder.c only): values get shapes and places, nodes get
 * steps, in the order of the graph. Every function notes the first failure in builder.status and
 * does nothing sensible after it; indices that it then returns are 0, pointers NULL.
 *
 *   net_plan.c         the whole: inputs, each node, outputs
 *   net_plan_choose.c  which of the following a node gets
 *   net_plan_op.c      the reference
 *   net_plan_conv.c    convolutions, products, pooling
 *   net_plan_product.c  products of two sides that are made during the run
 *   net_plan_binary.c  two operands; residual additions
 *   net_plan_rows.c    scales, activations, softmax, normalisations, reductions
 *   net_plan_move.c    concatenations, reshapes, transpositions, padding
 *   net_plan_slice.c   slices of channels
 *   net_plan_shape.c   shapes, and values known before the run
 *   net_plan_layout.c  ONNX's layout or NHWC, and the conversions between them
 *   net_builder.c      the lists of places and steps
 */
#ifndef NN_NET_BUILDER_INTERNAL_H
#define NN_NET_BUILDER_INTERNAL_H

#include "nn/net_internal.h"

struct builder {
    const struct net *net;
    struct plan *plan;
    struct error *err;
    enum status status; /* the first that was not OK */
    size_t place_room, step_room;
    int node; /* being planned */
};

static inline struct plan_value *value_at(const struct builder *b, int value)
{
    return &b->plan->values[value];
}

static inline int is_f32(const struct builder *b, int value)
{
    return value >= 0 && value_at(b, value)->type == ELEMENT_F32;
}

static inline int is_picture(const struct builder *b, int value)
{
    return is_f32(b, value) && value_at(b, value)->shape.rank == 4;
}

/* ---- lists ---- */

/* Zeroed memory that lives as long as the plan. */
void *plan_alloc(struct builder *b, size_t count, size_t size);
int plan_add_place(struct builder *b, int64_t bytes);
/* The last step, valid until the next is added; NULL when memory is short. */
struct step *plan_add_step(struct builder *b, enum step_kind kind, size_t in_count,
                           size_t out_count);
/* From one place to another. */
struct step *plan_add_simple(struct builder *b, enum step_kind kind, int in, int out);

/* ---- layout ---- */

/* One channel or one pixel: both forms are the same bytes. */
int plan_is_trivial(const struct shape *shape);
/* The shape with leading ones up to `rank` dimensions, in the order of the form. */
struct shape plan_laid_out(const struct shape *shape, int rank, enum form form);
/* The value lies at that place. */
void plan_set_place(struct builder *b, int value, enum form form, int place);
/* A new place for a value that a step writes in that form. */
int plan_new_output(struct builder *b, int value, enum form form);
/* A place for a value that lies within another place, whose pixels have as many channels or more,
 * from this channel on. */
int plan_new_view(struct builder *b, int value, enum form form, int whole, size_t channel);
/* The place of a value in that form, converted when it is not there yet. The second may give
 * pixels that lie apart, in part of a wider place: for steps that take them so (net_views.c). */
int plan_ensure(struct builder *b, int value, enum form form);
int plan_ensure_apart(struct builder *b, int value, enum form form);
/* Channels and pixels of each picture of a value that FORM_NHWC is defined for; 0 for others. */
int plan_pixels(const struct shape *shape, size_t *channels, size_t *pixels);
/* Is the value there in NHWC only? */
int plan_is_nhwc(const struct builder *b, int value);

/* ---- shapes and known values ---- */

void plan_set_shape(struct builder *b, int value, enum element_type type,
                    const struct shape *shape);
/* The call of a node's operator, with its inputs' shapes and known elements, and room for its
 * outputs; 0 when memory is short. */
int plan_make_call(struct builder *b, const struct graph_node *node, struct op_call *call);
/* Sets the shapes of the node's outputs; the call is made for it. */
void plan_infer(struct builder *b, const struct graph_node *node, struct op_call *call);
/* Runs the node now when all its inputs are known and its outputs are small; returns 1 when it
 * was. */
int plan_know(struct builder *b, const struct graph_node *node, struct op_call *call);
/* The same for Shape, which needs no elements, only the shape. */
int plan_know_shape(struct builder *b, const struct graph_node *node);

/* ---- the steps of a node ---- */

void plan_node(struct builder *b, const struct graph_node *node);
void plan_op(struct builder *b, const struct graph_node *node);
void plan_conv(struct builder *b, const struct graph_node *node);
void plan_gemm(struct builder *b, const struct graph_node *node);
void plan_pool(struct builder *b, const struct graph_node *node);
void plan_global(struct builder *b, const struct graph_node *node);
void plan_binary(struct builder *b, const struct graph_node *node);
void plan_scale(struct builder *b, const struct graph_node *node);
void plan_activation(struct builder *b, const struct graph_node *node);
void plan_product(struct builder *b, const struct graph_node *node);
void plan_norm(struct builder *b, const struct graph_node *node);
void plan_reduce(struct builder *b, const struct graph_node *node);
void plan_softmax(struct builder *b, const struct graph_node *node);
void plan_lrn(struct builder *b, const struct graph_node *node);
void plan_concat(struct builder *b, const struct graph_node *node);
void plan_reshape(struct builder *b, const struct graph_node *node);
void plan_transpose(struct builder *b, const struct graph_node *node);
void plan_cast(struct builder *b, const struct graph_node *node);
void plan_slice(struct builder *b, const struct graph_node *node);
void plan_pad(struct builder *b, const struct graph_node *node);

#endif
