/* stream/npy_stack: many tensors of one type and shape as one .npy file.
 *
 * The file's head says how many there are, so the elements wait in a temporary file until the last
 * has come: no seeking in the output, no more memory than a record.
 */
#ifndef STREAM_NPY_STACK_H
#define STREAM_NPY_STACK_H

#include "stream/record.h"

struct npy_stack {
    int64_t count;          /* of the tensors so far */
    enum element_type type; /* of each */
    struct shape shape;
    int spool;
};

/* The temporary file is made in `folder` (NULL: /tmp), without a name. */
enum status npy_stack_open(struct npy_stack *stack, const char *folder, struct error *err);
/* Widens the record (npy_widen) and adds it. STATUS_FAILED: it is not like the first. */
enum status npy_stack_add(struct npy_stack *stack, struct record *record, struct error *err);
/* Writes the file: of a single tensor it has the tensor's own shape, of several a new first
 * dimension. At least one must have been added. */
enum status npy_stack_write(struct npy_stack *stack, int fd, const char *name, struct error *err);
void npy_stack_close(struct npy_stack *stack);

#endif
