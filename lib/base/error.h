/* base/error: how every function of lib/ says that something went wrong.
 *
 * A function that can fail returns an enum status and takes a struct error * as its last
 * argument, into which it writes one line for a person: what was found, what was expected.
 * Nothing in lib/ prints or exits. The status is graded, and the grades are the programs' exit
 * statuses (tools/tool.h maps them).
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum status {
    STATUS_OK,
    STATUS_END,     /* no more data: a clean, expected end */
    STATUS_FAILED,  /* this record cannot be done; the others can */
    STATUS_USAGE,   /* the caller asked for something that makes no sense */
    STATUS_DAMAGED, /* the input is damaged or ended early */
    STATUS_SYSTEM,  /* memory, disk, I/O */
    STATUS_CLOSED,  /* the reader downstream closed the pipe: stop quietly */
};

enum { ERROR_TEXT = 1024 };

struct error {
    enum status status;
    char text[ERROR_TEXT]; /* one line, no newline at its end; cut when longer */
};

/* Each stores status and text (err may be NULL) and returns the status, for `return
 * error_set(...)`. */
enum status error_set(struct error *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* STATUS_SYSTEM with ": strerror(errno)" appended; STATUS_CLOSED when errno is EPIPE. */
enum status error_errno(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* STATUS_SYSTEM, "out of memory". */
enum status error_memory(struct error *err);

/* Puts "prefix: " before the text already there; returns the status already there. */
enum status error_prefix(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The analyser looks at one file at a time; so it knows that these never return STATUS_OK. */
#ifdef __clang_analyzer__
#define error_set(err, status, ...) (error_set(err, status, __VA_ARGS__), (status))
#define error_errno(...)            (error_errno(__VA_ARGS__), STATUS_SYSTEM)
#define error_memory(err)           (error_memory(err), STATUS_SYSTEM)
#endif

/* Returns from the calling function with the call's status, unless that is STATUS_OK. For a row of
 * calls that leave nothing to be freed behind them. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status try_status = (call);                                                           \
        if (try_status != STATUS_OK)                                                               \
            return try_status;                                                                     \
    } while (0)

#endif
