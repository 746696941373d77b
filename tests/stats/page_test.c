/* Would break: columns that do not line up, a terminal that obeys a file name. */
#include "stats/page.h"
#include "stats/summary.h"
#include "tests/tap.h"

#include <math.h>

static void is(struct buffer *out, const char *expected, const char *what)
{
    struct error err;
    buffer_append(out, "", 1, &err);
    same_text((const char *)out->data, expected, what);
    buffer_clear(out);
}

static void cells(void)
{
    struct buffer out = {0};
    struct error err;
    struct page page = {&out, &err, STATUS_OK};
    page_cell(&page, "ab", 4, PAGE_LEFT);
    page_cell(&page, "cd", 4, PAGE_RIGHT);
    is(&out, "ab    cd", "cells are padded");
    page_cell(&page, "abcdef", 4, PAGE_LEFT);
    is(&out, "abc~", "and cut");
    page_cell(&page, "K\xc3\xa4tzchen", 4, PAGE_LEFT);
    is(&out, "K\xc3\xa4t~", "in characters, not in bytes");
    page_cell(&page, "K\xc3\xa4tz", 6, PAGE_RIGHT);
    is(&out, "  K\xc3\xa4tz", "padded in characters");
    page_cell(&page, "a\x1b[31m\tb\xc2\x9b", 10, PAGE_LEFT);
    is(&out, "a?[31m?b? ", "control characters are not obeyed");
    page_percent(&page, 0.8103, 10);
    page_percent(&page, (double)NAN, 4);
    is(&out, "   81.03 %   -", "shares");
    page_bar(&page, 5, 10, 10);
    page_printf(&page, "|");
    page_bar(&page, 1, 1000, 10);
    page_printf(&page, "|");
    page_bar(&page, 0, 0, 10);
    is(&out, "#####|#|", "bars: what is there is seen");
    page_number(&page, 1 / 3.0, "null");
    page_printf(&page, " ");
    page_number(&page, (double)NAN, "null");
    is(&out, "0.333333333333 null", "numbers");
    buffer_free(&out);
}

static void formats(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *name;
    } cases[] = {
        {"\xff\xd8\xff\xe0", 4, "jpeg"},
        {"\x89PNG\r\n\x1a\n....", 12, "png"},
        {"P6\n2 2\n255\n", 11, "pnm"},
        {"GIF89a", 6, "gif"},
        {"RIFF\0\0\0\0WEBPVP8 ", 16, "webp"},
        {"BM......", 8, "bmp"},
        {"II*\0", 4, "tiff"},
        {"\xff\xd8", 2, "unknown"},
        {"P", 1, "unknown"},
        {"hello", 5, "unknown"},
        {"", 0, "empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        same_text(summary_format((const unsigned char *)cases[i].bytes, cases[i].size),
                  cases[i].name, cases[i].name);
}

int main(void)
{
    cells();
    formats();
    return tap_done();
}
