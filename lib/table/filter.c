#include "table/filter.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum operation { IS, IS_NOT, EQUALS, LESS, AT_MOST, MORE, AT_LEAST, MATCHES, MATCHES_NOT };

/* The longest first: what is not "<=" may be "<". */
static const struct {
    const char *text;
    enum operation operation;
} operators[] = {
    {"!=", IS_NOT}, {"==", EQUALS}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"!~", MATCHES_NOT},
    {"=", IS},      {"<", LESS},    {">", MORE},     {"~", MATCHES},
};

static const struct kept_options plain;

struct filter {
    char *column;
    enum operation operation;
    struct kept *names; /* the alternatives of IS and IS_NOT */
    char *value;        /* of the others */
    size_t size;
    int numeric;
    double number;
    regex_t regex;
    int have_regex;
};

/* Splits at the first operation; where two begin there, the longer one. */
static const char *find_operator(const char *text, enum operation *operation, size_t *length)
{
    const char *at = text + strcspn(text, "=<>~!");
    for (; *at; at += 1 + strcspn(at + 1, "=<>~!"))
        for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
            if (strncmp(at, operators[i].text, strlen(operators[i].text)) == 0) {
                *operation = operators[i].operation;
                *length = strlen(operators[i].text);
                return at;
            }
    return NULL;
}

/* The alternatives between bars, without their backslashes. */
static enum status add_alternatives(struct kept *names, const char *value, struct error *err)
{
    struct buffer name = {0};
    enum status status = buffer_reserve(&name, strlen(value) + 1, err);
    while (status == STATUS_OK) {
        buffer_clear(&name);
        for (; *value && *value != '|'; value++) {
            value += *value == '\\' && value[1];
            name.data[name.size++] = (unsigned char)*value;
        }
        status =
            kept_add(names, (struct text){(const char *)name.data, name.size}, NULL, NULL, err);
        if (!*value++)
            break;
    }
    buffer_free(&name);
    return status;
}

static enum status set_value(struct filter *filter, const char *text, const char *value,
                             struct error *err)
{
    int code;
    filter->value = strdup(value);
    filter->size = strlen(value);
    if (!filter->value)
        return error_memory(err);
    if (filter->operation == MATCHES || filter->operation == MATCHES_NOT) {
        char why[256];
        code = regcomp(&filter->regex, value, REG_EXTENDED | REG_NOSUB);
        filter->have_regex = code == 0;
        if (code == 0)
            return STATUS_OK;
        regerror(code, &filter->regex, why, sizeof why);
        return error_set(err, STATUS_USAGE, "'%s': the regular expression is wrong: %s", text, why);
    }
    filter->numeric = field_number((struct text){filter->value, filter->size}, &filter->number);
    if (filter->operation == EQUALS && !filter->numeric)
        return error_set(err, STATUS_USAGE, "'%s': == compares numbers, and '%s' is none", text,
                         value);
    return STATUS_OK;
}

enum status filter_new(const char *text, struct filter **filter, struct error *err)
{
    struct filter *made = memory_array(1, sizeof *made);
    size_t length = 0;
    const char *at;
    enum status status;
    if (!made)
        return error_memory(err);
    at = find_operator(text, &made->operation, &length);
    if (!at || at == text) {
        free(made);
        return error_set(err, STATUS_USAGE,
                         "'%s' is no filter: expected COLUMN=VALUE, with one of = != == < <= > >= "
                         "~ !~",
                         text);
    }
    made->column = strndup(text, (size_t)(at - text));
    status = made->column ? STATUS_OK : error_memory(err);
    if (status == STATUS_OK && made->operation <= IS_NOT) {
        status = kept_new(&plain, &made->names, err);
        if (status == STATUS_OK)
            status = add_alternatives(made->names, at + length, err);
    } else if (status == STATUS_OK)
        status = set_value(made, text, at + length, err);
    if (status != STATUS_OK) {
        filter_free(made);
        return status;
    }
    *filter = made;
    return STATUS_OK;
}

const char *filter_column(const struct filter *filter)
{
    return filter->column;
}

enum status filter_replace(struct filter *filter,
                           enum status (*replace)(void *context, struct text name,
                                                  struct kept *names, struct error *err),
                           void *context, struct error *err)
{
    struct kept *names;
    struct text name;
    size_t at = 0;
    int marked;
    enum status status = STATUS_OK;
    if (filter->operation > IS_NOT)
        return STATUS_OK;
    TRY(kept_new(&plain, &names, err));
    while (status == STATUS_OK && kept_next(filter->names, &at, &name, &marked))
        status = replace(context, name, names, err);
    kept_free(status == STATUS_OK ? filter->names : names);
    if (status == STATUS_OK)
        filter->names = names;
    return status;
}

static int ordered(enum operation operation, int order)
{
    switch (operation) {
    case LESS:
        return order < 0;
    case AT_MOST:
        return order <= 0;
    case MORE:
        return order > 0;
    case AT_LEAST:
        return order >= 0;
    default:
        return order == 0;
    }
}

static int compare_text(const struct filter *filter, struct text text)
{
    size_t least = text.size < filter->size ? text.size : filter->size;
    int order = least ? memcmp(text.at, filter->value, least) : 0;
    return order ? order : (text.size > filter->size) - (text.size < filter->size);
}

static enum status test_regex(const struct filter *filter, struct text text, int *passes,
                              struct error *err)
{
    struct buffer copy = {0};
    TRY(buffer_append(&copy, text.at, text.size, err));
    TRY(buffer_append(&copy, "", 1, err));
    *passes = (regexec(&filter->regex, (const char *)copy.data, 0, NULL, 0) == 0) ==
              (filter->operation == MATCHES);
    buffer_free(&copy);
    return STATUS_OK;
}

enum status filter_test(const struct filter *filter, struct text text, int *passes,
                        struct error *err)
{
    double number;
    struct match match;
    if (filter->operation <= IS_NOT) {
        *passes = kept_find(filter->names, text, &match) == (filter->operation == IS);
        return STATUS_OK;
    }
    if (filter->have_regex)
        return test_regex(filter, text, passes, err);
    if (!filter->numeric) {
        *passes = ordered(filter->operation, compare_text(filter, text));
        return STATUS_OK;
    }
    *passes = 0;
    if (text.size == 0)
        return STATUS_OK;
    if (!field_number(text, &number))
        return error_set(err, STATUS_FAILED, "column '%s': '%.*s' is not a number", filter->column,
                         text.size < 64 ? (int)text.size : 64, text.at);
    *passes = ordered(filter->operation, (number > filter->number) - (number < filter->number));
    return STATUS_OK;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    kept_free(filter->names);
    if (filter->have_regex)
        regfree(&filter->regex);
    free(filter->column);
    free(filter->value);
    free(filter);
}
