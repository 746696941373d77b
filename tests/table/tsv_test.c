/* Would break: rows lost, joined or invented while a table is read. */
#include "table/tsv.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <unistd.h>

static char path_a[] = "/tmp/tsv_test_a.XXXXXX", path_b[] = "/tmp/tsv_test_b.XXXXXX";

static void put(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        ok(0, "cannot write %s", path);
}

/* All that the reader says of the files, in one line: fields in [..], errors as "!text". */
static const char *tell(char *const *paths, size_t count)
{
    static char told[4096];
    struct tsv *tsv;
    struct tsv_row row;
    struct error err;
    enum status status;
    size_t used = 0;
    told[0] = '\0';
    if (tsv_open(paths, count, &tsv, &err) != STATUS_OK)
        return "cannot open";
    while ((status = tsv_next(tsv, &row, &err)) == STATUS_OK || status == STATUS_DAMAGED) {
        if (status == STATUS_DAMAGED)
            used +=
                (size_t)snprintf(told + used, sizeof told - used, "!%s", strstr(err.text, ": "));
        for (size_t i = 0; status == STATUS_OK && i < row.count; i++)
            used += (size_t)snprintf(told + used, sizeof told - used, "[%.40s]", row.fields[i]);
        used += (size_t)snprintf(told + used, sizeof told - used, "%d ", (int)row.line);
    }
    tsv_free(tsv);
    if (status != STATUS_END)
        return "did not end";
    return told;
}

static const struct {
    const char *bytes;
    size_t size;
    const char *told, *what;
} cases[] = {
#define BYTES(text) text, sizeof(text) - 1
    {BYTES("a\tb\n"), "[a][b]1 ", "two columns"},
    {BYTES("a\n\nb\n"), "[a]1 []2 [b]3 ", "an empty line is a row of one empty column"},
    {BYTES("\n"), "[]1 ", "an empty line alone"},
    {BYTES("\t\t\n"), "[][][]1 ", "empty columns"},
    {BYTES("a\\tb\t\\\\n\\n\n"), "[a\tb][\\n\n]1 ", "escapes"},
    {BYTES("a\tb\r\nc\r\n"), "[a][b]1 [c]2 ", "CRLF"},
    {BYTES("\xef\xbb\xbf"
           "a\tb\n"),
     "[a][b]1 ", "byte order mark"},
    {BYTES("\xef\xbb\xbf\n"), "[]1 ", "nothing but a byte order mark"},
    {BYTES("a\nb"), "[a]1 !: the last line is cut off: it has no newline2 ", "cut off"},
    {BYTES("a\0b\nc\n"), "!: the line holds a NUL byte1 [c]2 ", "a NUL, and on"},
};

static void table(void)
{
    char *paths[] = {path_a};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(path_a, cases[i].bytes, cases[i].size);
        same_text(tell(paths, 1), cases[i].told, cases[i].what);
    }
}

static void several(void)
{
    char *paths[] = {path_a, path_b, path_a};
    struct tsv *tsv;
    struct tsv_row row;
    struct error err;
    char *absent[] = {"/nonexistent/table.tsv"}, *later[] = {path_a, "/nonexistent/table.tsv"};
    put(path_a, "a\nb\n", 4);
    put(path_b, "c\n", 2);
    same_text(tell(paths, 3), "[a]1 [b]2 [c]1 [a]1 [b]2 ", "several files, lines counted in each");
    put(path_b, "", 0);
    ok(tsv_open(paths + 1, 1, &tsv, &err) == STATUS_OK &&
           tsv_next(tsv, &row, &err) == STATUS_DAMAGED && strstr(err.text, "is empty") &&
           tsv_next(tsv, &row, &err) == STATUS_END,
       "an empty file is damage, once");
    tsv_free(tsv);
    same_int(tsv_open(absent, 1, &tsv, &err), STATUS_SYSTEM, "a file that is not there");
    same_text(tell(later, 2), "did not end", "nor the second one");
}

static void lengths(void)
{
    size_t size = (size_t)TSV_LINE_MAX + 10;
    char *bytes = malloc(size), *paths[] = {path_a};
    if (!bytes)
        return;
    memset(bytes, 'x', size);
    bytes[TSV_LINE_MAX] = '\n';
    memcpy(bytes + TSV_LINE_MAX + 1, "next\n", 5);
    put(path_a, bytes, (size_t)TSV_LINE_MAX + 6);
    same_text(tell(paths, 1), "[xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]1 [next]2 ",
              "the longest line");
    memset(bytes, 'x', size);
    memcpy(bytes + TSV_LINE_MAX + 1, "\nnext\n", 6);
    put(path_a, bytes, (size_t)TSV_LINE_MAX + 7);
    same_text(tell(paths, 1), "!: the line is longer than 16 MiB1 [next]2 ",
              "one byte more, and on");
    memset(bytes, '\t', size);
    memcpy(bytes + 3000, "\n", 1);
    put(path_a, bytes, 3001);
    {
        struct tsv *tsv;
        struct tsv_row row = {0};
        struct error err;
        if (tsv_open(paths, 1, &tsv, &err) == STATUS_OK)
            tsv_next(tsv, &row, &err);
        same_int((long long)row.count, 3001, "3001 columns");
        tsv_free(tsv);
    }
    free(bytes);
}

int main(void)
{
    int a = mkstemp(path_a), b = mkstemp(path_b);
    if (a < 0 || b < 0)
        return 1;
    close(a);
    close(b);
    table();
    several();
    lengths();
    unlink(path_a);
    unlink(path_b);
    return tap_done();
}
