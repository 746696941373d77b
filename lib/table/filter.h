/* table/filter: which rows are kept: "Confidence>=0.99", "LabelText=Tiger|Lion", "key~^train/".
 *
 *   = !=          the text is one of the alternatives between bars, or none of them
 *   == < <= > >=  compare as numbers; where the value is no number, < <= > >= compare bytes
 *   ~ !~          an extended regular expression matches somewhere, or nowhere
 *
 * A backslash takes the next character as it is. An empty field is no number and passes no
 * comparison with one; other text that is no number is an error of its row.
 */
#ifndef TABLE_FILTER_H
#define TABLE_FILTER_H

#include "table/kept.h"

struct filter;

/* STATUS_USAGE says what is wrong with the text. */
enum status filter_new(const char *text, struct filter **filter, struct error *err);
/* The column's name, as it was written. */
const char *filter_column(const struct filter *filter);
/* Puts others in the place of the alternatives of = and !=: replace() is called for each, and adds
 * what stands for it to `names`. */
enum status filter_replace(struct filter *filter,
                           enum status (*replace)(void *context, struct text name,
                                                  struct kept *names, struct error *err),
                           void *context, struct error *err);
/* Does the text pass? STATUS_OK: *passes says; STATUS_FAILED: it should be a number. Any number of
 * threads may ask. */
enum status filter_test(const struct filter *filter, struct text text, int *passes,
                        struct error *err);
void filter_free(struct filter *filter);

#endif
