/* How a struct net is made and run; shared by the files net_*.c only.
 *
 *   net_graph.c     the model's live nodes; who makes and who reads each value
 *   net_fold.c      constants computed
 *   net_type.c      the element type of each value
 *   net_kind.c      what kind each node is, and its attributes
 *   net_match.c     activations written as several operators
 *   net_match_norm.c  layer normalisation written as several operators
 *   net_fuse.c      scales, activations and padding folded into the nodes beside them
 *   net_plan.c      for given input shapes: shapes, layouts, the list of steps
 *                   (net_builder_internal.h says what the files net_plan_*.c hold)
 *   net_pack.c      the weights in the order of the kernels that a plan chose
 *   net_views.c     pictures that lie in part of a wider one, or with room between their pixels
 *   net_images.c    which steps run image by image
 *   net_bands.c     which steps run together, band by band
 *   net_arena.c     where in one block of memory each step's result lies
 *   net_run.c       the steps in their order
 *   net_step.c      one step
 *   net_input.c     what the network takes
 *   net_session.c   a plan and its memory, for one thread
 *   net_picture.c   a session run on pictures
 *   net_describe.c  what each step of a plan is
 *   net_batch.c     how many pictures a run takes
 *   net_profile.c   a session run for its steps' times
 *   net_model.c     what the last nodes of a model say about it
 *   net.c           a net made, asked about, listed
 *
 * The graph is made once per net and knows no shapes; the plan is made once per session, and again
 * when its input shapes change.
 */
#ifndef NN_NET_INTERNAL_H
#define NN_NET_INTERNAL_H

#include "nn/kernels/kernels.h"
#include "nn/net.h"
#include "nn/ops/op.h"

/* Groups of channels that a shuffle takes; published networks have 2 to 8. */
enum { SHUFFLE_GROUPS_MAX = 16 };

/* More activations or constants than this is no network but an accident or an attack. */
#define NET_BYTES_MAX (INT64_C(1) << 34)

enum kind {
    KIND_OP, /* by its reference, in ONNX's layout */
    KIND_CONV,
    KIND_GEMM,
    KIND_PRODUCT, /* MatMul of two sides that are made during the run */
    KIND_NORM,    /* LayerNormalization and its like */
    KIND_REDUCE,
    KIND_MAX_POOL,
    KIND_AVERAGE_POOL,
    KIND_GLOBAL_AVERAGE,
    KIND_GLOBAL_MAX,
    KIND_BINARY,
    KIND_SCALE, /* per channel: BatchNormalization */
    KIND_ACTIVATION,
    KIND_CONCAT,
    KIND_SOFTMAX,
    KIND_LRN,
    KIND_RESHAPE, /* the same bytes under another shape */
    KIND_TRANSPOSE,
    KIND_CAST,
    KIND_SLICE, /* Slice, Split */
    KIND_PAD,   /* rows and columns of zeros */
};

enum auto_pad { PAD_EXPLICIT, PAD_SAME_UPPER, PAD_SAME_LOWER, PAD_VALID };

struct graph_node {
    enum kind kind;
    int dead;
    const struct graph_node *within; /* the node whose step does this one's work too; NULL */
    int rewritten; /* it does more than the operator of its node, which stays for its name */
    const struct node *node; /* name, operator, attributes */
    size_t input_count, output_count;
    int *inputs, *outputs; /* indices into graph.values; -1: left out */

    struct epilogue
        activation; /* only activation, low and high; fused, or what KIND_ACTIVATION does */

    struct kernel_window
        window; /* CONV and pools: kernel, stride, dilation, pads, groups; PAD: pads */
    enum auto_pad auto_pad;
    int ceil_mode, include_pad;

    /* CONV: O x I/groups x KH x KW; GEMM: K x N, or N x K when transposed. */
    const struct tensor *weights;
    int transposed;
    size_t outputs_n, inputs_k; /* channels out; GEMM: K, CONV: channels in */
    float *out_scale, *in_scale,
        *bias; /* per output, per input, per output; NULL: none. In the net's arena */

    enum binary binary;
    enum reduction reduction;
    float epsilon;        /* NORM */
    float *scale, *shift; /* SCALE: outputs_n of each */
};

struct graph_value {
    const struct tensor *constant;
    enum element_type type; /* as far as it is known without shapes; else ELEMENT_F32 */
    int producer;           /* node; -1: input or constant */
    int uses; /* reads by nodes, plus one for each time it is an output of the network */
    int is_output;
};

struct graph {
    size_t node_count, value_count, output_count;
    struct graph_node *nodes; /* topological order */
    struct graph_value *values;
    int *outputs;
};

struct net {
    const struct model *model;
    struct net_options options;
    const struct kernels *kernels;
    struct arena *arena;
    struct graph graph;
    int batch;
    int is_nhwc;               /* the first input is N x H x W x C */
    struct packings *packings; /* weights packed so far; has a lock of its own (net_pack.c) */
};

/* ---- the plan ---- */

