/* imgjoin: what its files share.
 *
 * A side is an input: side 0 is the left one, read once; sides 1, 2 ... are the tables of -t, held
 * in memory after their filters. For each left row or record the sides are asked in turn, and what
 * they give is a row of values, of which the columns of the output are made.
 */
#ifndef TOOLS_IMGJOIN_H
#define TOOLS_IMGJOIN_H

#include "stream/reader.h"
#include "table/filter.h"
#include "table/hierarchy.h"
#include "table/kept.h"
#include "table/table.h"
#include "tools/tool.h"

#include <regex.h>

enum { SIDES_MAX = 16, FILTERS_MAX = 64, KEYS_MAX = 8, BOX_EDGES = 4 };

enum how { HOW_INNER, HOW_LEFT, HOW_SEMI, HOW_ANTI };

/* How the value that is compared is made from a key. */
enum rule { RULE_DEFAULT, RULE_WHOLE, RULE_NAME, RULE_REGEX };

/* Where a value comes from. Column of side 0: of the table, or of struct left's attributes; of
 * others: of their kept values. */
struct source {
    size_t side, column;
};

/* Several columns, in an option's order. */
struct sources {
    struct source at[KEYS_MAX];
    size_t count;
};

struct side {
    /* From the options. */
    const char *path;          /* -t */
    const char *on;            /* --on */
    enum how how;              /* --how */
    int each;                  /* --each */
    const char *select;        /* --select */
    const char *distinct;      /* --distinct */
    enum rule rule;            /* --key */
    regex_t regex;             /* --key regex=RE */
    const char *columns;       /* --columns */
    int predictions;           /* --predictions */
    struct table_options rows; /* --format, --delimiter, --no-header */

    /* Of a table of -t. */
    struct kept *kept;
    struct sources left_key;    /* the values looked for */
    size_t right_key[KEYS_MAX]; /* the table's columns in which they are */
    size_t *columns_kept;       /* the table's column of each kept value */
    char **names;               /* and its name; NULL when it has none */
    int *hidden;                /* kept for the box or the label only */
    size_t kept_count;
    uint64_t rows_read, rows_kept, repeated, unmatched;
    char *first_unmatched;
};

/* A filter, and behind which -t it stood. */
struct where {
    struct filter *filter;
    size_t side;
    struct source source;
};

enum item_kind { ITEM_COPY, ITEM_BOX, ITEM_AGREE };

/* A column or attribute of the output. */
struct item {
    char *name; /* NULL: none */
    enum item_kind kind;
    struct source from[BOX_EDGES];
};

/* The left input: a stream or a table. */
struct left {
    struct reader *reader;
    struct table *rows;
    char **attributes; /* of a stream: those that are asked for; "key" is the key */
    int *seen;         /* has some record had it? */
    size_t attribute_count;
    size_t wanted; /* columns of a table that are looked at */
};

struct imgjoin {
    struct tool tool;
    struct side sides[SIDES_MAX];
    size_t side_count;
    struct where wheres[FILTERS_MAX];
    size_t where_count;
    const char *box; /* --box */
    size_t box_side;
    const char *label; /* --label */
    size_t label_side;
    const char *hierarchy;   /* --hierarchy */
    const char *class_names; /* --class-names */
    int csv;                 /* --csv */
    uint64_t memory;         /* --memory, in bytes */

    struct left left;
    struct sources box_sources, label_source, distinct_sources;
    struct item *items;
    size_t item_count, item_room;
    struct kept *distinct; /* what has been written, of the columns of --distinct */

    uint64_t rows_read, rows_filtered, rows_written, rows_repeated, rows_failed;
    struct emitter *emitter; /* of a left stream, while it runs */
    int strict_end;          /* --strict: a key without a match ends the run */
};

/* The row being made. */
struct current {
    struct imgjoin *join;
    const struct field *fields;     /* of a left table */
    const struct record *record;    /* of a left stream */
    struct text *values[SIDES_MAX]; /* of each side's match */
    int matched[SIDES_MAX];
    struct buffer scratch, key, part; /* a decoded text; a key of several columns; a part of it */
    uint64_t number;                  /* rows made of the left row so far */
    enum status (*emit)(struct current *current, struct error *err);
    void *emitter; /* for emit */
};

/* options.c */
extern const struct option_entry imgjoin_options[];
enum status imgjoin_set(void *state, int id, const char *argument, struct error *err);

/* columns.c: names of columns become sources. */
/* Looks in the side, then in the left input, then in the sides before `sides` in turn. */
enum status find_source(struct imgjoin *join, size_t side, size_t sides, const char *name,
                        struct source *source, struct error *err);
/* "A,B,C" */
enum status find_sources(struct imgjoin *join, size_t side, size_t sides, const char *names,
                         struct sources *sources, struct error *err);
/* Calls part() for each part between commas. */
enum status each_part(const char *list,
                      enum status (*part)(void *context, char *text, struct error *err),
                      void *context, struct error *err);

/* input.c */
/* Opens the left input and sees what it is. */
void open_left(struct imgjoin *join, int argc, char **argv, int operand);
/* Opens a table with the side's options; bytes may be NULL. */
enum status open_rows(struct side *side, struct bytes *bytes, char *const *paths, size_t count,
                      struct table **rows, struct error *err);
/* table_next, without the headings of predictions. */
enum status next_row(const struct side *side, struct table *rows, struct table_row *row,
                     struct error *err);

/* load.c: reads a table into memory. */
void load_side(struct imgjoin *join, size_t side);

/* classes.c: puts the classes below it in place of a class in the filters. */
void read_hierarchy(struct imgjoin *join);

/* items.c: what the output is made of. */
void plan_items(struct imgjoin *join);

/* join.c */
/* The part of a key that is compared, by the side's rule, or that other one; `scratch` may hold the
 * whole, or a copy of it. */
struct text key_text(const struct side *side, enum rule otherwise, struct text whole,
                     struct buffer *scratch);
enum status current_open(struct imgjoin *join, struct current *current, struct error *err);
enum status current_value(struct current *current, struct source source, struct text *text,
                          struct error *err);
/* All that the left row or record gives: calls current->emit for each. STATUS_FAILED: the row is
 * wrong. */
enum status join_row(struct current *current, struct error *err);
void current_free(struct current *current);
/* "x0,y0,x1,y1" of four texts, checked; STATUS_FAILED. */
enum status box_text(const struct text edges[BOX_EDGES], struct buffer *out, struct error *err);

/* left_table.c, left_stream.c: reads the left input and writes the output. */
void run_table(struct imgjoin *join);
void run_stream(struct imgjoin *join);

/* report.c: what was not written, and why. */
/* A row that cannot be read, or used: told, and counted. The first few are told one by one. */
void note_row(struct imgjoin *join, enum status status, const struct error *err);
void report(struct imgjoin *join);

#endif
