/* The style sheet and the script, which the Makefile turns into lines of C. */
#include "stats/report/report_internal.h"

static const char *const style[] = {
#include "stats/report/report.css.inc"
};
static const char *const script[] = {
#include "stats/report/report.js.inc"
};

static void put(struct page *page, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        page_printf(page, "%s\n", lines[i]);
}

void report_style(struct page *page)
{
    put(page, style, sizeof style / sizeof *style);
}

void report_script(struct page *page)
{
    put(page, script, sizeof script / sizeof *script);
}
