/* base/io: whole reads and writes on file descriptors, and output files that appear only when
 * they are complete. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/error.h"

#include <stddef.h>
#include <sys/uio.h>

/* Up to size bytes, fewer only at the end of the input; *got says how many. `name` is for messages.
 */
enum status io_read(int fd, const char *name, void *bytes, size_t size, size_t *got,
                    struct error *err);
/* All the bytes; STATUS_CLOSED when the pipe's reader is gone. */
enum status io_write(int fd, const char *name, const void *bytes, size_t size, struct error *err);
/* What one read gives: no waiting for more once some bytes are there; *got is 0 at the end of the
 * input. */
enum status io_read_some(int fd, const char *name, void *bytes, size_t size, size_t *got,
                         struct error *err);
/* All the bytes of `count` pieces, one after the other, in as few calls as possible. Changes
 * pieces. */
enum status io_write_pieces(int fd, const char *name, struct iovec *pieces, int count,
                            struct error *err);
/* A whole file into fresh memory (freed with free(); a NUL follows the last byte, not counted). */
enum status io_slurp(const char *path, size_t limit, char **text, size_t *size, struct error *err);

/* Where a program's result goes: standard output, or a file written under a temporary name beside
 * its own and renamed when complete. Written front to back, never seeked: HDFS mounts allow no
 * more. */
struct output {
    int fd;
    const char *name; /* for messages: the path, or "standard output" */
    const char *path; /* NULL for standard output; the caller keeps it alive */
    char *temporary;  /* owned; the name being written */
};

/* path NULL or "-": standard output. A path that is an existing device or pipe is written directly.
 */
enum status output_open(struct output *output, const char *path, struct error *err);
/* Flushes, checks close(), and renames to the path. */
enum status output_commit(struct output *output, struct error *err);
/* The result is not complete: a file is kept as PATH.part for whom it may still serve; kept says
 * under which name (NULL for standard output, owned by the caller and freed with free()). */
enum status output_part(struct output *output, char **kept, struct error *err);
/* Nothing of worth was written: the temporary file goes. Safe after commit or part. */
void output_discard(struct output *output);

#endif
