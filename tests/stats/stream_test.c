/* Would break: what `imgstats labels` and `imgstats summary` count. */
#include "stats/labels.h"
#include "stats/summary.h"
#include "tests/tap.h"

static void set(struct record *record, const char *name, const char *value)
{
    struct error err;
    if (value && record_set(record, name, value, &err) != STATUS_OK)
        ok(0, "%s: %s", name, err.text);
}

/* An image, a tensor (side x side x 3) or an error record, counted by both. */
static void add(struct labels *labels, struct summary *summary, unsigned kind, int side,
                const char *label)
{
    struct record record = {0};
    struct error err;
    char number[32];
    record_set_key(&record, "key", &err);
    set(&record, "label", label);
    record.kind = kind;
    if (kind == RECORD_IMAGE)
        buffer_append(&record.payload, "\xff\xd8\xff....", 7, &err);
    if (kind == RECORD_TENSOR) {
        record_set_tensor(&record, ELEMENT_U8, &(struct shape){3, {side, side, 3}}, &err);
        memset(record.payload.data, 0, record.payload.size);
        snprintf(number, sizeof number, "%d", side * 10);
        set(&record, "width", number);
        set(&record, "height", "wrong");
        set(&record, "recipe", "size 8x8");
    }
    if (kind == RECORD_ERROR)
        record_fail(&record, "imgprep", "not a\npicture", &err);
    if (labels_add(labels, &record, &err) != STATUS_OK ||
        summary_add(summary, &record, &err) != STATUS_OK)
        ok(0, "add: %s", err.text);
    record_free(&record);
}

static void contains(const struct buffer *out, const char *text, const char *what)
{
    if (!ok(strstr((const char *)out->data, text) != NULL, "%s", what))
        printf("#   no '%s' in:\n%s", text, (const char *)out->data);
}

static void labels_report(const struct labels *labels, enum page_format format, struct buffer *out)
{
    struct error err;
    buffer_clear(out);
    same_int(labels_write(labels, format, out, &err), STATUS_OK, "labels are written");
    buffer_append(out, "", 1, &err);
}

static void summary_report(const struct summary *summary, enum page_format format,
                           struct buffer *out)
{
    struct error err;
    buffer_clear(out);
    same_int(summary_write(summary, format, out, &err), STATUS_OK, "the summary is written");
    buffer_append(out, "", 1, &err);
}

static void check_labels(const struct labels *labels)
{
    struct buffer out = {0};
    labels_report(labels, PAGE_TSV, &out);
    same_text((const char *)out.data,
              "dog\t3\t1\t0.428571428571\ncat\t2\t0\t0.285714285714\n\t2\t1\t0.285714285714\n",
              "labels as TSV: the most frequent first, no label last");
    labels_report(labels, PAGE_TEXT, &out);
    contains(&out, "unlabelled           2\nerrors               2\n",
             "labels as text: what has none, what failed");
    contains(&out, "cat           2         0   28.57 %  ####################\n",
             "a bar is two thirds of the longest");
    labels_report(labels, PAGE_JSON, &out);
    contains(&out, "{\"label\": \"dog\", \"records\": 3, \"errors\": 1, \"share\": 0.428571428571}",
             "labels as JSON");
    buffer_free(&out);
}

static void check_summary(const struct summary *summary)
{
    struct buffer out = {0};
    summary_report(summary, PAGE_TSV, &out);
    same_text((const char *)out.data,
              "count\trecords\t7\ncount\timages\t1\ncount\ttensors\t3\ncount\terrors\t2\ncount\toth"
              "ers\t1\n"
              "count\tlabels\t2\ncount\tunlabelled\t2\ncount\tbytes\t115\n"
              "payload\tleast\t0\npayload\tmedian\t12\npayload\tmost\t48\n"
              "width\tleast\t20\nwidth\tmedian\t40\nwidth\tmost\t40\n"
              "format\tjpeg\t1\ntensor\tu8 4x4x3\t2\ntensor\tu8 2x2x3\t1\nrecipe\tsize 8x8\t3\n"
              "error\timgprep: not a\\npicture\t2\n",
              "summary as TSV");
    summary_report(summary, PAGE_TEXT, &out);
    contains(&out, "original width           20 least         40 median         40 most, of 3\n",
             "summary as text: sizes");
    contains(&out, "           2  imgprep: not a?picture\n", "reasons stay on their line");
    summary_report(summary, PAGE_JSON, &out);
    contains(&out, "\"error\": {\n    \"imgprep: not a\\u000apicture\": 2\n  }",
             "summary as JSON: reasons");
    contains(&out, "\"height\": null", "no height");
    buffer_free(&out);
}

int main(void)
{
    struct labels labels = {0};
    struct summary summary;
    summary_init(&summary);
    add(&labels, &summary, RECORD_IMAGE, 0, "cat");
    add(&labels, &summary, RECORD_TENSOR, 2, "dog");
    add(&labels, &summary, RECORD_TENSOR, 4, "dog");
    add(&labels, &summary, RECORD_TENSOR, 4, NULL);
    add(&labels, &summary, RECORD_ERROR, 0, "dog");
    add(&labels, &summary, RECORD_ERROR, 0, "");
    add(&labels, &summary, 77, 0, "cat");
    check_labels(&labels);
    check_summary(&summary);
    labels_free(&labels);
    summary_free(&summary);
    {
        struct buffer out = {0};
        labels_report(&labels, PAGE_TEXT, &out);
        contains(&out, "labels               0", "labels of nothing");
        summary_report(&summary, PAGE_JSON, &out);
        contains(&out, "\"format\": {},", "a summary of nothing");
        buffer_free(&out);
    }
    return tap_done();
}
