/* A library for LD_PRELOAD that makes one call of the program fail, as a full disk or short memory
 * would. Told by the environment:
 *
 *   FAULT_CALL   malloc calloc realloc posix_memalign mmap read write close rename: one such call
 *                fails; short: every read and write moves half of what was asked; eintr: every
 *                second one is interrupted (a program must not notice these two)
 *   FAULT_NTH    which call fails, from 1
 *   FAULT_MARK   a file made when it has failed; a run without it made fewer calls
 *
 * Counting begins when this library is set up: the loader is not what is tested. Nor is libarchive,
 * which by its design ends the program when its own memory is short. No dlsym, which would
 * allocate: memory through glibc's own names, the rest as system calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *bytes, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_int started, calls;

/* getenv without a call into what is being replaced. */
static const char *setting(const char *name)
{
    size_t length = strlen(name);
    for (char **at = environ; at && *at; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at + length + 1;
    return "";
}

static void mark(void)
{
    const char *path = setting("FAULT_MARK");
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0)
        syscall(SYS_close, fd);
}

/* Is this the call that has to fail? */
static int fails_at(const char *name, const void *caller)
{
    Dl_info from;
    if (!atomic_load(&started) || strcmp(setting("FAULT_CALL"), name) != 0)
        return 0;
    if (dladdr(caller, &from) && strstr(from.dli_fname, "libarchive"))
        return 0;
    if (atomic_fetch_add(&calls, 1) + 1 != atoi(setting("FAULT_NTH")))
        return 0;
    mark();
    return 1;
}

#define fails(name) fails_at(name, __builtin_return_address(0))

__attribute__((constructor)) static void start(void)
{
    atomic_store(&started, 1);
}

void *malloc(size_t size)
{
    if (fails("malloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (fails("calloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void *realloc(void *bytes, size_t size)
{
    if (fails("realloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(bytes, size);
}

int posix_memalign(void **bytes, size_t alignment, size_t size)
{
    if (fails("posix_memalign"))
        return ENOMEM;
    *bytes = __libc_memalign(alignment, size);
    return *bytes ? 0 : ENOMEM;
}

/* For "short" and "eintr": the size to move, or -1 for an interruption. */
static ssize_t disturbed(size_t size)
{
    const char *call = setting("FAULT_CALL");
    if (strcmp(call, "eintr") == 0 && atomic_fetch_add(&calls, 1) % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return strcmp(call, "short") == 0 && size > 1 ? (ssize_t)(size / 2) : (ssize_t)size;
}

ssize_t read(int fd, void *bytes, size_t size)
{
    ssize_t moved = disturbed(size);
    if (fails("read")) {
        errno = EIO;
        return -1;
    }
    return moved < 0 ? -1 : syscall(SYS_read, fd, bytes, (size_t)moved);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    ssize_t moved = disturbed(size);
    if (fails("write")) {
        errno = ENOSPC;
        return -1;
    }
    return moved < 0 ? -1 : syscall(SYS_write, fd, bytes, (size_t)moved);
}

int close(int fd)
{
    int failed = fails("close");
    int result = (int)syscall(SYS_close, fd);
    if (failed) {
        errno = EIO;
        return -1;
    }
    return result;
}

int rename(const char *from, const char *to)
{
    if (fails("rename")) {
        errno = EACCES;
        return -1;
    }
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fails("mmap")) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}
