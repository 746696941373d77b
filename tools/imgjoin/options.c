#include "tools/imgjoin/imgjoin.h"

#include "base/number.h"

#include <string.h>

enum {
    OPTION_ON = OPTION_LONG,
    OPTION_HOW,
    OPTION_EACH,
    OPTION_SELECT,
    OPTION_DISTINCT,
    OPTION_BOX,
    OPTION_LABEL,
    OPTION_KEY,
    OPTION_COLUMNS,
    OPTION_NO_HEADER,
    OPTION_PREDICTIONS,
    OPTION_FORMAT,
    OPTION_DELIMITER,
    OPTION_HIERARCHY,
    OPTION_CLASS_NAMES,
    OPTION_CSV,
    OPTION_MEMORY,
};

const struct option_entry imgjoin_options[] = {
    {'t', "table", "FILE", "join with this table; the options that follow are about it"},
    {OPTION_ON, "on", "COLUMNS", "[LEFT=]COLUMN,...: rows belong together where these are equal"},
    {OPTION_HOW, "how", "KIND", "inner (default), left, semi or anti"},
    {OPTION_EACH, "each", NULL, "a row or record for each row that matches (default: the first)"},
    {'w', "where", "FILTER",
     "only rows with COLUMN=A|B, !=, ==, <, <=, >, >=, ~REGEX, !~REGEX; may be repeated"},
    {OPTION_SELECT, "select", "COLUMNS", "[NEW=]COLUMN,...: only these columns; - for none"},
    {OPTION_DISTINCT, "distinct", "COLUMNS", "only the first row with each value of these"},
    {OPTION_BOX, "box", "COLUMNS", "XMIN,YMIN,XMAX,YMAX become the attribute or column box"},
    {OPTION_LABEL, "label", "COLUMN", "this column becomes the label"},
    {OPTION_KEY, "key", "RULE", "compare the key as a whole, its name, or regex=RE"},
    {OPTION_COLUMNS, "columns", "NAMES", "there is no header; the columns are called so"},
    {OPTION_NO_HEADER, "no-header", NULL, "there is no header; columns go by number, from 1"},
    {OPTION_PREDICTIONS, "predictions", NULL, "it is what imgclassify writes"},
    {OPTION_FORMAT, "format", "NAME", "csv or tsv (default: by the first line)"},
    {OPTION_DELIMITER, "delimiter", "C", "the character between columns of CSV"},
    {OPTION_HIERARCHY, "hierarchy", "FILE",
     "a class in a filter stands for all below it in this JSON file"},
    {OPTION_CLASS_NAMES, "class-names", "FILE",
     "the names of the classes of the hierarchy: id,name"},
    {OPTION_CSV, "csv", NULL, "write a table as CSV (default: TSV)"},
    {OPTION_MEMORY, "memory", "MIB", "for the rows kept of all tables (default: 1024)"},
    {0, NULL, NULL, NULL},
};

static enum status set_table(struct imgjoin *join, const char *path, struct error *err)
{
    if (join->side_count == SIDES_MAX)
        return error_set(err, STATUS_USAGE, "more than %d tables", SIDES_MAX - 1);
    join->sides[join->side_count++].path = path;
    return STATUS_OK;
}

static enum status set_how(struct side *side, const char *argument, struct error *err)
{
    static const char *const names[] = {"inner", "left", "semi", "anti"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], argument) == 0) {
            side->how = (enum how)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "--how '%s': expected inner, left, semi or anti", argument);
}

static enum status set_rule(struct side *side, const char *argument, struct error *err)
{
    char why[256];
    int code;
    if (side->rule == RULE_REGEX)
        regfree(&side->regex);
    side->rule = RULE_DEFAULT;
    if (strcmp(argument, "whole") == 0)
        side->rule = RULE_WHOLE;
    else if (strcmp(argument, "name") == 0)
        side->rule = RULE_NAME;
    else if (strncmp(argument, "regex=", 6) == 0) {
        code = regcomp(&side->regex, argument + 6, REG_EXTENDED);
        if (code) {
            regerror(code, &side->regex, why, sizeof why);
            return error_set(err, STATUS_USAGE, "--key '%s': %s", argument, why);
        }
        side->rule = RULE_REGEX;
    } else
        return error_set(err, STATUS_USAGE, "--key '%s': expected whole, name or regex=RE",
                         argument);
    return STATUS_OK;
}