/* Where a tensor lies during a run. */
struct place {
    int64_t bytes;
    int root;          /* the place that this one is a part of, or another name for; itself: none */
    int64_t shift;     /* bytes from that one's beginning */
    size_t rows;       /* of a picture in NHWC: its pixels; else 0, the bytes as they are */
    size_t channels;   /* of each pixel */
    size_t ld;         /* floats from pixel to pixel */
    int first, last;   /* steps that write and last read it; of a root, over all its parts */
    int input;         /* the network's input whose data the caller gives; -1 */
    int keep;          /* to the end of the run: an output */
    const void *fixed; /* a constant */
    int64_t offset;    /* in the session's memory */
    int64_t image_bytes; /* from one image to the next, for the steps that run image by image; 0:
                            they all use the same */
};

enum form { FORM_ONNX, FORM_NHWC, FORMS };

struct plan_value {
    int known_shape;
    enum element_type type;
    struct shape shape;
    const void *known; /* the elements, where they are known when planning */
    int place[FORMS];  /* -1: not there in that form */
};

enum step_kind {
    STEP_OP,
    STEP_CONV,
    STEP_GEMM,
    STEP_PRODUCT,
    STEP_NORM,
    STEP_REDUCE,
    STEP_MAX_POOL,
    STEP_AVERAGE_POOL,
    STEP_GLOBAL_AVERAGE,
    STEP_GLOBAL_MAX,
    STEP_BINARY,
    STEP_SCALE,
    STEP_ACTIVATION,
    STEP_CONCAT,
    STEP_SOFTMAX,
    STEP_LRN,
    STEP_TO_NHWC,
    STEP_TO_NCHW,
    STEP_COPY,
    STEP_SHUFFLE,
    STEP_PAD,
};

/* An input's share of each row of a concatenation, in bytes. */
struct part {
    size_t length, at; /* within the output's row */
    size_t stride;     /* from row to row of the input */
};

struct step {
    enum step_kind kind;
    int node;  /* in graph.nodes; -1: of no node, such as the conversion of an output */
    int value; /* that it puts out first: in graph.values */
    int in_count, out_count;
    int *in, *out;         /* places; -1: left out */
    int residual, scratch; /* places; -1 */
    int in_place;          /* out[0] may be the memory of in[0] (1), of in[1] (2), of either (3) */
    size_t chain; /* as many steps from this one on run together, band by band of the last one's
                     lines, `band` of them; 1: it runs by itself (net_bands.c) */
    size_t band;
    int slides;   /* its output holds only the lines that the chain's next step still needs */
    int by_pixel; /* goes from pixel to pixel of NHWC, which may lie apart */
    size_t in_ld, out_ld, residual_ld; /* floats from row to row, or pixel to pixel */
    struct epilogue epilogue;
    struct kernel_window window;
    const struct convolution *convolution; /* CONV */
    const float *packed; /* CONV, GEMM: the net's, there when plan_pack() has run */
    size_t m, n, k;      /* GEMM; rows and length of others, see net_step.c */
    struct operand operand[2];
    struct part *parts;                      /* CONCAT: one per input; SHUFFLE of several inputs */
    size_t *matrices;                        /* PRODUCT: see net_plan_product.c */
    int transposed;                          /* PRODUCT: the right side is N x K */
    size_t period;                           /* NORM */
    struct tensor *in_tensors, *out_tensors; /* OP */
};

enum { CHAIN_MOST = 16 };

struct plan {
    struct arena *arena;
    size_t place_count, step_count;
    struct place *places;
    struct step *steps;
    struct plan_value *values;
    int *output_places;
    int64_t memory;       /* bytes of the session's block */
    size_t images, apart; /* the first `apart` steps run for each of so many images */
    /* What it was made for. */
    struct tensor *inputs; /* one per model input; data: a copy of the values that shapes depend on,
                              else NULL */
    int pictures;          /* the first input is written by the session itself */
    int picture_place;
    int values_matter; /* also small floating-point inputs are known */
};

struct session {
    const struct net *net;
    struct plan *plan;
    unsigned char *memory;
    int64_t memory_size;
    const struct tensor *inputs; /* of the run going on */
    size_t image;                /* that it is at; 0 in steps for all images */
    struct tensor *outputs;
};

/* "node 'conv1' (Conv): " before the message. */
enum status node_error(struct error *err, const struct node *node);

/* ---- the graph ---- */

/* The passes, in this order. Those that make nodes dead leave no node that nobody reads. */
enum status graph_new(struct net *net, struct error *err);
enum status graph_fold(struct net *net, struct error *err);
/* Readers of a node that does nothing read its input; one that is itself an output stays. */
void graph_bypass(struct graph *graph);
void graph_find_types(struct net *net);
enum status graph_classify(struct net *net, struct error *err);
void graph_match(struct graph *graph);
enum status graph_match_norm(struct net *net, struct error *err);
enum status graph_fuse(struct net *net, struct error *err);

/* Sets uses, producer and is_output of all values. */
void graph_count_uses(struct graph *graph);
/* Nodes none of whose outputs anybody reads, last first, so that whole chains go. */
void graph_remove_unused(struct graph *graph);
/* The constant elements of input i as f32, where it is a constant f32 tensor; else NULL. */
const struct tensor *graph_constant(const struct graph *graph, const struct graph_node *node,
                                    size_t i);
