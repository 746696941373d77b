/* nn/onnx: ONNX files (https://github.com/onnx/onnx, onnx.proto; protobuf wire format) to and from
 * struct model.
 *
 * The reader trusts no length, index or count in the file. It maps the file and lets f32 constants
 * point into it where they are aligned; others are copied. Opsets 6 to 27, IR 3 and up. External
 * data is read only from plain files beside the model whose names stay inside its folder (no "..",
 * no absolute path, no link). Operators and domains are not looked at here: a network can be listed
 * that cannot be run (ops/op.h says what can).
 */
#ifndef NN_ONNX_H
#define NN_ONNX_H

#include "nn/model.h"

/* STATUS_SYSTEM: cannot be opened; STATUS_DAMAGED: not a sound ONNX file, and why, and where. */
enum status onnx_load(const char *path, struct model **model, struct error *err);
/* The same from memory, which must outlive the model (tests, fuzzing). */
enum status onnx_parse(const void *bytes, size_t size, struct model **model, struct error *err);

/* The bytes of the model as ONNX, into `out`, which is empty: the same bytes for the same model. */
enum status onnx_encode(const struct model *model, struct buffer *out, struct error *err);
/* To a file descriptor (base/io.h's output gives one that is renamed when complete). */
enum status onnx_save(const struct model *model, int fd, const char *name, struct error *err);

/* One serialized TensorProto (the .pb files of ONNX's tests); the data is in the arena. */
enum status onnx_parse_tensor(const void *bytes, size_t size, struct arena *arena,
                              struct tensor *tensor, struct error *err);

#endif
