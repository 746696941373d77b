/* Inside imgstats: what its parts share. tools/imgstats.c has the options and the report on
 * what is in a stream; labels.c looks at a data set; eval.c scores predictions, compare.c two of
 * them; plot.c draws, with gnuplot.c for pictures. What fails ends the program (tool_die). */
#ifndef TOOLS_IMGSTATS_IMGSTATS_H
#define TOOLS_IMGSTATS_IMGSTATS_H

#include "stats/page.h"
#include "stats/plot/training.h"
#include "stats/prediction.h"
#include "table/tsv.h"
#include "tools/tool.h"

struct imgstats {
    struct tool tool;
    const char *format; /* --format: each command has its own */
    size_t pairs;       /* --pairs */
    int pairs_said;
    int multilabel;                 /* eval --multilabel */
    double threshold;               /* eval --threshold */
    int width;                      /* plot --width; 0: not said */
    size_t smooth;                  /* plot, report --smooth; 0: not said */
    const char *kind;               /* plot --kind */
    const char *title;              /* plot, report --title */
    char *images;                   /* report --images */
    char *logs[FIGURE_COLOURS + 1]; /* report --log */
    int log_count;
    const char *positive; /* eval --positive */
    int pixels;           /* labels --pixels */
};

enum { REPORT_SHOWN = 24 }; /* report: of each list, unless --pairs says otherwise */

/* The form of a report: --format, or text. */
enum page_format report_format(struct imgstats *stats);
/* The report goes out as one piece, unless the status says that there is none. */
void print(struct imgstats *stats, enum status status, struct buffer *page, struct error *err);

/* Hands each record of the stream to `add`; what is wrong with the stream is told. */
void read_stream(struct imgstats *stats, int argc, char **argv, int operand, void *into,
                 enum status (*add)(void *into, const struct record *record, struct error *err));

/* predictions.c: hands each row of the tables to `add`, whose STATUS_DAMAGED says what is wrong
 * with it. Lines that are no prediction are told; returns how many there were. */
uint64_t read_predictions(struct imgstats *stats, char *const *paths, size_t count, void *into,
                          enum status (*add)(void *into, const struct prediction *prediction,
                                             struct error *err));

/* No row has its label among its classes. */
void tell_strange_labels(struct imgstats *stats);

/* The file's name without folder and ending; the whole path where another one is called so, too.
 * NULL when memory is short. */
const char *file_name(struct arena *arena, int count, char *const *paths, int place);

/* logs.c: hands each row to `add`, which sets *begun once the headings were right; a table without
 * headings ends the program, of another all good rows are taken. */
void read_table(struct imgstats *stats, char *const *path, void *into,
                enum status (*add)(void *into, char *const *fields, size_t count, int *begun,
                                   struct error *err));
/* The logs of trainings, of which there are so many as colours at most; none: standard
 * input. The names live in the arena. */
void check_logs(struct imgstats *stats, int count);
void read_logs(struct imgstats *stats, char **paths, int count, struct arena *arena,
               struct training_log *logs);

/* region.c: what of a picture of that size its record is about: what is in its box, or all. */
struct window;
enum status record_region(const struct record *record, int width, int height, struct window *region,
                          struct error *err);

/* pictures.c: puts the pictures of --images beside the items of the gallery. */
struct gallery;
void read_pictures(struct imgstats *stats, struct gallery *gallery);

/* The commands. */
void count_labels(struct imgstats *stats, int argc, char **argv, int operand);
void compare(struct imgstats *stats, int argc, char **argv, int operand);
void eval(struct imgstats *stats, int argc, char **argv, int operand);
void plot(struct imgstats *stats, int argc, char **argv, int operand);
void report(struct imgstats *stats, int argc, char **argv, int operand);

/* gnuplot.c: runs gnuplot, which reads the script and writes the picture to the tool's output. */
void gnuplot(struct imgstats *stats, const struct buffer *script);

#endif
