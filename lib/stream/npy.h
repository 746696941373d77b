/* stream/npy: numpy's file format for one array (NEP 1, version 1.0). */
#ifndef STREAM_NPY_H
#define STREAM_NPY_H

#include "stream/record.h"

/* Appends what stands before the elements in a .npy file: row-major, little-endian.
 * STATUS_FAILED for bf16, which numpy does not have (npy_widen first). The rank may be
 * SHAPE_RANK_MAX. */
enum status npy_head(enum element_type type, const struct shape *shape, struct buffer *out,
                     struct error *err);
/* The same for `count` tensors of that shape stacked along a new first dimension. */
enum status npy_stack_head(enum element_type type, const struct shape *shape, int64_t count,
                           struct buffer *out, struct error *err);
/* A bf16 tensor becomes f32, which is exact; others stay as they are. */
enum status npy_widen(struct record *record, struct error *err);

#endif
