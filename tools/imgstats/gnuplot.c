/* Pictures are drawn by gnuplot, a program of its own: it reads the script from a pipe and writes
 * the picture straight into the tool's output. */
#include "tools/imgstats/imgstats.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Starts gnuplot with these files as its standard input and output. Returns what posix_spawnp
 * does: an errno. */
static int start(int script, int output, pid_t *child)
{
    /* -d: whatever the user's .gnuplot says, the picture is the same */
    static char *const arguments[] = {(char *)"gnuplot", (char *)"-d", (char *)"-", NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t pipe_signal;
    int code;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE); /* which the tools ignore, and a child would inherit that */
    code = posix_spawn_file_actions_init(&files);
    if (code)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (!code) {
        posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        code = posix_spawn_file_actions_adddup2(&files, script, STDIN_FILENO);
        if (!code)
            code = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        if (!code)
            code = posix_spawnp(child, arguments[0], &files, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* Waits for the child and says how it ended. */
static enum status finish(pid_t child, struct error *err)
{
    int how = 0;
    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR)
            return error_errno(err, "cannot wait for gnuplot");
    if (WIFSIGNALED(how) && WTERMSIG(how) == SIGPIPE)
        return error_set(err, STATUS_CLOSED, "the reader of the picture is gone");
    if (WIFSIGNALED(how))
        return error_set(err, STATUS_SYSTEM, "gnuplot was ended by signal %d", WTERMSIG(how));
    if (WEXITSTATUS(how) == 127)
        return error_set(err, STATUS_SYSTEM, "gnuplot cannot be run");
    if (WEXITSTATUS(how))
        return error_set(err, STATUS_SYSTEM, "gnuplot ended with exit status %d", WEXITSTATUS(how));
    return STATUS_OK;
}

static enum status draw(int output, const struct buffer *script, struct error *err)
{
    int ends[2], code;
    pid_t child;
    enum status status;
    if (pipe(ends) != 0)
        return error_errno(err, "cannot make a pipe");
    fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* or gnuplot would wait for its own end of it */
    code = start(ends[0], output, &child);
    close(ends[0]);
    if (code) {
        close(ends[1]);
        return error_set(err, STATUS_SYSTEM,
                         code == ENOENT
                             ? "gnuplot, which draws SVG and PNG, is not installed (text needs no "
                               "other program)"
                             : "cannot run gnuplot: %s",
                         strerror(code));
    }
    status = io_write(ends[1], "the script of gnuplot", script->data, script->size, err);
    close(ends[1]);
    if (status == STATUS_OK || status == STATUS_CLOSED) /* closed: how gnuplot ended says why */
        status = finish(child, err);
    else
        finish(child, NULL);
    return status;
}

void gnuplot(struct imgstats *stats, const struct buffer *script)
{
    struct error err;
    progress_clear(&stats->tool.progress);
    setenv("LC_ALL", "C.UTF-8", 1); /* in others it complains of the script's UTF-8 */
    if (draw(stats->tool.output.fd, script, &err) != STATUS_OK)
        tool_die(&stats->tool, &err);
}
