/* Would break: that names are only text in the report, and that the right items are shown in it. */
#include "stats/gallery.h"
#include "stats/report/html.h"
#include "tests/tap.h"

#include <math.h>

static struct error err;

static void is_text(const char *text, const char *expected, const char *what)
{
    struct buffer out = {0};
    struct page page = {&out, &err, STATUS_OK};
    html_text(&page, text);
    buffer_append(&out, "", 1, &err);
    same_text((const char *)out.data, expected, what);
    buffer_free(&out);
}

/* The vectors of RFC 4648. */
static void is_data(const char *bytes, const char *expected)
{
    struct buffer in = {0}, out = {0};
    struct page page = {&out, &err, STATUS_OK};
    buffer_append(&in, bytes, strlen(bytes), &err);
    html_data(&page, "image/png", &in);
    buffer_append(&out, "", 1, &err);
    same_text((const char *)out.data, expected, bytes);
    buffer_free(&in);
    buffer_free(&out);
}

static void texts(void)
{
    is_text("<a href=\"x\">'&'</a>", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;",
            "what HTML gives a meaning");
    is_text("K\xc3\xa4tzchen", "K\xc3\xa4tzchen", "UTF-8 stays");
    is_text("a\x01\n\x7f\xc2\x85\xff\xc3",
            "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
            "\xef\xbf\xbd\xef\xbf\xbd",
            "control characters and what is no UTF-8");
    is_data("", "data:image/png;base64,");
    is_data("f", "data:image/png;base64,Zg==");
    is_data("fo", "data:image/png;base64,Zm8=");
    is_data("foo", "data:image/png;base64,Zm9v");
    is_data("foobar", "data:image/png;base64,Zm9vYmFy");
}

static void offer(struct gallery *gallery, enum gallery_list list, const char *key, double score)
{
    struct gallery_item item = {.key = key, .label = "a", .classes = {"b"}};
    if (gallery_offer(gallery, list, &item, score, &err) != STATUS_OK)
        ok(0, "offer: %s", err.text);
}

static void galleries(void)
{
    static const double scores[] = {0.5, 0.9, 0.7, 0.9, 0.2, 0.8};
    struct gallery gallery = {.limit = 3};
    struct gallery_item *item;
    char key[] = "1";
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++, key[0]++)
        offer(&gallery, GALLERY_FIRST_WRONG, key, scores[i]);
    offer(&gallery, GALLERY_FIRST_WRONG, "2", 0.99);
    offer(&gallery, GALLERY_DISAGREE, "6", 0.95);
    offer(&gallery, GALLERY_DISAGREE, "7", 0.1);
    same_int(gallery_select(&gallery, &err), STATUS_OK, "items are selected");
    same_int((long long)gallery.size, 4, "the best three of one list, two of another, one twice");
    same_int((long long)gallery.offered[GALLERY_FIRST_WRONG], 7, "all that were offered count");
    same_text(gallery.items[0].key, "6", "the largest score first");
    same_int(gallery.items[0].lists, 1 << GALLERY_FIRST_WRONG | 1 << GALLERY_DISAGREE,
             "it says why it is here");
    near(gallery.items[1].score, 0.9, 0, "a key that comes again does not count");
    same_text(gallery.items[1].key, "2", "of equal scores in the order of the keys");
    same_text(gallery.items[2].key, "4", "likewise");
    same_text(gallery.items[3].key, "7", "the only one of its list");
    item = gallery_find(&gallery, "4");
    ok(item && strcmp(item->label, "a") == 0 && strcmp(item->classes[0], "b") == 0 &&
           !item->classes[1],
       "found by its key, with its texts");
    ok(!gallery_find(&gallery, "3"), "what was pushed out is not there");
    gallery_free(&gallery);
    gallery = (struct gallery){.limit = 0};
    offer(&gallery, GALLERY_FIRST_WRONG, "1", 1);
    gallery_select(&gallery, &err);
    same_int((long long)gallery.size, 0, "a limit of 0");
    gallery_free(&gallery);
}

int main(void)
{
    texts();
    galleries();
    return tap_done();
}
