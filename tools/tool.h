/* tools/tool: what every program does the same way: options, messages, progress, exit status.
 *
 * The programs are the only place that prints and exits. A program reads top to bottom: its option
 * struct, its option table, what it does to one record, main.
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "base/error.h"
#include "base/io.h"
#include "base/options.h"
#include "base/progress.h"
#include "stream/map.h"

/* Exit statuses, the same in every program. */
enum {
    EXIT_DONE = 0,
    EXIT_SOME_FAILED = 1, /* done, but some records failed; each was named */
    EXIT_USAGE = 2,
    EXIT_DAMAGED = 3, /* the input is damaged or ended early */
    EXIT_SYSTEM = 4,  /* memory, disk, I/O */
};

struct tool {
    /* Set by the program. */
    const char *name;                   /* "imgprep" */
    const char *usage;                  /* "[OPTION]... [FILE]...": one line of -h */
    const char *purpose;                /* one line of -h */
    const char *examples;               /* lines of -h, after "e.g.:" */
    const struct option_entry *options; /* its own; the common ones are added */
    enum status (*set)(void *state, int id, const char *argument, struct error *err);
    void *state;
    int binary; /* the output is a stream: refuse to write it to a terminal */

    /* Set by the common options. */
    int threads;        /* -j; default: all processors the process may use */
    const char *path;   /* -o; NULL for standard output */
    int quiet, verbose; /* -q, -v */
    int strict;         /* --strict: the first failed record ends the program */
    int show_progress;  /* --progress; default: standard error is a terminal */

    /* Owned by tool.c. */
    struct output output; /* opened by tool_output */
    struct progress progress;
    int failed, damaged; /* what tool_finish will tell */
};

/* Parses the options and returns the index of the first operand. Prints and exits for -h, -V and
 * wrong usage. Ignores SIGPIPE: a closed pipe is then a write error, which ends the program
 * quietly. */
int tool_start(struct tool *tool, int argc, char **argv);

/* "imgprep: KEY: text" on standard error; key may be NULL. */
void tool_message(struct tool *tool, const char *key, const char *text);
/* The same, with -v only. */
void tool_say(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the message and exits with the status's exit status (quietly for STATUS_CLOSED); the
 * output is discarded. */
_Noreturn void tool_die(struct tool *tool, const struct error *err);
/* Wrong usage found after tool_start: the message, a hint at -h, exit 2. */
_Noreturn void tool_usage(struct tool *tool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Opens -o or standard output; refuses a stream to a terminal. Exits when it cannot. */
void tool_output(struct tool *tool);

/* Opens the operands (none: standard input) as a stream. Exits when it cannot. */
struct reader *tool_reader(struct tool *tool, int argc, char **argv, int operand);
/* A writer on the output (tool_output is called when it was not). */
struct writer *tool_writer(struct tool *tool);

/* Runs the map over reader and, where not NULL, writer with the tool's -j, --strict, messages and
 * progress, ends the writer's stream, and returns the exit status; tool_finish follows.
 * map->context stays the caller's. */
enum status tool_map(struct tool *tool, struct map *map, struct reader *reader,
                     struct writer *writer);

/* Notes what happened, for the exit status: STATUS_FAILED and STATUS_DAMAGED are told and
 * remembered, STATUS_SYSTEM and the like end the program, STATUS_OK is nothing. */
void tool_note(struct tool *tool, enum status status, const struct error *err);
/* Completes the output (renames it, or keeps it as FILE.part when the input was damaged) and
 * returns the exit status for main: EXIT_DAMAGED before EXIT_SOME_FAILED before EXIT_DONE. */
int tool_finish(struct tool *tool);

#endif
