/* A folder mounted as Hadoop's fuse-dfs would mount it, for tests without Hadoop:
 *
 *   fuse_dfs FOLDER LATE MOUNTPOINT
 *
 * What is unlike other file systems (apache/hadoop,
 * hadoop-hdfs-native-client/src/main/native/fuse-dfs):
 *   - write: only where the last one ended; elsewhere ENOTSUP
 *   - open for writing begins the file anew; O_APPEND goes on at its end; O_RDWR of a file that is
 *     there opens it for reading only, without a word
 *   - truncate: to 0 a new file, else nothing is done and nothing said
 *   - rename onto a name that is there: EIO; mkdir of a folder that is there: no error
 *   - no hard or symbolic links
 *   - a file that is being written has length 0 for all others; also when closed, while the file
 * LATE is there (HDFS-2551)
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An open file. */
struct handle {
    int fd;
    int writing;
    off_t next; /* where a write has to begin */
};

/* Written while LATE was there, or being written: these have no length yet. */
struct written {
    struct written *next;
    int open;
    char path[];
};

static int folder; /* what is mounted */
static const char *late;
static struct written *all_written;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *below(const char *path)
{
    return path[1] ? path + 1 : ".";
}

static int outcome(int result)
{
    return result < 0 ? -errno : result;
}

static struct written **find_written(const char *path)
{
    struct written **at = &all_written;
    while (*at && strcmp((*at)->path, path) != 0)
        at = &(*at)->next;
    return at;
}

/* Under the lock. */
static void note_written(const char *path, int open)
{
    struct written **at = find_written(path);
    if (!*at) {
        size_t room = strlen(path) + 1;
        *at = calloc(1, sizeof **at + room);
        memcpy((*at)->path, path, room);
    }
    (*at)->open = open;
}

static void forget_written(const char *path)
{
    struct written **at = find_written(path), *gone = *at;
    if (gone) {
        *at = gone->next;
        free(gone);
    }
}

static int has_no_length(const char *path)
{
    struct written *file;
    int result;
    pthread_mutex_lock(&lock);
    file = *find_written(path);
    result = file && (file->open || access(late, F_OK) == 0);
    pthread_mutex_unlock(&lock);
    return result;
}

static int dfs_getattr(const char *path, struct stat *info, struct fuse_file_info *file)
{
    (void)file;
    if (fstatat(folder, below(path), info, AT_SYMLINK_NOFOLLOW) != 0)
        return -errno;
    if (has_no_length(path))
        info->st_size = 0;
    return 0;
}

static int open_handle(const char *path, int flags, struct fuse_file_info *file)
{
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle)
        return -ENOMEM;
    handle->writing = (flags & O_ACCMODE) != O_RDONLY;
    handle->fd = openat(folder, below(path), flags, 0666);
    if (handle->fd < 0) {
        free(handle);
        return -errno;
    }
    if (handle->writing) {
        handle->next = lseek(handle->fd, 0, SEEK_END);
        pthread_mutex_lock(&lock);
        note_written(path, 1);
        pthread_mutex_unlock(&lock);
    }
    file->fh = (uint64_t)(uintptr_t)handle;
    return 0;
}

static struct handle *handle_of(const struct fuse_file_info *file)
{
    return (struct handle *)(uintptr_t)file->fh;
}

static int dfs_open(const char *path, struct fuse_file_info *file)
{
    int mode = file->flags & O_ACCMODE;
    if (mode != O_WRONLY)
        return open_handle(path, O_RDONLY, file);
    if (file->flags & O_APPEND)
        return open_handle(path, O_WRONLY, file);
    return open_handle(path, O_WRONLY | O_TRUNC, file);
}

static int dfs_create(const char *path, mode_t mode, struct fuse_file_info *file)
{
    (void)mode;
    return open_handle(path, O_WRONLY | O_CREAT | O_TRUNC, file);
}

static int dfs_read(const char *path, char *bytes, size_t size, off_t offset,
                    struct fuse_file_info *file)
{
    (void)path;
    return outcome((int)pread(handle_of(file)->fd, bytes, size, offset));
}

