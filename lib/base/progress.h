/* base/progress: one line that says how far a long run is: count, share, rate, time left. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *to;         /* NULL: silent, every call returns at once */
    const char *name; /* the program */
    const char *unit; /* "images" */
    int64_t done;
    int64_t total; /* 0: unknown */
    double start;  /* seconds, monotonic */
    double shown;
};

double progress_now(void); /* seconds, monotonic */
void progress_start(struct progress *progress, FILE *to, const char *name, const char *unit,
                    int64_t total);
/* Redraws at most ten times a second. `note` is appended (a loss, an accuracy); NULL for none. */
void progress_add(struct progress *progress, int64_t count, const char *note);
/* Clears the line, for a message or at the end. */
void progress_clear(struct progress *progress);

#endif
