/* nn/net: a network ready to run.
 *
 * Load: compute what is constant -> find out what each node is -> fold nodes into those beside them
 * (BatchNormalization and Pad into Conv, activations into what makes their input; layer
 * normalisation and Gelu written as several operators become one). A struct net is shared by all
 * threads; each thread has a session with its own activations. A session plans when it is run on
 * inputs of new shapes: choose a kernel per node -> let concatenated results lie where they are
 * read
 * -> decide which steps run for each image, or band by band -> give all results their place in one
 * block of memory -> pack the weights that no session has packed. Inside, pictures are NHWC.
 */
#ifndef NN_NET_H
#define NN_NET_H

#include "nn/model.h"

struct net;
struct session;

struct net_options {
    const char *node; /* stop at this node (its name, or the name of one of its outputs); NULL: the
                         model's outputs */
    int batch; /* pictures per run, where the model leaves it open (or fixes 1 and nothing depends
                  on it); 0: as many as run fastest (net_batch.c) */
    int64_t cache; /* bytes that each thread's processor caches for it alone; 0: as most have. What
                      exceeds it runs picture by picture (net_images.c) and band by band
                      (net_bands.c) */
    int height, width; /* of the first input, where the model leaves them open; 0: unknown */
    int exact;         /* 1: no convolution by transforms that add rounding errors (Winograd) */
    int reference; /* 1: every operator by its reference, nothing folded: what the engine is tested
                      against */
};

/* The model stays the caller's and must outlive the net. */
enum status net_new(const struct model *model, const struct net_options *options, struct net **net,
                    struct error *err);
void net_free(struct net *net);

/* Pictures per run, at most: what the model fixes, or options.batch; 1 where it takes no pictures.
 */
int net_batch(const struct net *net);
/* Calls tell() for each node of the model in order, with the type and shape of its first output
 * (NULL where they depend on the input). Made for a net with options.reference, which leaves the
 * nodes as they are. */
enum status net_list(const struct net *net,
                     void (*tell)(void *context, const struct node *node, const char *output,
                                  const struct tensor *what),
                     void *context, struct error *err);

size_t net_input_count(const struct net *net);
size_t net_output_count(const struct net *net);
const char *net_output_name(const struct net *net, size_t i);
/* Type and shape of an output for one picture. STATUS_USAGE where the model leaves sizes of its
 * inputs open that the options do not give. */
enum status net_output_shape(const struct net *net, size_t i, struct tensor *what,
                             struct error *err);
/* Channels, height and width of a 4-D first input, -1 where open; STATUS_FAILED when it is no
 * picture. */
enum status net_input_picture(const struct net *net, int *channels, int *height, int *width,
                              struct error *err);
/* Does this input look like N x H x W x C? */
int net_looks_nhwc(const struct value *input);
/* The input of the last Gemm, MatMul or Conv that makes the classes: its name, for imgfeat. NULL
 * when there is none. */
const char *model_features(const struct model *model);
/* Does the (first) output hold probabilities already (it ends in Softmax or Sigmoid), or logits? */
int model_ends_in_softmax(const struct model *model);

/* What the engine does in one run, step by step, and how long each step takes. */
struct net_profile {
    size_t step_count;
    struct net_step {
        const char *node;      /* its name, or that of its first output where it has none */
        const char *operators; /* all that the step does: "Conv+BatchNormalization+Relu"; "" where
                                  it only changes the layout */
        const char *kernel;    /* "max_pool", or a convolution's; "reference": nn/ops */
        int known;             /* the type and shape of what it puts out are: */
        struct tensor output;  /* in ONNX's layout, without data */
        double flop;           /* multiply-adds x 2 of convolutions and products, as the operator
                                  defines them, not as the kernel saves them */
        double seconds;        /* the median of the runs */
        int64_t weights;       /* bytes of constants that it reads, as they are packed */
        int64_t activations;   /* bytes of all results that are alive meanwhile */
    } * steps;                 /* in the order of the run */
    const char *isa;           /* the instruction set of the kernels */
    int64_t memory;            /* bytes that a session keeps for its activations */
    struct arena *arena;       /* owns all of it but the names of the model's nodes */
};
/* Runs the network `runs` times (after one run that does not count) on random numbers, net_batch
 * pictures at once, in one thread. STATUS_USAGE when the model leaves the size of an input open and
 * the options do not give it. */
enum status net_profile_new(const struct net *net, int runs, struct net_profile *profile,
                            struct error *err);
void net_profile_free(struct net_profile *profile);

enum status session_new(const struct net *net, struct session **session, struct error *err);
void session_free(struct session *session);

/* Runs `count` images (1..net_batch). Each picture is a tensor HWC (hwc = 1) or CHW, as in the
 * record. A pixel p of type u8 in channel c becomes values[c][p] while it is loaded (image/recipe.h
 * makes them), or the number itself when values is NULL; f32 is taken as it is. outputs[k] is the
 * k-th output for all images in ONNX's layout, batch first; the data is the session's, valid until
 * its next run. */
enum status session_run_images(struct session *session, const struct tensor *pictures, int hwc,
                               const float (*values)[256], size_t count, struct tensor *outputs,
                               struct error *err);
/* Runs plain tensors, one per input of the network, in ONNX's layout; shapes may differ from run to
 * run. */
enum status session_run(struct session *session, const struct tensor *inputs, size_t input_count,
                        struct tensor *outputs, struct error *err);

#endif
