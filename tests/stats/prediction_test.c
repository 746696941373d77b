/* Would break: which rows are scored, which are refused and with what words. */
#include "stats/evaluation.h"
#include "tests/tap.h"

enum { COLUMNS = 9 };

static size_t split(char *text, char *fields[COLUMNS])
{
    size_t count = 0;
    for (char *at = strtok(text, "|"); at && count < COLUMNS; at = strtok(NULL, "|"))
        fields[count++] = strcmp(at, "-") == 0 ? at + 1 : at;
    return count;
}

/* Fields are separated by |, "-" is an empty one. `wrong` NULL: a good row. */
static const struct {
    const char *row, *wrong, *what;
} cases[] = {
    {"k|cat|cat|0.9", NULL, "one class"},
    {"k|cat|cat|0.9|dog|0.1", NULL, "two classes"},
    {"k|-|cat|1|dog|0", NULL, "no label"},
    {"k|cat|cat|0.5|dog|0.5", NULL, "equal probabilities"},
    {"k|cat|!error|no picture", NULL, "a failed item"},
    {"k|cat|!error|-", NULL, "a failed item without a reason"},
    {"k|cat|cat|1.0000001", NULL, "a rounding above 1"},
    {"k|cat|cat|1e-30", NULL, "an exponent"},
    {"k", "1 column,", "one column"},
    {"k|cat|cat", "3 columns", "no probability"},
    {"k|cat|cat|0.9|dog", "5 columns", "the second class has no probability"},
    {"k|cat|cat|nan", "'nan' in column 4", "NaN"},
    {"k|cat|cat|inf", "'inf' in column 4", "infinity"},
    {"k|cat|cat|0.9x", "'0.9x' in column 4", "letters after the number"},
    {"k|cat|cat|-", "'' in column 4", "an empty probability"},
    {"k|cat|cat|1.5", "'1.5' in column 4", "above 1"},
    {"k|cat|cat|-0.1", "'-0.1' in column 4", "below 0"},
    {"k|cat|cat|0.2|dog|0.8", "0.8 in column 6 is larger", "not in order"},
    {"k|cat|-|0.9", "column 3, a class, is empty", "an empty class"},
};

static void rows(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64], *fields[COLUMNS];
        struct prediction prediction;
        struct error err = {0};
        size_t count;
        enum status status;
        snprintf(text, sizeof text, "%s", cases[i].row);
        count = split(text, fields);
        status = prediction_parse(fields, count, &prediction, &err);
        if (!cases[i].wrong)
            same_int(status, STATUS_OK, cases[i].what);
        else if (!ok(status == STATUS_DAMAGED && strstr(err.text, cases[i].wrong), "refused: %s",
                     cases[i].what))
            printf("#   status %d, '%s'\n", (int)status, err.text);
    }
}

static void headers(void)
{
    char *heading[] = {"key", "label", "class", "probability"};
    char *data[] = {"key", "label", "class", "0.5"};
    char *failed[] = {"key", "label", "!error", "broken"};
    ok(prediction_is_header(heading, 4), "the heading is one");
    ok(!prediction_is_header(data, 4), "a picture named key is no heading");
    ok(!prediction_is_header(failed, 4), "nor is a failed one");
    ok(!prediction_is_header(heading, 3), "nor three columns");
}

static void add(struct evaluation *evaluation, const char *row)
{
    char text[128], *fields[COLUMNS];
    struct prediction prediction;
    struct error err;
    size_t count;
    snprintf(text, sizeof text, "%s", row);
    count = split(text, fields);
    if (prediction_parse(fields, count, &prediction, &err) != STATUS_OK ||
        evaluation_add(evaluation, &prediction, &err) != STATUS_OK)
        ok(0, "row %s: %s", row, err.text);
}

static void accounts(void)
{
    struct evaluation evaluation = {0};
    struct scores scores;
    struct error err;
    add(&evaluation, "1|a|a|0.9|b|0.1");
    add(&evaluation, "2|b|a|0.6|b|0.4");
    add(&evaluation, "3|c|a|0.6|b|0.4");
    add(&evaluation, "4|-|a|0.6|b|0.4");
    add(&evaluation, "5|a|!error|broken");
    add(&evaluation, "6|-|!error|broken");
    add(&evaluation, "7|b|b|0.6|a|0.2|c|0.1");
    same_int((long long)evaluation.rows, 7, "rows");
    same_int((long long)evaluation.scored, 4, "scored");
    same_int((long long)evaluation.errors, 2, "errors, with and without a label");
    same_int((long long)evaluation.unlabelled, 1, "unlabelled");
    same_int((long long)evaluation.least, 2, "the fewest classes a row holds");
    same_int((long long)evaluation.most, 3, "the most");
    evaluation_scores(&evaluation, &scores, &err);
    near(scores.top1, 0.5, 0, "top-1");
    near(scores.top5, 0.75, 0, "top-5: the label c is in no row's classes");
    same_int((long long)evaluation.classes.size, 3, "the classes are labels and first classes");
    scores_free(&scores);
    evaluation_free(&evaluation);
}

int main(void)
{
    rows();
    headers();
    accounts();
    return tap_done();
}
