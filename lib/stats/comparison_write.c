/* The comparison of two models, for a person, as a table and as JSON. */
#include "stats/comparison.h"
#include "stats/metrics.h"

#include <inttypes.h>
#include <math.h>

enum {
    NUMBER_WIDTH = 10,
    MODEL_WIDTH = 26,
    KEY_WIDTH = 28,
    NAME_WIDTH = 16,
    COUNTS = 14,
    RATIOS = 6
};

/* Everything that there is to say of two models. */
struct view {
    const struct comparison *comparison;
    const struct comparison_scores *scores;
    const char *const *names;
    struct page *page;
    int width; /* of the columns of both models */
};

static double accuracy(const struct view *view, int side)
{
    return metrics_ratio(view->scores->right[side], view->scores->scored);
}

static const char *label_of(const struct view *view, const struct comparison_row *row)
{
    return view->comparison->names.names[row->label];
}

static const char *class_of(const struct view *view, const struct comparison_row *row, int side)
{
    return view->comparison->names.names[row->classes[side]];
}

/* Which of the two is right. */
static const char *right_one(const struct view *view, const struct comparison_row *row)
{
    return !*label_of(view, row)                           ? ""
           : row->classes[COMPARISON_FIRST] == row->label  ? "first"
           : row->classes[COMPARISON_SECOND] == row->label ? "second"
                                                           : "neither";
}

/* ---- text ---- */

static void text_count(const struct view *view, const char *name, uint64_t first, uint64_t second)
{
    if (first || second)
        page_printf(view->page, "%-14s%*" PRIu64 "%*" PRIu64 "\n", name, view->width, first,
                    view->width, second);
}

static void text_counts(const struct view *view)
{
    const struct comparison *comparison = view->comparison;
    page_printf(view->page, "%-14s", "");
    for (int side = 0; side < COMPARISON_SIDES; side++) {
        page_printf(view->page, " ");
        page_cell(view->page, view->names[side], (size_t)view->width - 1, PAGE_RIGHT);
    }
    page_printf(view->page, "\n");
    text_count(view, "rows", comparison->read[0], comparison->read[1]);
    text_count(view, "not in both", comparison->alone[0], comparison->alone[1]);
    text_count(view, "repeated keys", comparison->repeated[0], comparison->repeated[1]);
    text_count(view, "errors", view->scores->failed[0], view->scores->failed[1]);
    if (comparison->relabelled)
        page_printf(view->page,
                    "%" PRIu64 " rows have another label in the second: that of the first counts\n",
                    comparison->relabelled);
}

static void text_agreement(const struct view *view)
{
    const struct comparison_scores *scores = view->scores;
    page_printf(view->page, "\n%-14s", "agreement");
    page_percent(view->page, metrics_ratio(scores->agree, scores->both), (size_t)view->width);
    page_printf(view->page,
                "  %" PRIu64 " of %" PRIu64 ", 95 %% interval %.2f .. %.2f %%; kappa %.4f\n",
                scores->agree, scores->both, 100 * scores->agreement.low,
                100 * scores->agreement.high, scores->kappa);
}

/* Who is right where. */
static void text_right(const struct view *view)
{
    const struct comparison_scores *scores = view->scores;
    uint64_t only[COMPARISON_SIDES];
    if (scores->scored == 0)
        return;
    page_printf(view->page, "%-14s", "top-1");
    for (int side = 0; side < COMPARISON_SIDES; side++) {
        only[side] = scores->right[side] - scores->both_right;
        page_percent(view->page, accuracy(view, side), (size_t)view->width);
    }
    page_printf(view->page, "  of %" PRIu64 " rows with a label\n%-14s", scores->scored,
                "only this");
    page_printf(view->page, "%*" PRIu64 "%*" PRIu64, view->width, only[0], view->width, only[1]);
    page_printf(view->page, "  is right; both in %" PRIu64 ", neither in %" PRIu64 "\n",
                scores->both_right, scores->neither);
    page_printf(view->page, "%-14s%*.4g  is the probability of such a difference by chance\n",
                "McNemar's test", view->width, scores->mcnemar);
}

/* Of the texts that are shown in one column. */
struct width {
    size_t most, width;
};

static void widen(struct width *width, const char *text)
{
    size_t one = page_width(text);
    one = one < width->most ? one : width->most;
    width->width = one > width->width ? one : width->width;
}

