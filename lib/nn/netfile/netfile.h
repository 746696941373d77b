/* nn/netfile/netfile: networks described in a small text language, imgnet(5), made into models with
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
#ifndef NN_NETFILE_NETFILE_H
#define NN_NETFILE_NETFILE_H

#include "nn/dims.h"
#include "nn/model.h"

#include <stddef.h>
#include <stdint.h>

struct netfile_options {
    struct dims input; /* of the data; channels 0: not known, the file's `input` line says it.
                          height 0: vectors of `channels` numbers */
    int classes;       /* $classes; 0: not known */
    uint64_t seed;     /* of the weights */
};

/* The file's text, for the next two; the caller frees it. STATUS_SYSTEM: it cannot be read. */
enum status netfile_read(const char *path, char **text, size_t *size, struct error *err);
/* What can be said before the data is known, so that a mistake is told before it is read: blocks
 * and repetitions that end, operators and attributes that there are. name is for messages.
 * STATUS_USAGE: "FILE:LINE: what is wrong". */
enum status netfile_check(const char *text, size_t size, const char *name, struct error *err);
/* Makes the model, which the caller frees. STATUS_USAGE as above. */
enum status netfile_parse(const char *text, size_t size, const char *name,
                          const struct netfile_options *options, struct model **model,
                          struct error *err);

#endif
