/* base/tar: files put into a tar, front to back, under names that come from outside. */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include "base/memory.h"

struct tar;

/* The tar goes to fd; `name`, which is borrowed, is for messages. */
enum status tar_open(int fd, const char *name, struct tar **tar, struct error *err);
/* A file of that name, made relative as by folder_path; mode 0644, no time, so that the same files
 * give the same bytes. STATUS_FAILED: the name cannot be a file's, and nothing is written. */
enum status tar_add(struct tar *tar, const char *name, const void *bytes, size_t size,
                    struct error *err);
/* Writes the tar's end. */
enum status tar_end(struct tar *tar, struct error *err);
/* tar may be NULL. */
void tar_free(struct tar *tar);

#endif
