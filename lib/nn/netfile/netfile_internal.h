/* Inside nn/netfile: the parts of netfile.h. netfile_text.c: lines, words, expressions;
 * netfile_node.c: a line that is an operator becomes a node; netfile_check.c: what is known of a
 * line by itself; netfile.c: blocks, repetitions, names. */
#ifndef NN_NETFILE_NETFILE_INTERNAL_H
#define NN_NETFILE_NETFILE_INTERNAL_H

#include "base/random.h"
#include "nn/netfile/netfile.h"

struct line {
    int number; /* in the file, from 1 */
    size_t count;
    const char **words;
    size_t end; /* of block, repeat: the index of its `end` */
};

struct text {
    struct line *lines; /* without empty ones */
    size_t count;
};

/* Words into the arena; checks that block, repeat and end match. STATUS_USAGE begins with the line
 * number. */
enum status text_lines(const char *text, size_t size, const char *name, struct arena *arena,
                       struct text *result, struct error *err);

/* The block of that name whose end comes before the line, so no block can call itself; or NULL. */
const struct line *text_block(const struct text *text, const char *name, const struct line *before);

/* $name: the value of a variable; returns 0 when there is none of that name (length bytes long). */
typedef int variable_function(const void *context, const char *name, size_t length, double *value);

/* + - * / ( ) numbers and $names. */
enum status text_expression(const char *text, variable_function *variable, const void *context,
                            double *value, struct error *err);
/* One expression, several separated by commas, or two whole numbers as 3x5. */
enum status text_list(const char *text, variable_function *variable, const void *context,
                      double *values, size_t room, size_t *count, struct error *err);

/* The NAME=VALUE words of a line. */
struct arguments {
    const char *const *words;
    size_t count;
    variable_function *variable;
    const void *context;
};

/* The text after NAME=, or NULL. */
const char *argument_text(const struct arguments *arguments, const char *name);
enum status argument_real(const struct arguments *arguments, const char *name, double absent,
                          double *value, struct error *err);
enum status argument_integer(const struct arguments *arguments, const char *name, int64_t low,
                             int64_t high, int64_t absent, int64_t *value, struct error *err);
/* Is each NAME among `known` (words separated by spaces)? what: who has them, for the message. */
enum status argument_check(const struct arguments *arguments, const char *what, const char *known,
                           struct error *err);

/* The model being made. */
struct making {
    struct model *model;
    struct dims *dims; /* by value of the model; channels 0: no data */
    int *uses, *made;  /* by value: how many read it; the line that made it */
    size_t room;
    struct random random;
};

/* The attributes of the operator of that name, separated by spaces; NULL: there is none. */
const char *node_attributes(const char *op_type);
/* 2 where the value is a vector (it comes from Gemm or Flatten, or all is), else 4. */
int value_rank(const struct model *model, int value);
/* Adds the node with its weights; *value is what it puts out. */
enum status node_make(struct making *making, const char *op_type, const char *name,
                      const int *inputs, size_t count, const struct arguments *arguments,
                      int *value, struct error *err);
/* Is `kind` an operator, or (then *block is set) a block above the line, that has all these
 * arguments? */
enum status line_check(const struct text *text, const struct line *line, const char *kind,
                       const struct arguments *arguments, const struct line **block,
                       struct error *err);
/* Room in the arrays for the model's values. */
enum status making_room(struct making *making, struct error *err);

#endif