/* A list of integers that is an attribute in older opsets and input i in newer ones; 0 when that
 * input is no constant. */
int graph_ints(const struct graph *graph, const struct graph_node *node, const char *name, size_t i,
               const int64_t **list, size_t *count);
/* The node that alone makes input i for this node alone; NULL when others read it too. */
struct graph_node *graph_only_producer(struct graph *graph, const struct graph_node *node,
                                       size_t i);
/* `first` now does the work of `second` too, which alone reads it, and puts out what that did. */
void graph_absorb(struct graph *graph, struct graph_node *first, struct graph_node *second);
/* The nodes between the value x and `node` are part of `claimer` from now on. */
void graph_claim(struct graph *graph, const struct graph_node *node, int x,
                 const struct graph_node *claimer);
/* Is it that operator, with nothing fused into it? node may be NULL. */
int graph_is_binary(const struct graph_node *node, enum binary binary);

/* ---- planning and running ---- */

/* `inputs` as in plan.inputs, with data where the values are at hand. */
enum status plan_new(const struct net *net, const struct tensor *inputs, int pictures,
                     struct plan **plan, struct error *err);
void plan_free(struct plan *plan);
/* Concatenated pictures become parts of their concatenation where they can. Sets the distance of
 * pixels in every place and step. */
enum status plan_views(struct plan *plan, struct error *err);
/* Divides the steps into those that run image by image and those that run for all. */
enum status plan_images(const struct net *net, struct plan *plan, struct error *err);
/* Finds the chains; plan_images() has run. */
void plan_bands(const struct net *net, struct plan *plan);
/* How far each step of a chain is: it has made lines [0, done) of its output, of which those from
 * base on lie in its place; the band now wants lines [0, need). */
struct progress_of_step {
    size_t base, done, need;
};
/* Sets what the band up to line `to` of the last step needs, and which lines are no longer needed:
 * moves[i], when not NULL, receives by how many lines what is left of output i moves up. */
void band_begin(const struct step *steps, size_t count, size_t to, struct progress_of_step *at,
                size_t *moves);
/* The window over output lines [from, to) alone, whose input begins with line *first. */
struct kernel_window band_window(const struct kernel_window *whole, size_t from, size_t to,
                                 size_t *first);
enum status plan_arena(struct plan *plan, struct error *err);
/* The weights of the plan's steps, packed here unless another plan has done so. */
enum status packings_new(struct net *net, struct error *err);
void packings_free(struct net *net);
enum status plan_pack(const struct net *net, struct plan *plan, struct error *err);
/* The place whose memory it lies in; *shift (NULL: not wanted): how many bytes from its beginning.
 */
int place_root(const struct plan *plan, int place, int64_t *shift);
/* The widest place with the same pixels that it is a part of; itself where there is none. */
int place_top(const struct plan *plan, int place);
/* The node's window over an input of N x C x H x W; STATUS_FAILED when it does not fit. */
enum status plan_window(const struct graph_node *node, const struct shape *in,
                        struct kernel_window *window, struct error *err);

/* seconds (NULL: not wanted) receives what each step took, for all images. */
enum status plan_run(struct session *session, double *seconds, struct error *err);
enum status step_run(struct session *session, const struct step *step, struct error *err);
/* Output lines [from, to); the output's place begins with line out_base, the input's with in_base.
 */
void step_run_lines(struct session *session, const struct step *step, size_t from, size_t to,
                    size_t out_base, size_t in_base);
void *place_data(const struct session *session, int place);

/* Lies the place in the session's memory, not the caller's or the model's? */
int place_in_memory(const struct place *place);

/* A plan for these inputs, and memory for it. */
enum status session_prepare(struct session *session, const struct tensor *inputs, int pictures,
                            struct error *err);
/* Runs what was prepared. The outputs lie in the session's memory. */
enum status session_run_prepared(struct session *session, const struct tensor *inputs,
                                 struct tensor *outputs, struct error *err);

/* The steps of the session's plan as profile->steps, without their times; profile->arena is there.
 */
enum status plan_describe(const struct session *session, struct net_profile *profile,
                          struct error *err);

/* Bytes of constants that the step reads, as they are packed. */
int64_t plan_weight_bytes(const struct net *net, const struct plan *plan, const struct step *step);

/* ---- inputs ---- */

/* Sets net->batch, which has to be known when plans are made to be run. */
enum status net_choose_batch(struct net *net, struct error *err);

const struct value *net_input(const struct net *net, size_t i);
/* Inputs as declared, for planning before the first run; 0 when a dimension is open. */
int net_declared_inputs(const struct net *net, int batch, struct tensor *inputs);
/* A plan for one picture of that size. STATUS_USAGE when the model leaves it open. */
enum status net_declared_plan(const struct net *net, struct plan **plan, struct error *err);
/* The shape of an input of `batch` pictures, in the network's order. */
void net_picture_shape(const struct net *net, int64_t batch, int channels, int height, int width,
                       struct shape *shape);

#endif
