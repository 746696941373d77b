#include "tools/tool.h"

#include "base/number.h"
#include "base/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_entry common_options[] = {
    {'o', "output", "FILE",
     "write to FILE, which appears when it is complete (default: standard output)"},
    {'j', "jobs", "N", "worker threads (default: all processors)"},
    {'q', "quiet", NULL, "no messages about single records"},
    {'v', "verbose", NULL, "say more"},
    {OPTION_LONG + 900, "strict", NULL, "stop at the first record that fails"},
    {OPTION_LONG + 901, "progress", NULL, "show progress, also when standard error is no terminal"},
    {'h', "help", NULL, "this text"},
    {'V', "version", NULL, "the version"},
    {0, NULL, NULL, NULL},
};

static void print_help(const struct tool *tool)
{
    printf("usage: %s %s\n%s\n\n", tool->name, tool->usage, tool->purpose);
    options_help(stdout, tool->options);
    options_help(stdout, common_options);
    if (tool->examples)
        printf("\ne.g.:\n%s", tool->examples);
    printf("\nSee %s(1), imgutils(7).\n", tool->name);
    exit(fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_SYSTEM);
}

static enum status set_option(void *state, int id, const char *argument, struct error *err)
{
    struct tool *tool = state;
    int64_t number = 0;
    enum status status = STATUS_OK;
    for (const struct option_entry *own = tool->options; own && own->name; own++)
        if (own->id == id)
            return tool->set(tool->state, id, argument, err);
    switch (id) {
    case 'o':
        tool->path = argument;
        break;
    case 'j':
        status = number_integer(argument, 1, 1024, &number, err);
        tool->threads = (int)number;
        break;
    case 'q':
        tool->quiet = 1;
        break;
    case 'v':
        tool->verbose = 1;
        break;
    case OPTION_LONG + 900:
        tool->strict = 1;
        break;
    case OPTION_LONG + 901:
        tool->show_progress = 1;
        break;
    case 'V':
        printf("%s (imgutils) %s\n", tool->name, IMGUTILS_VERSION);
        exit(EXIT_DONE);
    default:
        print_help(tool);
    }
    return status;
}

/* A standard file that the caller closed must not become the number of the next file opened:
 * messages would go into the result. What stands in for it gives an error when it is used. */
static void hold_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int tool_start(struct tool *tool, int argc, char **argv)
{
    struct error err;
    enum status status;
    int operand;
    hold_standard_files();
    signal(SIGPIPE, SIG_IGN);
    tool->output.fd = -1;
    tool->show_progress = isatty(STDERR_FILENO);
    tool->threads = pool_processors();
    status =
        options_parse(argc, argv, tool->options, common_options, set_option, tool, &operand, &err);
    if (status == STATUS_USAGE)
        tool_usage(tool, "%s", err.text);
    if (status != STATUS_OK)
        tool_die(tool, &err);
    if (tool->quiet)
        tool->show_progress = 0;
    progress_start(&tool->progress, tool->show_progress ? stderr : NULL, tool->name, "records", 0);
    return operand;
}

/* Keys come from archives of strangers: what would steer the terminal is shown as '?'. */
static void append_printable(char *line, size_t *used, size_t room, const char *text)
{
    for (; *text && *used < room; text++) {
        unsigned char byte = (unsigned char)*text;
        line[(*used)++] = byte < 0x20 || byte == 0x7f ? '?' : *text;
    }
}

void tool_message(struct tool *tool, const char *key, const char *text)
{
    char line[RECORD_KEY_MAX + ERROR_TEXT + 64];
    size_t used = 0, room = sizeof line - 1;
    progress_clear(&tool->progress);
    append_printable(line, &used, room, tool->name);
    append_printable(line, &used, room, ": ");
    if (key && *key) {
        append_printable(line, &used, room, key);
        append_printable(line, &used, room, ": ");
    }
    append_printable(line, &used, room, text);
    line[used++] = '\n';
    fwrite(line, 1, used, stderr); /* at once: the programs of a pipe share standard error */
}

void tool_say(struct tool *tool, const char *format, ...)
{
    char text[ERROR_TEXT];
    va_list arguments;
    if (!tool->verbose)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tool_message(tool, NULL, text);
}

static int exit_status(enum status status)
{
    switch (status) {
    case STATUS_OK:
    case STATUS_END:
    case STATUS_CLOSED:
        return EXIT_DONE;
    case STATUS_FAILED:
        return EXIT_SOME_FAILED;
    case STATUS_USAGE:
        return EXIT_USAGE;
    case STATUS_DAMAGED:
        return EXIT_DAMAGED;
    case STATUS_SYSTEM:
        break;
    }
    return EXIT_SYSTEM;
}

void tool_die(struct tool *tool, const struct error *err)
{
    progress_clear(&tool->progress);
    output_discard(&tool->output);
    if (err->status != STATUS_CLOSED)
        tool_message(tool, NULL, err->text);
    exit(exit_status(err->status));
}

