/* table/bytes: the bytes of a table's file or pipe, front to back, gzip taken off by the way.
 *
 * What begins like gzip is gzip; members that follow each other are one file, as gunzip has it. A
 * member that is cut off, or whose checksum is wrong, is damage.
 */
#ifndef TABLE_BYTES_H
#define TABLE_BYTES_H

#include "base/error.h"

#include <stddef.h>

struct bytes;

/* path NULL or "-": standard input. The name for messages is borrowed, like the path. */
enum status bytes_open(const char *path, struct bytes **bytes, struct error *err);
/* The same of an open descriptor, which is closed in the end unless it is standard input. `ahead`:
 * what has been read of it already; copied. */
enum status bytes_open_fd(int fd, const char *name, const void *ahead, size_t size,
                          struct bytes **bytes, struct error *err);
/* The path, or "standard input". */
const char *bytes_name(const struct bytes *bytes);
/* Up to `room` bytes, as many as there are at once; *got is 0 at the end. STATUS_DAMAGED: the gzip
 * is; STATUS_SYSTEM. */
enum status bytes_read(struct bytes *bytes, void *to, size_t room, size_t *got, struct error *err);
void bytes_free(struct bytes *bytes);

#endif