static int dfs_write(const char *path, const char *bytes, size_t size, off_t offset,
                     struct fuse_file_info *file)
{
    struct handle *handle = handle_of(file);
    ssize_t written;
    (void)path;
    if (offset != handle->next)
        return -ENOTSUP;
    if (!handle->writing)
        return -EIO;
    written = pwrite(handle->fd, bytes, size, offset);
    if (written > 0)
        handle->next += written;
    return outcome((int)written);
}

static int dfs_release(const char *path, struct fuse_file_info *file)
{
    struct handle *handle = handle_of(file);
    if (handle->writing) {
        pthread_mutex_lock(&lock);
        if (access(late, F_OK) == 0)
            note_written(path, 0);
        else
            forget_written(path);
        pthread_mutex_unlock(&lock);
    }
    close(handle->fd);
    free(handle);
    return 0;
}

static int dfs_truncate(const char *path, off_t size, struct fuse_file_info *file)
{
    int fd;
    (void)file;
    if (size)
        return 0;
    fd = openat(folder, below(path), O_WRONLY | O_TRUNC);
    return fd < 0 ? -errno : outcome(close(fd));
}

static int dfs_rename(const char *from, const char *to, unsigned flags)
{
    struct written *file;
    int result;
    if (flags)
        return -EINVAL;
    if (faccessat(folder, below(to), F_OK, 0) == 0)
        return -EIO;
    result = outcome(renameat(folder, below(from), folder, below(to)));
    pthread_mutex_lock(&lock);
    file = *find_written(from);
    if (result == 0 && file) {
        note_written(to, file->open);
        forget_written(from);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

static int dfs_mkdir(const char *path, mode_t mode)
{
    int result = outcome(mkdirat(folder, below(path), mode));
    return result == -EEXIST ? 0 : result;
}

static int dfs_rmdir(const char *path)
{
    return outcome(unlinkat(folder, below(path), AT_REMOVEDIR));
}

static int dfs_unlink(const char *path)
{
    return outcome(unlinkat(folder, below(path), 0));
}

static int dfs_symlink(const char *target, const char *path)
{
    (void)target, (void)path;
    return -ENOTSUP;
}

static int dfs_chmod(const char *path, mode_t mode, struct fuse_file_info *file)
{
    (void)file;
    return outcome(fchmodat(folder, below(path), mode, 0));
}

static int dfs_utimens(const char *path, const struct timespec times[2],
                       struct fuse_file_info *file)
{
    (void)file;
    return outcome(utimensat(folder, below(path), times, AT_SYMLINK_NOFOLLOW));
}

static int dfs_readdir(const char *path, void *names, fuse_fill_dir_t fill, off_t offset,
                       struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
    int fd = openat(folder, below(path), O_RDONLY | O_DIRECTORY);
    DIR *open = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    (void)offset, (void)file, (void)flags;
    if (!open)
        return -errno;
    while ((entry = readdir(open)) != NULL)
        fill(names, entry->d_name, NULL, 0, 0);
    closedir(open);
    return 0;
}

static void *dfs_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
    (void)connection;
    config->attr_timeout = config->entry_timeout = 0;
    return NULL;
}

static const struct fuse_operations operations = {
    .init = dfs_init,
    .getattr = dfs_getattr,
    .open = dfs_open,
    .create = dfs_create,
    .read = dfs_read,
    .write = dfs_write,
    .release = dfs_release,
    .truncate = dfs_truncate,
    .rename = dfs_rename,
    .mkdir = dfs_mkdir,
    .rmdir = dfs_rmdir,
    .unlink = dfs_unlink,
    .symlink = dfs_symlink,
    .chmod = dfs_chmod,
    .utimens = dfs_utimens,
    .readdir = dfs_readdir,
};

int main(int count, char *words[])
{
    char *arguments[] = {words[0], "-f", "-s", words[count - 1], NULL};
    if (count != 4 || (folder = open(words[1], O_PATH | O_DIRECTORY)) < 0) {
        fprintf(stderr, "usage: fuse_dfs FOLDER LATE MOUNTPOINT\n");
        return 2;
    }
    late = words[2];
    return fuse_main(4, arguments, &operations, NULL);
}
