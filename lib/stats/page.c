#include "stats/page.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status page_format_parse(const char *text, enum page_format *format, struct error *err)
{
    static const char *const names[] = {"text", "tsv", "json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *format = (enum page_format)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "'%s' is no format: expected text, tsv or json", text);
}

void page_printf(struct page *page, const char *format, ...)
{
    char text[512];
    va_list arguments;
    int length;
    if (page->status != STATUS_OK)
        return;
    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text)
        page->status = error_set(page->err, STATUS_SYSTEM, "a piece of text is too long");
    else
        page->status = buffer_append(page->out, text, (size_t)length, page->err);
}

void page_tsv(struct page *page, const char *text)
{
    if (page->status == STATUS_OK)
        page->status = text_tsv(page->out, text, page->err);
}

void page_json(struct page *page, const char *text)
{
    if (page->status == STATUS_OK)
        page->status = text_json(page->out, text, page->err);
}

void page_number(struct page *page, double value, const char *absent)
{
    if (isnan(value))
        page_printf(page, "%s", absent);
    else
        page_printf(page, "%.12g", value);
}

/* Does a character of UTF-8 begin at this byte? */
static int begins(unsigned char byte)
{
    return (byte & 0xc0) != 0x80;
}

size_t page_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += (size_t)begins((unsigned char)*text);
    return width;
}

size_t page_digits(uint64_t value)
{
    char text[32];
    return (size_t)snprintf(text, sizeof text, "%" PRIu64, value);
}

static void spaces(struct page *page, size_t count)
{
    if (count)
        page_printf(page, "%*s", (int)count, "");
}

/* Control characters: C0, DEL, and C1 (U+0080..U+009F, C2 80..C2 9F in UTF-8, which some terminals
 * obey). */
static void safe_text(struct page *page, const unsigned char *text, size_t width)
{
    for (size_t i = 0, shown = 0; text[i]; i++) {
        int c1 = text[i] == 0xc2 && text[i + 1] >= 0x80 && text[i + 1] < 0xa0;
        shown += (size_t)begins(text[i]);
        if (shown > width)
            return;
        if (text[i] < 0x20 || text[i] == 0x7f || c1)
            page_printf(page, "?");
        else
            page_printf(page, "%c", text[i]);
        i += (size_t)c1;
    }
}

void page_cell(struct page *page, const char *text, size_t width, enum page_side side)
{
    size_t length = page_width(text);
    size_t shown = length <= width ? length : width;
    if (side == PAGE_RIGHT)
        spaces(page, width - shown);
    if (length <= width) {
        safe_text(page, (const unsigned char *)text, length);
    } else if (width) {
        safe_text(page, (const unsigned char *)text, width - 1);
        page_printf(page, "~");
    }
    if (side == PAGE_LEFT)
        spaces(page, width - shown);
}

void page_percent(struct page *page, double ratio, size_t width)
{
    char text[32] = "-";
    if (!isnan(ratio))
        snprintf(text, sizeof text, "%.2f %%", 100 * ratio);
    page_cell(page, text, width, PAGE_RIGHT);
}

void page_bar(struct page *page, uint64_t value, uint64_t most, size_t width)
{
    size_t marks = most ? (size_t)((double)value / (double)most * (double)width + 0.5) : 0;
    if (value && !marks)
        marks = 1;
    while (marks--)
        page_printf(page, "#");
}
