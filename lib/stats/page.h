/* stats/page: a text that is put together piece by piece, for a terminal, a table or a program.
 *
 * The first failure (memory) is kept, and what comes after it does nothing, so that the pieces can
 * be written one after the other and the status asked for once, at the end.
 */
#ifndef STATS_PAGE_H
#define STATS_PAGE_H

#include "base/memory.h"

#include <stdint.h>

struct page {
    struct buffer *out;
    struct error *err;
    enum status status; /* STATUS_OK at the start */
};

enum page_format { PAGE_TEXT, PAGE_TSV, PAGE_JSON };
/* "text", "tsv", "json"; else STATUS_USAGE. */
enum status page_format_parse(const char *text, enum page_format *format, struct error *err);

void page_printf(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_tsv(struct page *page, const char *text);  /* escaped as a TSV field */
void page_json(struct page *page, const char *text); /* quoted */
/* A number for programs: 12 digits, or `absent` for NAN ("null" in JSON, "" in TSV). */
void page_number(struct page *page, double value, const char *absent);

/* For the eye. A cell is padded with spaces to `width` characters of UTF-8 and cut with a '~' when
 * longer. Control characters become '?': names come from archives, and a terminal would obey them.
 */
enum page_side { PAGE_LEFT, PAGE_RIGHT };
void page_cell(struct page *page, const char *text, size_t width, enum page_side side);
/* "  81.03 %", or "-" for NAN, in a cell of `width`. */
void page_percent(struct page *page, double ratio, size_t width);
/* value / most of `width` marks, at least one when the value is not 0. */
void page_bar(struct page *page, uint64_t value, uint64_t most, size_t width);
/* Characters of UTF-8, as page_cell counts them. */
size_t page_width(const char *text);
/* Digits of the number. */
size_t page_digits(uint64_t value);

#endif
