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
/* Creates the file at `path` (from folder_path) below the folder, with the folders between. No
 * symbolic link is followed and nothing that is there is touched: that, and a name the file system
 * does not take, is STATUS_FAILED. */
enum status folder_create(int folder, const char *path, int *fd, struct error *err);
/* Removes a file that folder_create made, after a failed write. */
void folder_remove(int folder, const char *path);

#endif
