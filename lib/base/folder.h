/* base/folder: files put into a folder under names that come from outside and are not trusted. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include "base/memory.h"

/* The name as a relative path that stays inside a folder: leading and double slashes and "." go.
 * STATUS_FAILED when a ".." is in it or nothing is left. path is NUL-terminated, the NUL not
 * counted. */
enum status folder_path(const char *name, struct buffer *path, struct error *err);
/* Makes the folder when it is not there, and opens it. */
enum status folder_open(const char *folder, int *fd, struct error *err);
/* Writes a new file of that name (made a path by folder_path) below the folder, and the folders
 * between: first what is in `head`, then `body`. No symbolic link is followed and nothing that is
 * there is touched: that, and a name the file system does not take, is STATUS_FAILED. When the
 * writing fails nothing is left of it. */
enum status folder_write(int folder, const char *name, const struct buffer *head,
                         const struct buffer *body, struct error *err);

#endif
