/* base/options: one table says a program's options; from it come parsing (getopt_long) and -h. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/error.h"

#include <stdio.h>

enum { OPTION_LONG = 256 }; /* ids from here up have no short letter */

struct option_entry {
    int id;               /* the short letter, or OPTION_LONG + n */
    const char *name;     /* the long name, without dashes */
    const char *argument; /* what the argument is called in -h; NULL when there is none */
    const char *help;     /* a few words; "" hides it from -h */
};

/* Parses argv[1..] and calls set(state, id, argument) for each option in turn; *operand is the
 * index of the first operand (operands follow options, "--" ends the options, "-" is an operand).
 * Tables end with an entry whose name is NULL; `common` may be NULL. STATUS_USAGE says what is
 * wrong. */
enum status options_parse(int argc, char **argv, const struct option_entry *own,
                          const struct option_entry *common,
                          enum status (*set)(void *state, int id, const char *argument,
                                             struct error *err),
                          void *state, int *operand, struct error *err);

/* One line per option: "  -k, --top N      how many classes to print". */
void options_help(FILE *to, const struct option_entry *table);

#endif
