#include "base/number.h"
#include "nn/netfile/netfile_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 100000, WORDS_MAX = 256, DEPTH_MAX = 32 };

static enum status split_line(const char *start, const char *end, const char *name,
                              struct arena *arena, struct line *line, struct error *err)
{
    const char *words[WORDS_MAX];
    line->count = 0;
    while (start < end) {
        const char *from;
        while (start < end && isspace((unsigned char)*start))
            start++;
        if (start == end || *start == '#')
            break;
        for (from = start; start < end && !isspace((unsigned char)*start); start++)
            if (!isprint((unsigned char)*start))
                return error_set(err, STATUS_USAGE, "%s:%d: a byte 0x%02x that is no text", name,
                                 line->number, (unsigned char)*start);
        if (line->count == WORDS_MAX)
            return error_set(err, STATUS_USAGE, "%s:%d: more than %d words", name, line->number,
                             WORDS_MAX);
        if (!(words[line->count++] = arena_string(arena, from, (size_t)(start - from))))
            return error_memory(err);
    }
    line->words = arena_alloc(arena, line->count + 1, sizeof *line->words);
    if (!line->words)
        return error_memory(err);
    memcpy(line->words, words, line->count * sizeof *words);
    return STATUS_OK;
}

/* Finds the `end` of each block and repeat. */
static enum status match_ends(struct text *text, const char *name, struct error *err)
{
    size_t open[DEPTH_MAX], depth = 0;
    for (size_t i = 0; i < text->count; i++) {
        const char *word = text->lines[i].words[0];
        if (strcmp(word, "block") == 0 || strcmp(word, "repeat") == 0) {
            if (depth == DEPTH_MAX)
                return error_set(err, STATUS_USAGE, "%s:%d: more than %d blocks in each other",
                                 name, text->lines[i].number, DEPTH_MAX);
            if (depth > 0 && strcmp(word, "block") == 0)
                return error_set(err, STATUS_USAGE, "%s:%d: a block inside a block or repeat", name,
                                 text->lines[i].number);
            open[depth++] = i;
        } else if (strcmp(word, "end") == 0) {
            if (depth == 0)
                return error_set(err, STATUS_USAGE, "%s:%d: end without block or repeat", name,
                                 text->lines[i].number);
            if (text->lines[i].count > 1)
                return error_set(err, STATUS_USAGE, "%s:%d: '%s' after end", name,
                                 text->lines[i].number, text->lines[i].words[1]);
            text->lines[open[--depth]].end = i;
        }
    }
    if (depth > 0)
        return error_set(err, STATUS_USAGE, "%s:%d: %s without end", name,
                         text->lines[open[depth - 1]].number,
                         text->lines[open[depth - 1]].words[0]);
    return STATUS_OK;
}

enum status text_lines(const char *bytes, size_t size, const char *name, struct arena *arena,
                       struct text *text, struct error *err)
{
    const char *end = bytes + size;
    size_t room = 1;
    int number = 0;
    for (size_t i = 0; i < size; i++)
        room += bytes[i] == '\n';
    if (room > LINES_MAX)
        return error_set(err, STATUS_USAGE, "%s: more than %d lines", name, LINES_MAX);
    text->count = 0;
    text->lines = arena_alloc(arena, room, sizeof *text->lines);
    if (!text->lines)
        return error_memory(err);
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = newline ? newline : end;
        struct line *line = &text->lines[text->count];
        line->number = ++number;
        if (split_line(bytes, stop, name, arena, line, err) != STATUS_OK)
            return err->status;
        text->count += line->count > 0;
        bytes = stop + 1;
    }
    return match_ends(text, name, err);
}

const struct line *text_block(const struct text *text, const char *name, const struct line *before)
{
    for (const struct line *line = text->lines; line < before; line++)
        if (strcmp(line->words[0], "block") == 0 && line->count > 1 &&
            strcmp(line->words[1], name) == 0 && &text->lines[line->end] < before)
            return line;
    return NULL;
}

struct expression {
    const char *at, *whole;
    variable_function *variable;
    const void *context;
    int depth;
};

static enum status sum(struct expression *e, double *value, struct error *err);

static enum status primary(struct expression *e, double *value, struct error *err)
{
    const char *start = e->at;
    if (*start == '$') {
        size_t length = 1;
        while (isalnum((unsigned char)start[length]) || start[length] == '_')
            length++;
        e->at += length;
        if (!e->variable(e->context, start + 1, length - 1, value))
            return error_set(err, STATUS_USAGE, "nothing is known of %.*s as a number%s",
                             (int)length, start,
                             length == strlen("$classes") && strncmp(start, "$classes", length) == 0
                                 ? ": no data, no option and no line default says it"
                                 : "");
        return STATUS_OK;
    }
    if (*start == '(' || *start == '-') {
        enum status status;
        if (++e->depth > DEPTH_MAX)
            return error_set(err, STATUS_USAGE, "'%s' is too deep", e->whole);
        e->at++;
        status = *start == '(' ? sum(e, value, err) : primary(e, value, err);
        e->depth--;
        if (*start == '-')
            *value = -*value;
        else if (status == STATUS_OK && *e->at++ != ')')
            return error_set(err, STATUS_USAGE, "'%s' lacks a ')'", e->whole);
        return status;
    }
    e->at += strspn(start, "0123456789.");
    if ((*e->at == 'e' || *e->at == 'E') && e->at > start) {
        size_t sign = e->at[1] == '-' || e->at[1] == '+',
               digits = strspn(e->at + 1 + sign, "0123456789");
        e->at += digits ? 1 + sign + digits : 0;
    }
    if (e->at > start && (size_t)(e->at - start) < NUMBER_TEXT) {
        char text[NUMBER_TEXT] = "";
        memcpy(text, start, (size_t)(e->at - start));
        return number_real(text, value, err);
    }
    return error_set(err, STATUS_USAGE,
                     "'%s' is no number (numbers, $names, + - * / and brackets are)", e->whole);
}

