/* The pieces of lib/source that the tests of imgextract reach only in part: marks, label files,
 * names, options. */
#include "source/source_internal.h"
#include "tests/tap.h"

#include <stdlib.h>

static void test_marks(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum content content;
        const char *what;
    } cases[] = {
        {"\xff\xd8\xff\xe0", 4, CONTENT_PICTURE, "JPEG"},
        {"\xff\xd8", 2, CONTENT_UNKNOWN, "two bytes of a JPEG"},
        {"\x89PNG\r\n\x1a\n", 8, CONTENT_PICTURE, "PNG"},
        {"\x89PNG\n\x1a\n", 7, CONTENT_UNKNOWN, "PNG mangled by a text transfer"},
        {"GIF89a", 6, CONTENT_PICTURE, "GIF"},
        {"RIFF\1\2\3\4WEBPVP8 ", 16, CONTENT_PICTURE, "WebP"},
        {"RIFF\1\2\3\4WAVEfmt ", 16, CONTENT_UNKNOWN, "a sound in RIFF"},
        {"II*\0\1\2\3\4", 8, CONTENT_PICTURE, "TIFF, little-endian"},
        {"MM\0*\1\2\3\4", 8, CONTENT_PICTURE, "TIFF, big-endian"},
        {"\0\0\0\x1c"
         "ftypavif",
         12, CONTENT_PICTURE, "AVIF"},
        {"\0\0\0\x1c"
         "ftypmp42",
         12, CONTENT_UNKNOWN, "a film"},
        {"P5 1 1 255\n", 11, CONTENT_PICTURE, "PGM"},
        {"P6\n# comment", 12, CONTENT_PICTURE, "PPM"},
        {"P8 1 1", 6, CONTENT_UNKNOWN, "no such PNM"},
        {"P5x", 3, CONTENT_UNKNOWN, "a word that begins with P5"},
        {"P5\0", 3, CONTENT_UNKNOWN, "P5 and a NUL"},
        {"BM\1\2\3\4\0\0\0\0\x36\0\0\0\x28\0\0\0", 18, CONTENT_PICTURE, "BMP"},
        {"BM and other words", 18, CONTENT_UNKNOWN, "a text that begins with BM"},
        {"\0\0\x08\x03\0\0\0\1", 8, CONTENT_IDX, "IDX of three dimensions"},
        {"\0\0\x08\x01\0\0\0\1", 8, CONTENT_IDX, "IDX of one dimension"},
        {"\0\0\x08\x05\0\0\0\1", 8, CONTENT_UNKNOWN, "IDX of five dimensions"},
        {"\0\0\x07\x03\0\0\0\1", 8, CONTENT_UNKNOWN, "IDX of no such type"},
        {"\x93ITS\r\n\x1a\n\1\1", 10, CONTENT_STREAM, "a stream"},
        {"\x93ITS\n\n\x1a\n\1\1", 10, CONTENT_UNKNOWN, "a stream mangled by a text transfer"},
        {"", 0, CONTENT_UNKNOWN, "nothing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        same_int(content_of((const unsigned char *)cases[i].bytes, cases[i].size), cases[i].content,
                 cases[i].what);
}

static void test_sidecars(void)
{
    static const struct {
        const char *sidecar, *picture;
        int match;
    } cases[] = {
        {"a/1.cls", "a/1.jpg", 2},       {"a/1.cls", "b/1.jpg", 0},
        {"a/1.cls", "a/1.left.jpg", 1},  {"1.5.cls", "1.5.jpg", 2},
        {"1.5.cls", "1.6.jpg", 0},       {"1.cls", "1.5.jpg", 1},
        {"a.b/1.cls", "a.b/1.jpg", 2},   {"a.b/1.cls", "a.b/2.jpg", 0},
        {"a.b/1.cls", "a.b/1.x.jpg", 1}, {"10.cls", "1.jpg", 0},
        {"1.cls", "10.jpg", 0},          {"1.cls", "1", 2},
        {"a/b/1.cls", "a/1.jpg", 0},     {".cls", ".jpg", 0},
    };
    char label[] = " \t big dog \t\r\nsecond";
    char empty[] = "";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char what[64];
        snprintf(what, sizeof what, "%s for %s", cases[i].sidecar, cases[i].picture);
        same_int(sidecar_match(cases[i].sidecar, cases[i].picture), cases[i].match, what);
    }
    same_text(sidecar_label(label), "big dog", "the first line without blanks");
    same_text(sidecar_label(empty), "", "an empty label file");
}