/* Of a path that is too long the end is shown, which tells pictures of one folder, and boxes of one
 * picture, apart. */
static void text_key(struct page *page, const char *key, size_t width)
{
    size_t length = page_width(key);
    if (length > width) {
        page_printf(page, "~");
        width--;
        while (length > width || ((unsigned char)*key & 0xc0) == 0x80)
            length = page_width(++key);
    }
    page_cell(page, key, width, PAGE_LEFT);
}

static void text_row(const struct view *view, size_t place, const struct width *key,
                     const struct width *name)
{
    const struct comparison_row *row = comparison_row(view->comparison, place);
    text_key(view->page, view->comparison->keys.names[place], key->width);
    page_printf(view->page, "  ");
    page_cell(view->page, label_of(view, row), name->width, PAGE_LEFT);
    for (int side = 0; side < COMPARISON_SIDES; side++) {
        page_printf(view->page, "  ");
        page_cell(view->page, class_of(view, row, side), name->width, PAGE_LEFT);
        page_percent(view->page, row->confidence[side], NUMBER_WIDTH);
    }
    page_printf(view->page, "\n");
}

static void text_disagreements(const struct view *view, size_t pairs)
{
    const struct comparison_scores *scores = view->scores;
    struct width key = {KEY_WIDTH, 3}, name = {NAME_WIDTH, 5};
    size_t count = pairs < scores->disagreement_count ? pairs : scores->disagreement_count;
    for (size_t i = 0; i < count; i++) {
        size_t place = scores->disagreements[i];
        const struct comparison_row *row = comparison_row(view->comparison, place);
        widen(&key, view->comparison->keys.names[place]);
        widen(&name, label_of(view, row));
        for (int side = 0; side < COMPARISON_SIDES; side++)
            widen(&name, class_of(view, row, side));
    }
    if (count == 0)
        return;
    page_printf(view->page, "\n%zu of %zu disagreements, the surest first\n", count,
                scores->disagreement_count);
    page_cell(view->page, "key", key.width, PAGE_LEFT);
    page_printf(view->page, "  ");
    page_cell(view->page, "label", name.width, PAGE_LEFT);
    for (int side = 0; side < COMPARISON_SIDES; side++) {
        page_printf(view->page, "  ");
        page_cell(view->page, view->names[side], name.width + NUMBER_WIDTH, PAGE_RIGHT);
    }
    page_printf(view->page, "\n");
    for (size_t i = 0; i < count; i++)
        text_row(view, scores->disagreements[i], &key, &name);
}

/* ---- tsv and json ---- */

struct count {
    const char *name;
    uint64_t value;
};

static void list_counts(const struct view *view, struct count counts[COUNTS])
{
    const struct comparison *comparison = view->comparison;
    const struct comparison_scores *scores = view->scores;
    const struct count list[COUNTS] = {
        {"rows_first", comparison->read[0]},
        {"rows_second", comparison->read[1]},
        {"only_in_first", comparison->alone[0]},
        {"only_in_second", comparison->alone[1]},
        {"repeated_first", comparison->repeated[0]},
        {"repeated_second", comparison->repeated[1]},
        {"relabelled", comparison->relabelled},
        {"compared", scores->both},
        {"agree", scores->agree},
        {"scored", scores->scored},
        {"both_right", scores->both_right},
        {"only_first_right", scores->right[0] - scores->both_right},
        {"only_second_right", scores->right[1] - scores->both_right},
        {"neither_right", scores->neither},
    };
    for (int i = 0; i < COUNTS; i++)
        counts[i] = list[i];
}

struct ratio {
    const char *name;
    double value;
};

static void list_ratios(const struct view *view, struct ratio ratios[RATIOS])
{
    const struct comparison_scores *scores = view->scores;
    const struct ratio list[RATIOS] = {
        {"agreement", metrics_ratio(scores->agree, scores->both)},
        {"agreement_low", scores->agreement.low},
        {"agreement_high", scores->agreement.high},
        {"kappa", scores->kappa},
        {"top1_first", accuracy(view, 0)},
        {"top1_second", accuracy(view, 1)},
    };
    for (int i = 0; i < RATIOS; i++)
        ratios[i] = list[i];
}

