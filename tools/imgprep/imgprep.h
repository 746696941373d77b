/* Inside imgprep: what its parts share. tools/imgprep.c is the program's course, and what it does
 * to one record; options.c reads the command line, resolve.c makes the recipe of it; copies.c is
 * --augment. What fails ends the program (tool_die). */
#ifndef TOOLS_IMGPREP_IMGPREP_H
#define TOOLS_IMGPREP_IMGPREP_H

#include "image/prep.h"
#include "tools/imgprep/copies.h"
#include "tools/tool.h"

/* The options that are fields of the recipe. Those from GIVEN_TYPE on say how the values travel,
 * not what they are. */
enum given {
    GIVEN_SIZE,
    GIVEN_SHORT,
    GIVEN_FIT,
    GIVEN_PAD,
    GIVEN_CROP,
    GIVEN_FILTER,
    GIVEN_COLOUR,
    GIVEN_SCALE,
    GIVEN_MEAN,
    GIVEN_STD,
    GIVEN_DCT,
    GIVEN_UPSAMPLING,
    GIVEN_FAST,
    GIVEN_EXIF,
    GIVEN_BACKGROUND,
    GIVEN_TYPE,
    GIVEN_LAYOUT,
    GIVEN
};

struct imgprep {
    struct tool tool;
    const char *given[GIVEN];       /* --size, --short ...: their arguments */
    const char *model;              /* -m */
    const char *preset;             /* --preset */
    const char *print;              /* --print-preset */
    int whole;                      /* --box ignore */
    struct decode_options decoding; /* --max-pixels, --max-scans, --max-memory, --jpeg-warnings */
    struct recipe recipe;           /* all of them, resolved */
    struct copies copies;           /* --augment, --copies, --original, --seed */
    char line[RECIPE_TEXT];         /* the recipe as it goes into the records */
};

/* options.c */
extern const char *const imgprep_given[GIVEN]; /* the names of the options */
extern const struct option_entry imgprep_options[];
enum status imgprep_set(void *state, int id, const char *argument, struct error *err);

/* resolve.c: model or preset first, then the single options, whatever their order on the command
 * line. */
void resolve(struct imgprep *prep);

#endif
