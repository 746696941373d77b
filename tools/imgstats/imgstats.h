/* Inside imgstats: what its parts share. tools/imgstats.c has the options and the reports on
 * streams (labels, summary); eval.c scores predictions; plot.c draws, with gnuplot.c for pictures.
 * What fails ends the program (tool_die). */
#ifndef TOOLS_IMGSTATS_IMGSTATS_H
#define TOOLS_IMGSTATS_IMGSTATS_H

#include "stats/page.h"
#include "table/tsv.h"
#include "tools/tool.h"

struct imgstats {
    struct tool tool;
    const char *format; /* --format: each command has its own */
    size_t pairs;       /* eval --pairs */
    int multilabel;     /* eval --multilabel */
    double threshold;   /* eval --threshold */
    int width;          /* plot --width; 0: not said */
    size_t smooth;      /* plot --smooth; 0: not said */
    const char *title;  /* plot --title */
    int told_json;
};

/* The form of a report: --format, or text. */
enum page_format report_format(struct imgstats *stats);
/* The report goes out as one piece, unless the status says that there is none. */
void print(struct imgstats *stats, enum status status, struct buffer *page, struct error *err);

/* The commands. */
void eval(struct imgstats *stats, int argc, char **argv, int operand);
void plot(struct imgstats *stats, int argc, char **argv, int operand);

/* gnuplot.c: runs gnuplot, which reads the script and writes the picture to the tool's output. */
void gnuplot(struct imgstats *stats, const struct buffer *script);

#endif