static void write_tsv(const struct view *view)
{
    const struct comparison_scores *scores = view->scores;
    struct page *page = view->page;
    struct count counts[COUNTS];
    struct ratio ratios[RATIOS];
    list_counts(view, counts);
    list_ratios(view, ratios);
    for (int i = 0; i < COUNTS; i++)
        page_printf(page, "score\t%s\t%" PRIu64 "\n", counts[i].name, counts[i].value);
    for (int i = 0; i < RATIOS; i++) {
        page_printf(page, "score\t%s\t", ratios[i].name);
        page_number(page, ratios[i].value, "");
        page_printf(page, "\n");
    }
    page_printf(page, "score\tmcnemar\t");
    page_number(page, scores->mcnemar, "");
    page_printf(page, "\n");
    for (size_t i = 0; i < scores->disagreement_count; i++) {
        size_t place = scores->disagreements[i];
        const struct comparison_row *row = comparison_row(view->comparison, place);
        page_printf(page, "disagreement\t");
        page_tsv(page, view->comparison->keys.names[place]);
        page_printf(page, "\t");
        page_tsv(page, label_of(view, row));
        for (int side = 0; side < COMPARISON_SIDES; side++) {
            page_printf(page, "\t");
            page_tsv(page, class_of(view, row, side));
            page_printf(page, "\t%.9g", row->confidence[side]);
        }
        page_printf(page, "\t%s\n", right_one(view, row));
    }
}

static void json_disagreement(const struct view *view, size_t place)
{
    const struct comparison_row *row = comparison_row(view->comparison, place);
    struct page *page = view->page;
    page_printf(page, "{\"key\": ");
    page_json(page, view->comparison->keys.names[place]);
    page_printf(page, ", \"label\": ");
    page_json(page, label_of(view, row));
    for (int side = 0; side < COMPARISON_SIDES; side++) {
        page_printf(page, ", \"%s\": {\"class\": ", side ? "second" : "first");
        page_json(page, class_of(view, row, side));
        page_printf(page, ", \"probability\": %.9g}", row->confidence[side]);
    }
    page_printf(page, ", \"right\": \"%s\"}", right_one(view, row));
}

static void write_json(const struct view *view)
{
    struct page *page = view->page;
    struct count counts[COUNTS];
    struct ratio ratios[RATIOS];
    list_counts(view, counts);
    list_ratios(view, ratios);
    page_printf(page, "{\n");
    for (int i = 0; i < COUNTS; i++)
        page_printf(page, "  \"%s\": %" PRIu64 ",\n", counts[i].name, counts[i].value);
    for (int i = 0; i < RATIOS; i++) {
        page_printf(page, "  \"%s\": ", ratios[i].name);
        page_number(page, ratios[i].value, "null");
        page_printf(page, ",\n");
    }
    page_printf(page, "  \"mcnemar\": ");
    page_number(page, view->scores->mcnemar, "null");
    page_printf(page, ",\n  \"disagreements\": [");
    for (size_t i = 0; i < view->scores->disagreement_count; i++) {
        page_printf(page, "%s\n    ", i ? "," : "");
        json_disagreement(view, view->scores->disagreements[i]);
    }
    page_printf(page, "\n  ]\n}\n");
}

enum status comparison_write(struct comparison *comparison, enum page_format format, size_t pairs,
                             const char *const names[COMPARISON_SIDES], struct buffer *out,
                             struct error *err)
{
    struct page page = {out, err, STATUS_OK};
    struct comparison_scores scores;
    struct view view = {comparison, &scores, names, &page, NUMBER_WIDTH};
    for (int side = 0; side < COMPARISON_SIDES; side++) {
        int width = (int)page_width(names[side]) + 2;
        width = width < MODEL_WIDTH ? width : MODEL_WIDTH;
        view.width = width > view.width ? width : view.width;
    }
    TRY(comparison_scores(comparison, &scores, err));
    switch (format) {
    case PAGE_TEXT:
        text_counts(&view);
        text_agreement(&view);
        text_right(&view);
        text_disagreements(&view, pairs);
        break;
    case PAGE_TSV:
        write_tsv(&view);
        break;
    case PAGE_JSON:
        write_json(&view);
        break;
    }
    comparison_scores_free(&scores);
    return page.status;
}