void tool_usage(struct tool *tool, const char *format, ...)
{
    char text[ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tool_message(tool, NULL, text);
    fprintf(stderr, "usage: %s %s\nTry '%s -h'.\n", tool->name, tool->usage, tool->name);
    output_discard(&tool->output);
    exit(EXIT_USAGE);
}

/* The file that a signal must not leave behind; a copy, since the output frees its own. Kept to the
 * end: once the file has its final name, the temporary one is no file any more. */
static char *volatile unfinished;

static void remove_unfinished(int signal_number)
{
    unlink(unfinished);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Opens the output so that a user's Ctrl-C, a kill or a hangup takes the temporary file along.
 * Signals that the parent ignores (nohup, a shell's background job) stay ignored. */
static enum status open_output(struct tool *tool, struct error *err)
{
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
    enum { DEADLY = sizeof deadly / sizeof *deadly };
    enum status status;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    for (int i = 0; i < DEADLY; i++)
        sigaddset(&blocked, deadly[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    status = output_open(&tool->output, tool->path, err);
    if (status == STATUS_OK && tool->output.temporary) {
        unfinished = strdup(tool->output.temporary);
        for (int i = 0; unfinished && i < DEADLY; i++) {
            struct sigaction action;
            if (sigaction(deadly[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
                action.sa_handler = remove_unfinished;
                action.sa_mask = blocked;
                sigaction(deadly[i], &action, NULL);
            }
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

void tool_output(struct tool *tool)
{
    struct error err;
    if (tool->output.name)
        return;
    if (open_output(tool, &err) != STATUS_OK)
        tool_die(tool, &err);
    if (tool->binary && isatty(tool->output.fd))
        tool_usage(
            tool, "the output is a binary stream: write it to a pipe or a file, not to a terminal");
}

struct reader *tool_reader(struct tool *tool, int argc, char **argv, int operand)
{
    struct error err;
    struct reader *reader;
    if (operand >= argc && isatty(STDIN_FILENO))
        tool_usage(tool, "standard input is a terminal: give a FILE or a pipe");
    if (reader_open(argv + operand, (size_t)(argc - operand), NULL, &reader, &err) != STATUS_OK)
        tool_die(tool, &err);
    return reader;
}

struct writer *tool_writer(struct tool *tool)
{
    struct error err;
    struct writer *writer;
    tool_output(tool);
    if (writer_open(tool->output.fd, tool->output.name, &writer, &err) != STATUS_OK)
        tool_die(tool, &err);
    return writer;
}

/* The map's callbacks get the tool through this, while the work gets the caller's context. */
static void map_message(void *context, const char *key, const char *text)
{
    struct tool *tool = context;
    if (!key || !tool->quiet) /* without a key it is damage of the stream */
        tool_message(tool, key, text);
}

static void map_progress(void *context, uint64_t records)
{
    struct tool *tool = context;
    progress_add(&tool->progress, (int64_t)records - tool->progress.done, NULL);
}

enum status tool_map(struct tool *tool, struct map *map, struct reader *reader,
                     struct writer *writer)
{
    struct error err = {0};
    struct map_result result = {0};
    enum status status;
    map->stage = tool->name;
    map->threads = tool->threads;
    map->strict = tool->strict;
    map->listener = tool;
    map->message = map_message;
    map->progress = map_progress;
    if (!writer)
        tool_output(tool);
    map->output = tool->output.name;
    status = map_run(map, reader, writer, writer ? -1 : tool->output.fd, &result, &err);
    progress_clear(&tool->progress);
    if (result.failed)
        tool->failed = 1;
    if (writer && (status == STATUS_OK || status == STATUS_DAMAGED)) {
        struct error end;
        enum status ended = writer_end(writer, &end);
        if (ended != STATUS_OK)
            tool_note(tool, ended, &end);
    }
    tool_note(tool, status, &err);
    tool_say(tool, "%llu records, %llu failed here, %llu had failed before",
             (unsigned long long)result.records, (unsigned long long)result.failed,
             (unsigned long long)result.errors_passed);
    return status;
}

void tool_note(struct tool *tool, enum status status, const struct error *err)
{
    switch (status) {
    case STATUS_OK:
    case STATUS_END:
        break;
    case STATUS_FAILED:
        tool->failed = 1;
        if (tool->strict)
            tool_die(tool, err);
        if (!tool->quiet)
            tool_message(tool, NULL, err->text);
        break;
    case STATUS_DAMAGED:
        tool->damaged = 1;
        tool_message(tool, NULL, err->text);
        break;
    default:
        tool_die(tool, err);
    }
}

int tool_finish(struct tool *tool)
{
    struct error err;
    char *kept = NULL;
    enum status status;
    progress_clear(&tool->progress);
    if (fflush(stdout) != 0) {
        error_errno(&err, "cannot write standard output");
        tool_die(tool, &err);
    }
    if (!tool->output.name)
        return tool->damaged ? EXIT_DAMAGED : tool->failed ? EXIT_SOME_FAILED : EXIT_DONE;
    status = tool->damaged ? output_part(&tool->output, &kept, &err)
                           : output_commit(&tool->output, &err);
    if (status != STATUS_OK)
        tool_die(tool, &err);
    if (kept) {
        char text[ERROR_TEXT];
        snprintf(text, sizeof text, "not complete: kept as %s", kept);
        tool_message(tool, tool->path, text);
        free(kept);
    }
    return tool->damaged ? EXIT_DAMAGED : tool->failed ? EXIT_SOME_FAILED : EXIT_DONE;
}
