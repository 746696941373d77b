/* nn/train/netfile: networks described in a small text language, imgnet(5), made into models with
 * random weights.
 *
 *     # LeNet-5 for pictures of any size
 *     block stage channels
 *         Conv channels=$channels kernel_shape=5 pads=same
 *         Relu
 *         MaxPool kernel_shape=2 strides=2
 *     end
 *     stage channels=32
 *     stage channels=64
 *     Flatten
 *     Gemm units=$classes
 *
 * A line is a node; operators and attributes are ONNX's. Its input is the node of the line before,
 * or what follows "<".
 */
#ifndef NN_TRAIN_NETFILE_H
#define NN_TRAIN_NETFILE_H

#include "nn/train/train.h"

struct netfile_options {
    struct dims input; /* of the data; channels 0: not known, the file's `input` line says it.
                          height 0: vectors of `channels` numbers */
    int classes;       /* $classes; 0: not known */
    uint64_t seed;     /* of the weights */
};

/* STATUS_SYSTEM: the file cannot be read; STATUS_USAGE: "FILE:LINE: what is wrong". The caller
 * frees the model. */
enum status netfile_load(const char *path, const struct netfile_options *options,
                         struct model **model, struct error *err);
/* The same from memory; name is for messages. */
enum status netfile_parse(const char *text, size_t size, const char *name,
                          const struct netfile_options *options, struct model **model,
                          struct error *err);

#endif