static enum status set_where(struct imgjoin *join, const char *argument, struct error *err)
{
    struct where *where = &join->wheres[join->where_count];
    if (join->where_count == FILTERS_MAX)
        return error_set(err, STATUS_USAGE, "more than %d filters", FILTERS_MAX);
    TRY(filter_new(argument, &where->filter, err));
    where->side = join->side_count - 1;
    join->where_count++;
    return STATUS_OK;
}

static enum status set_format(struct side *side, const char *argument, struct error *err)
{
    side->rows.format = strcmp(argument, "csv") == 0   ? TABLE_CSV
                        : strcmp(argument, "tsv") == 0 ? TABLE_TSV
                                                       : TABLE_AUTO;
    if (side->rows.format == TABLE_AUTO)
        return error_set(err, STATUS_USAGE, "--format '%s': expected csv or tsv", argument);
    return STATUS_OK;
}

static enum status set_delimiter(struct side *side, const char *argument, struct error *err)
{
    if (strcmp(argument, "\\t") == 0)
        argument = "\t";
    if (!*argument || argument[1] || strchr("\"\r\n", *argument))
        return error_set(err, STATUS_USAGE,
                         "--delimiter '%s': expected one byte, neither a quote nor a newline",
                         argument);
    side->rows.delimiter = *argument;
    if (side->rows.format == TABLE_AUTO)
        side->rows.format = TABLE_CSV;
    return STATUS_OK;
}

/* Options that make sense behind a -t only. */
static enum status need_table(const struct imgjoin *join, const char *name, struct error *err)
{
    if (join->side_count > 1)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s stands behind the -t that it is about", name);
}

static enum status set_side(struct imgjoin *join, struct side *side, int id, const char *argument,
                            struct error *err)
{
    switch (id) {
    case OPTION_ON:
        side->on = argument;
        return need_table(join, "--on", err);
    case OPTION_HOW:
        TRY(need_table(join, "--how", err));
        return set_how(side, argument, err);
    case OPTION_EACH:
        side->each = 1;
        return need_table(join, "--each", err);
    case OPTION_SELECT:
        side->select = argument;
        break;
    case OPTION_DISTINCT:
        side->distinct = argument;
        break;
    case OPTION_KEY:
        return set_rule(side, argument, err);
    case OPTION_COLUMNS:
        side->columns = argument;
        side->rows.headless = 1;
        break;
    case OPTION_NO_HEADER:
        side->rows.headless = 1;
        break;
    case OPTION_PREDICTIONS:
        side->predictions = 1;
        side->rows.headless = side->rows.ragged = 1;
        side->rows.format = TABLE_TSV;
        break;
    case OPTION_FORMAT:
        return set_format(side, argument, err);
    case OPTION_DELIMITER:
        return set_delimiter(side, argument, err);
    default:
        break;
    }
    return STATUS_OK;
}

enum status imgjoin_set(void *state, int id, const char *argument, struct error *err)
{
    struct imgjoin *join = state;
    size_t last = join->side_count - 1;
    int64_t number = 0;
    switch (id) {
    case 't':
        return set_table(join, argument, err);
    case 'w':
        return set_where(join, argument, err);
    case OPTION_BOX:
        join->box = argument;
        join->box_side = last;
        break;
    case OPTION_LABEL:
        join->label = argument;
        join->label_side = last;
        break;
    case OPTION_HIERARCHY:
        join->hierarchy = argument;
        break;
    case OPTION_CLASS_NAMES:
        join->class_names = argument;
        break;
    case OPTION_CSV:
        join->csv = 1;
        break;
    case OPTION_MEMORY:
        TRY(number_integer(argument, 1, INT64_C(1) << 30, &number, err));
        join->memory = (uint64_t)number << 20;
        break;
    default:
        return set_side(join, &join->sides[last], id, argument, err);
    }
    return STATUS_OK;
}
