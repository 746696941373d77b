#include "base/folder.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status folder_path(const char *name, struct buffer *path, struct error *err)
{
    buffer_clear(path);
    for (const char *at = name; *at;) {
        size_t length = strcspn(at, "/");
        int dots = length <= 2 && strncmp(at, "..", length) == 0 ? (int)length : 3;
        enum status status = STATUS_OK;
        if (dots == 2)
            return error_set(err, STATUS_FAILED, "its name holds '..', no file is made from it");
        if (length && dots != 1) {
            if (path->size)
                status = buffer_text(path, "/", err);
            if (status == STATUS_OK)
                status = buffer_append(path, at, length, err);
        }
        if (status != STATUS_OK)
            return status;
        at += length + (at[length] == '/');
    }
    if (path->size == 0)
        return error_set(err, STATUS_FAILED, "its name is no file name");
    if (buffer_append(path, "", 1, err) != STATUS_OK)
        return STATUS_SYSTEM;
    path->size--;
    return STATUS_OK;
}

enum status folder_open(const char *folder, int *fd, struct error *err)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return error_errno(err, "cannot make folder %s", folder);
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? error_errno(err, "cannot open folder %s", folder) : STATUS_OK;
}

/* What is wrong with this name, and not with the disk. */
static enum status name_error(const char *path, struct error *err)
{
    int code = errno;
    if (code == EEXIST)
        return error_set(err, STATUS_FAILED, "%.256s exists already, it is left as it is", path);
    if (code == ENOTDIR || code == ELOOP)
        return error_set(err, STATUS_FAILED, "%.256s: a file or a link is where a folder should be",
                         path);
    if (code == ENAMETOOLONG || code == EILSEQ || code == EINVAL || code == EISDIR)
        return error_set(err, STATUS_FAILED, "%.256s is no name that this file system takes", path);
    return error_errno(err, "cannot create %.256s", path);
}

/* Opens the folder that the path's last part stands in, making what is missing. Returns -1 with
 * errno. */
static int open_parent(int folder, const char *path, const char **last)
{
    int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    const char *slash;
    while (at >= 0 && (slash = strchr(path, '/')) != NULL) {
        char part[1024];
        size_t length = (size_t)(slash - path);
        int next = -1, code;
        if (length >= sizeof part) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(part, path, length);
            part[length] = '\0';
            if (mkdirat(at, part, 0777) == 0 || errno == EEXIST)
                next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        code = errno;
        close(at);
        errno = code;
        at = next;
        path = slash + 1;
    }
    *last = path;
    return at;
}

static enum status create(int folder, const char *path, int *fd, struct error *err)
{
    const char *last;
    int parent = open_parent(folder, path, &last);
    int code;
    *fd = -1;
    if (parent < 0)
        return name_error(path, err);
    *fd = openat(parent, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    code = errno;
    close(parent);
    errno = code;
    return *fd < 0 ? name_error(path, err) : STATUS_OK;
}

static enum status fill(int fd, const char *path, const struct buffer *head,
                        const struct buffer *body, struct error *err)
{
    enum status status = STATUS_OK;
    if (head->size)
        status = io_write(fd, path, head->data, head->size, err);
    if (status == STATUS_OK)
        status = io_write(fd, path, body->data, body->size, err);
    if (close(fd) != 0 && status == STATUS_OK)
        status = error_errno(err, "cannot write %s", path);
    return status;
}

enum status folder_write(int folder, const char *name, const struct buffer *head,
                         const struct buffer *body, struct error *err)
{
    struct buffer text = {0};
    int fd = -1;
    enum status status = folder_path(name, &text, err);
    const char *path = (const char *)text.data;
    if (status == STATUS_OK)
        status = create(folder, path, &fd, err);
    if (status == STATUS_OK) {
        status = fill(fd, path, head, body, err);
        if (status != STATUS_OK)
            (void)unlinkat(folder, path, 0);
    }
    buffer_free(&text);
    return status;
}