static enum status product(struct expression *e, double *value, struct error *err)
{
    enum status status = primary(e, value, err);
    while (status == STATUS_OK && (*e->at == '*' || *e->at == '/')) {
        char operator= * e->at++;
        double right;
        status = primary(e, &right, err);
        if (status == STATUS_OK && operator== '/' && right == 0)
            return error_set(err, STATUS_USAGE, "'%s' divides by 0", e->whole);
        if (status == STATUS_OK)
            *value = operator== '*' ? *value * right : * value / right;
    }
    return status;
}

static enum status sum(struct expression *e, double *value, struct error *err)
{
    enum status status = product(e, value, err);
    while (status == STATUS_OK && (*e->at == '+' || *e->at == '-')) {
        char sign = *e->at++;
        double right;
        status = product(e, &right, err);
        if (status == STATUS_OK)
            *value = sign == '+' ? *value + right : *value - right;
    }
    return status;
}

enum status text_expression(const char *text, variable_function *variable, const void *context,
                            double *value, struct error *err)
{
    struct expression e = {text, text, variable, context, 0};
    enum status status = sum(&e, value, err);
    if (status == STATUS_OK && *e.at)
        return error_set(err, STATUS_USAGE, "'%s' is no number: '%s' is too much", text, e.at);
    return status;
}

enum status text_list(const char *text, variable_function *variable, const void *context,
                      double *values, size_t room, size_t *count, struct error *err)
{
    size_t digits = strspn(text, "0123456789");
    char separator = digits > 0 && text[digits] == 'x' ? 'x' : ',';
    char piece[128];
    *count = 0;
    for (const char *start = text;; start++) {
        const char *end = strchr(start, separator);
        size_t length = end ? (size_t)(end - start) : strlen(start);
        if (length >= sizeof piece)
            return error_set(err, STATUS_USAGE, "'%s' is too long", text);
        if (*count == room)
            return error_set(err, STATUS_USAGE, "'%s' has more than %zu numbers", text, room);
        memcpy(piece, start, length);
        piece[length] = 0;
        if (text_expression(piece, variable, context, &values[*count], err) != STATUS_OK)
            return err->status;
        ++*count;
        if (!end)
            return STATUS_OK;
        start = end;
    }
}

const char *argument_text(const struct arguments *arguments, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < arguments->count; i++)
        if (strncmp(arguments->words[i], name, length) == 0 && arguments->words[i][length] == '=')
            return arguments->words[i] + length + 1;
    return NULL;
}

enum status argument_real(const struct arguments *arguments, const char *name, double absent,
                          double *value, struct error *err)
{
    const char *text = argument_text(arguments, name);
    *value = absent;
    if (!text)
        return STATUS_OK;
    if (text_expression(text, arguments->variable, arguments->context, value, err) != STATUS_OK)
        return error_prefix(err, "%s", name);
    return STATUS_OK;
}

enum status argument_integer(const struct arguments *arguments, const char *name, int64_t low,
                             int64_t high, int64_t absent, int64_t *value, struct error *err)
{
    double real;
    enum status status = argument_real(arguments, name, (double)absent, &real, err);
    if (status != STATUS_OK)
        return status;
    if (!(real >= (double)low && real <= (double)high) || floor(real) != real)
        return error_set(err, STATUS_USAGE, "%s is %g, expected a whole number from %lld to %lld",
                         name, real, (long long)low, (long long)high);
    *value = (int64_t)real;
    return STATUS_OK;
}

static int in_words(const char *words, const char *word, size_t length)
{
    for (const char *at = words; *at;) {
        size_t size = strcspn(at, " ");
        if (size == length && strncmp(at, word, length) == 0)
            return 1;
        at += size + (at[size] == ' ');
    }
    return 0;
}

enum status argument_check(const struct arguments *arguments, const char *what, const char *known,
                           struct error *err)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const char *word = arguments->words[i], *equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word) : strlen(word);
        if (!equals)
            return error_set(err, STATUS_USAGE, "'%s' is no NAME=VALUE", word);
        if (!in_words(known, word, length))
            return error_set(err, STATUS_USAGE, "%s has no '%.*s'; it has: %s", what, (int)length,
                             word, *known ? known : "nothing");
        for (size_t k = 0; k < i; k++)
            if (strncmp(arguments->words[k], word, length + 1) == 0)
                return error_set(err, STATUS_USAGE, "%.*s is given twice", (int)length, word);
    }
    return STATUS_OK;
}