/* Past the first table, every name is still known and none is taken for another. */
static void test_names(void)
{
    enum { MANY = 300000 };
    struct names *names = names_new();
    struct error err;
    char name[32];
    int fresh = 0, wrong = 0;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) {
            snprintf(name, sizeof name, "cat/%d.jpg", i);
            if (names_add(names, name, &fresh, &err) != STATUS_OK || fresh != (round == 0))
                wrong++;
        }
    same_int(wrong, 0, "300,000 names, each once new and then known");
    names_free(names);
    names_free(NULL);
}

static void test_keys(void)
{
    struct record record = {0};
    struct error err;
    size_t size = 3 * (size_t)RECORD_KEY_MAX;
    char *name = malloc(size + 1);
    char *first;
    if (!name)
        exit(1);
    memset(name, 'a', size);
    name[size] = '\0';
    same_int(set_key(&record, name, &err), STATUS_OK, "a very long name is taken");
    same_int((long long)strlen(record_key(&record)), RECORD_KEY_MAX, "and cut to the limit");
    first = strdup(record_key(&record));
    name[size - 1] = 'b';
    set_key(&record, name, &err);
    ok(first && strcmp(first, record_key(&record)) != 0,
       "a name that differs at its end gets another key");
    name[RECORD_KEY_MAX] = '\0';
    set_key(&record, name, &err);
    same_text(record_key(&record), name, "a name of just the limit stays as it is");
    free(first);
    free(name);
    record_free(&record);
}

static void test_options(void)
{
    static const struct {
        struct source_options options;
        enum status status;
        const char *what;
    } cases[] = {
        {{.shard = 1, .shards = 1}, STATUS_OK, "shard 1 of 1"},
        {{.shard = 0, .shards = 2}, STATUS_USAGE, "shard 0"},
        {{.shard = 3, .shards = 2}, STATUS_USAGE, "shard 3 of 2"},
        {{.except = 1}, STATUS_USAGE, "all but no shard"},
        {{.label = LABEL_REGEX, .regex = "("}, STATUS_USAGE, "a bad regular expression"},
        {{.label = LABEL_REGEX, .regex = "x"}, STATUS_USAGE, "no group"},
        {{.label = LABEL_TABLE, .table = "/no/such/table"}, STATUS_SYSTEM, "no such table"},
        {{.names = "/no/such/names"}, STATUS_SYSTEM, "no such names"},
        {{.list = "/no/such/list"}, STATUS_SYSTEM, "no such list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source *source;
        struct error err = {0};
        enum status status = source_open(&cases[i].options, &source, &err);
        same_int(status, cases[i].status, cases[i].what);
        ok((status == STATUS_OK) == (source != NULL), "%s: a source only when all is well",
           cases[i].what);
        source_free(source);
    }
}

/* Stopping early leaves nothing behind: memory, descriptors, threads (the sanitizers and valgrind
 * see to that). */
static void test_early_end(char *path)
{
    char *operands[] = {path};
    struct source_options options = {.operands = operands, .operand_count = 1, .stage = "test"};
    struct source *source;
    struct record record = {0};
    struct error err;
    same_int(source_open(&options, &source, &err), STATUS_OK, "a source on a file");
    same_int(source_next(source, &record, &err), STATUS_DAMAGED,
             "that is neither archive nor picture");
    same_int(source_next(source, &record, &err), STATUS_END, "told once");
    same_int((long long)source_counts(source)->losses, 1, "and counted");
    source_free(source);
    record_free(&record);
}

int main(int argc, char **argv)
{
    (void)argc;
    test_marks();
    test_sidecars();
    test_names();
    test_keys();
    test_options();
    test_early_end(argv[0]);
    return tap_done();
}
