#include "table/field.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t field_copy(const struct field *field, char *to)
{
    const char *at = field->raw.at, *end = at + field->raw.size;
    char *start = to;
    if (field->kind <= FIELD_TEXT) {
        memcpy(to, at, field->raw.size);
        return field->raw.size;
    }
    for (; at < end; at++) {
        if (field->kind == FIELD_DOUBLED && *at == '"')
            at++;
        else if (field->kind == FIELD_ESCAPED && *at == '\\' && at + 1 < end) {
            at++;
            *to++ = *at == 't' ? '\t' : *at == 'n' ? '\n' : *at == 'r' ? '\r' : *at;
            continue;
        }
        *to++ = *at;
    }
    return (size_t)(to - start);
}

enum status field_text(const struct field *field, struct buffer *scratch, struct text *text,
                       struct error *err)
{
    *text = field->raw;
    if (field->kind <= FIELD_TEXT)
        return STATUS_OK;
    TRY(buffer_room(scratch, field->raw.size + 1, err));
    text->at = (const char *)scratch->data;
    text->size = field_copy(field, (char *)scratch->data);
    return STATUS_OK;
}

static enum status put_tsv(struct buffer *out, struct text text, struct error *err)
{
    size_t plain = 0;
    unsigned char *to;
    TRY(buffer_reserve(out, 2 * text.size, err));
    while (plain < text.size && (unsigned char)text.at[plain] >= ' ' && text.at[plain] != '\\')
        plain++;
    to = out->data + out->size;
    memcpy(to, text.at, plain);
    to += plain;
    for (size_t i = plain; i < text.size; i++) {
        static const char special[] = "\t\n\r\\", letter[] = "tnr\\";
        const char *found = text.at[i] ? strchr(special, text.at[i]) : NULL;
        if (found)
            *to++ = '\\';
        *to++ = (unsigned char)(found ? letter[found - special] : text.at[i]);
    }
    out->size = (size_t)(to - out->data);
    return STATUS_OK;
}

static int needs_quotes(struct text text)
{
    int needs = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        needs |= c == ',' || c == '"' || c == '\r' || c == '\n';
    }
    return needs;
}

static enum status put_csv(struct buffer *out, struct text text, struct error *err)
{
    int quotes = needs_quotes(text);
    TRY(buffer_reserve(out, 2 * text.size + 2, err));
    if (!quotes) {
        memcpy(out->data + out->size, text.at, text.size);
        out->size += text.size;
        return STATUS_OK;
    }
    out->data[out->size++] = '"';
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"')
            out->data[out->size++] = '"';
        out->data[out->size++] = (unsigned char)text.at[i];
    }
    out->data[out->size++] = '"';
    return STATUS_OK;
}

enum status field_put(struct buffer *out, const struct field *field, enum field_form form,
                      struct error *err)
{
    struct buffer scratch = {0};
    struct text text;
    enum status status;
    if (field->raw.size == 0)
        return STATUS_OK;
    if (form == FIELD_TSV && field->kind == FIELD_CLEAN)
        return buffer_append(out, field->raw.at, field->raw.size, err);
    status = field_text(field, &scratch, &text, err);
    if (status == STATUS_OK)
        status = form == FIELD_TSV ? put_tsv(out, text, err) : put_csv(out, text, err);
    buffer_free(&scratch);
    return status;
}

enum status fields_put_clean(struct buffer *out, const struct field *fields, size_t count,
                             char delimiter, int *done, struct error *err)
{
    const char *from = fields[0].raw.at;
    size_t size = (size_t)(fields[count - 1].raw.at - from) + fields[count - 1].raw.size;
    unsigned char *to;
    *done = 1;
    for (size_t i = 0; i < count; i++)
        *done &= fields[i].kind == FIELD_CLEAN;
    if (!*done)
        return STATUS_OK;
    TRY(buffer_reserve(out, size, err));
    to = out->data + out->size;
    memcpy(to, from, size);
    for (size_t i = 1; i < count; i++)
        to[fields[i].raw.at - from - 1] = (unsigned char)delimiter;
    out->size += size;
    return STATUS_OK;
}

/* What the quick way below does not take: by strtod, from a copy. */
static int slow_number(struct text text, double *number)
{
    enum { LONGEST = 128 };
    char copy[LONGEST], *end;
    static const char allowed[] = "+-.0123456789eE";
    if (text.size == 0 || text.size >= LONGEST)
        return 0;
    memcpy(copy, text.at, text.size);
    copy[text.size] = '\0';
    if (strspn(copy, allowed) != text.size) /* neither hexadecimal, nor inf, nor space */
        return 0;
    *number = strtod(copy, &end);
    return end == copy + text.size && isfinite(*number);
}

/* Up to 15 digits with a point: as a whole number and a power of ten, which are both exact, so that
 * their quotient is what strtod gives (Clinger, "How to read floating point numbers accurately",
 * 1990). */
int field_number(struct text text, double *number)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *at = text.at, *end = at + text.size, *point = NULL;
    uint64_t digits = 0;
    size_t count;
    if (text.size == 0 || text.size > 16)
        return slow_number(text, number);
    for (; at < end; at++) {
        unsigned digit = (unsigned)((unsigned char)*at - '0');
        if (digit <= 9)
            digits = 10 * digits + digit;
        else if (*at == '.' && !point)
            point = at;
        else
            return slow_number(text, number);
    }
    count = text.size - (point != NULL);
    if (count == 0 || count > 15)
        return slow_number(text, number);
    *number = (double)digits / powers[point ? (size_t)(end - point - 1) : 0];
    return 1;
}
