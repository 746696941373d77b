/* Escapes: a field with tabs in it must not become two, and JSON must be JSON whatever the bytes.
 */
#include "base/text.h"
#include "tests/tap.h"

static const char *buffer_string(struct buffer *buffer)
{
    if (buffer_append(buffer, "", 1, NULL) != STATUS_OK)
        return NULL;
    return (const char *)buffer->data;
}

static void test_tsv(void)
{
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"a\tb", "a\\tb"},
        {"a\nb\r", "a\\nb\\r"},
        {"\\", "\\\\"},
        {"\\t", "\\\\t"},
        {"\xc3\xa4\xff", "\xc3\xa4\xff"},
    };
    char every[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        char back[32];
        if (text_tsv(&out, cases[i].text, NULL) != STATUS_OK)
            break;
        ok(strcmp(buffer_string(&out), cases[i].escaped) == 0, "tsv %zu", i);
        snprintf(back, sizeof back, "%s", (char *)out.data);
        text_tsv_decode(back);
        ok(strcmp(back, cases[i].text) == 0, "and back");
        buffer_free(&out);
    }
    for (int i = 0; i < 255; i++)
        every[i] = (char)(i + 1);
    every[255] = '\0';
    {
        struct buffer out = {0};
        char back[600];
        text_tsv(&out, every, NULL);
        snprintf(back, sizeof back, "%s", buffer_string(&out));
        ok(!strpbrk(back, "\t\n\r"), "no separator is left");
        text_tsv_decode(back);
        ok(strcmp(back, every) == 0, "every byte comes back");
        buffer_free(&out);
    }
    {
        char odd[] = "a\\";
        text_tsv_decode(odd);
        same_text(odd, "a\\", "a backslash at the end stays");
    }
}

static void test_json(void)
{
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"", "\"\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\t\x01\x1f\x7f", "\"\\u000a\\u0009\\u0001\\u001f\x7f\""},
        {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xb1", "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xb1\""},
        {"\xff", "\"\\ufffd\""},
        {"\xc3", "\"\\ufffd\""},            /* cut */
        {"\xe2\x82", "\"\\ufffd\\ufffd\""}, /* cut */
        {"\xc0\x80", "\"\\ufffd\\ufffd\""}, /* overlong */
        {"\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},            /* half of a surrogate pair */
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* beyond U+10FFFF */
        {"\xf5x", "\"\\ufffdx\""},
        {"\xc3x", "\"\\ufffdx\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        if (text_json(&out, cases[i].text, NULL) == STATUS_OK &&
            !ok(strcmp(buffer_string(&out), cases[i].escaped) == 0, "json %zu", i))
            printf("#   got %s\n", (char *)out.data);
        buffer_free(&out);
    }
}

int main(void)
{
    test_tsv();
    test_json();
    ok(text_ends_with("a/B.JPG", ".jpg") && text_ends_with("x.tar.gz", ".tar.gz"),
       "endings, whatever the case");
    ok(!text_ends_with("jpg", ".jpg") && !text_ends_with("a.jpg.txt", ".jpg"), "and no others");
    ok(text_ends_with("a", ""), "everything ends with nothing");
    return tap_done();
}
