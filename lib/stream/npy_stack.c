#include "stream/npy_stack.h"

#include "base/io.h"
#include "stream/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

static const char spool_name[] = "the temporary file";

enum status npy_stack_open(struct npy_stack *stack, const char *folder, struct error *err)
{
    char path[4096];
    *stack = (struct npy_stack){.type = ELEMENT_NONE};
    snprintf(path, sizeof path, "%s/imgcat.XXXXXX", folder && *folder ? folder : "/tmp");
    stack->spool = mkstemp(path);
    if (stack->spool < 0)
        return error_errno(err, "cannot create %s", path);
    unlink(path);
    return STATUS_OK;
}

enum status npy_stack_add(struct npy_stack *stack, struct record *record, struct error *err)
{
    char here[SHAPE_TEXT], first[SHAPE_TEXT];
    enum status status = npy_widen(record, err);
    if (status != STATUS_OK)
        return status;
    if (stack->type == ELEMENT_NONE) {
        stack->type = record->type;
        stack->shape = record->shape;
    }
    if (record->type != stack->type || !shape_equal(&record->shape, &stack->shape))
        return error_set(err, STATUS_FAILED,
                         "is %s %s, the first was %s %s: they cannot be stacked",
                         element_name(record->type), shape_format(&record->shape, here),
                         element_name(stack->type), shape_format(&stack->shape, first));
    stack->count++;
    return io_write(stack->spool, spool_name, record->payload.data, record->payload.size, err);
}

enum status npy_stack_write(struct npy_stack *stack, int fd, const char *name, struct error *err)
{
    struct buffer block = {0};
    enum status status =
        stack->count == 1 ? npy_head(stack->type, &stack->shape, &block, err)
                          : npy_stack_head(stack->type, &stack->shape, stack->count, &block, err);
    if (status == STATUS_OK && lseek(stack->spool, 0, SEEK_SET) != 0)
        status = error_errno(err, "cannot read %s", spool_name);
    if (status == STATUS_OK)
        status = buffer_reserve(&block, BLOCK, err);
    while (status == STATUS_OK && block.size) {
        status = io_write(fd, name, block.data, block.size, err);
        if (status == STATUS_OK)
            status = io_read(stack->spool, spool_name, block.data, BLOCK, &block.size, err);
    }
    buffer_free(&block);
    return status;
}

void npy_stack_close(struct npy_stack *stack)
{
    close(stack->spool);
}
