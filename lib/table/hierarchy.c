#include "table/hierarchy.h"

#include "base/io.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 128 };

static const size_t NONE = SIZE_MAX;

struct node {
    struct text label; /* in the arena */
    size_t above;      /* the class it is a kind of: before it in the array; NONE */
};

struct hierarchy {
    struct arena *strings;
    struct node *nodes;
    size_t count, room;
    struct kept *names, *ids; /* id -> its names, name -> its ids */
};

/* The text and how far it has been read. */
struct json {
    struct hierarchy *hierarchy;
    const char *name, *start, *at, *end;
    int depth;
};

static enum status wrong(const struct json *json, const char *expected, struct error *err)
{
    return error_set(err, STATUS_DAMAGED, "%s: byte %zu: expected %s", json->name,
                     (size_t)(json->at - json->start), expected);
}

/* The next character that is no space; 0 at the end. */
static char peek(struct json *json)
{
    while (json->at < json->end && *json->at && strchr(" \t\r\n", *json->at))
        json->at++;
    return json->at < json->end ? *json->at : '\0';
}

static enum status expect(struct json *json, char c, const char *what, struct error *err)
{
    if (peek(json) != c)
        return wrong(json, what, err);
    json->at++;
    return STATUS_OK;
}

/* The four digits of \uXXXX, or -1. */
static int32_t hex(const struct json *json)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *found =
            json->at + i < json->end && json->at[i] ? strchr(digits, json->at[i]) : NULL;
        if (!found)
            return -1;
        value = value * 16 + (int32_t)(found - digits) - (found - digits > 15 ? 6 : 0);
    }
    return value;
}

static char *put_utf8(char *to, int32_t code)
{
    if (code < 0x80)
        *to++ = (char)code;
    else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* A string; text may be NULL. Half of a surrogate pair is written as it is: nobody looks at it. */
static enum status string(struct json *json, struct text *text, struct error *err)
{
    const char *from;
    char *copy, *to;
    TRY(expect(json, '"', "a string", err));
    from = json->at;
    while (json->at < json->end && *json->at != '"')
        json->at += 1 + (*json->at == '\\' && json->at + 1 < json->end);
    if (json->at >= json->end)
        return wrong(json, "the end of a string", err);
    copy = to = arena_alloc(json->hierarchy->strings, (size_t)(json->at - from) + 1, 1);
    if (!copy)
        return error_memory(err);
    for (json->at = from; *json->at != '"'; json->at++) {
        static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
        const char *letter;
        if (*json->at != '\\') {
            *to++ = *json->at;
            continue;
        }
        json->at++;
        letter = *json->at ? strchr(letters, *json->at) : NULL;
        if (*json->at == 'u') {
            int32_t code;
            json->at++;
            code = hex(json);
            if (code <= 0)
                return wrong(json, "four hexadecimal digits", err);
            to = put_utf8(to, code);
            json->at += 3;
        } else
            *to++ = letter ? meant[letter - letters] : *json->at;
    }
    json->at++;
    if (text)
        *text = (struct text){copy, (size_t)(to - copy)};
    return STATUS_OK;
}

static enum status object(struct json *json, size_t node, struct error *err);

/* Anything. Where they are classes, its objects become nodes, kinds of `above`. */
static enum status value(struct json *json, size_t above, int classes, struct error *err);

static enum status add_node(struct hierarchy *hierarchy, size_t above, struct error *err)
{
    struct node *nodes =
        memory_more(hierarchy->nodes, hierarchy->count, &hierarchy->room, sizeof *nodes);
    if (!nodes)
        return error_memory(err);
    hierarchy->nodes = nodes;
    nodes[hierarchy->count++] = (struct node){{"", 0}, above};
    return STATUS_OK;
}

/* {"name": value, ...} or [value, ...] between the brackets. */
static enum status members(struct json *json, char close, size_t node, int classes,
                           struct error *err)
{
    json->at++;
    if (++json->depth > DEPTH_MAX)
        return error_set(err, STATUS_DAMAGED, "%s: nested deeper than %d", json->name, DEPTH_MAX);
    while (peek(json) != close) {
        if (close == ']')
            TRY(value(json, node, classes, err));
        else
            TRY(object(json, node, err));
        if (peek(json) == ',')
            json->at++;
        else if (peek(json) != close)
            return wrong(json, close == ']' ? "',' or ']'" : "',' or '}'", err);
    }
    json->at++;
    json->depth--;
    return STATUS_OK;
}

/* One member of a class's object. */
static enum status object(struct json *json, size_t node, struct error *err)
{
    struct text name, label;
    TRY(string(json, &name, err));
    TRY(expect(json, ':', "':'", err));
    if (node != NONE && name.size == 9 && memcmp(name.at, "LabelName", 9) == 0) {
        TRY(string(json, &label, err));
        json->hierarchy->nodes[node].label = label;
        return STATUS_OK;
    }
    if (node != NONE && name.size == 11 && memcmp(name.at, "Subcategory", 11) == 0)
        return value(json, node, 1, err);
    return value(json, NONE, node != NONE && name.size == 4 && memcmp(name.at, "Part", 4) == 0,
                 err);
}

static enum status value(struct json *json, size_t above, int classes, struct error *err)
{
    char first = peek(json);
    size_t node = NONE;
    if (first == '"')
        return string(json, NULL, err);
    if (first == '[')
        return members(json, ']', above, classes, err);
    if (first == '{') {
        if (classes) {
            node = json->hierarchy->count;
            TRY(add_node(json->hierarchy, above, err));
        }
        return members(json, '}', node, classes, err);
    }
    if (!first || !strchr("-0123456789tfn", first))
        return wrong(json, "a value", err);
    while (json->at < json->end && *json->at && !strchr(" \t\r\n,]}", *json->at))
        json->at++;
    return STATUS_OK;
}

enum status hierarchy_parse(const char *text, size_t size, const char *name,
                            struct hierarchy **hierarchy, struct error *err)
{
    const struct kept_options options = {.values = 1, .each = 1};
    struct hierarchy *made = memory_array(1, sizeof *made);
    struct json json = {made, name, text, text, text + size, 0};
    enum status status = made ? STATUS_OK : error_memory(err);
    if (made && !(made->strings = arena_new()))
        status = error_memory(err);
    if (status == STATUS_OK)
        status = kept_new(&options, &made->names, err);
    if (status == STATUS_OK)
        status = kept_new(&options, &made->ids, err);
    if (status == STATUS_OK && peek(&json) != '{')
        status = wrong(&json, "'{', the outermost class", err);
    if (status == STATUS_OK)
        status = value(&json, NONE, 1, err);
    if (status == STATUS_OK && peek(&json))
        status = wrong(&json, "the end", err);
    if (status != STATUS_OK) {
        hierarchy_free(made);
        return status;
    }
    *hierarchy = made;
    return STATUS_OK;
}

enum status hierarchy_read(const char *path, struct hierarchy **hierarchy, struct error *err)
{
    char *text;
    size_t size;
    enum status status = io_slurp(path, FILE_MAX, &text, &size, err);
    if (status != STATUS_OK)
        return status;
    status = hierarchy_parse(text, size, path, hierarchy, err);
    free(text);
    return status;
}

enum status hierarchy_call(struct hierarchy *hierarchy, struct text id, struct text name,
                           struct error *err)
{
    TRY(kept_add(hierarchy->names, id, &name, NULL, err));
    return kept_add(hierarchy->ids, name, &id, NULL, err);
}

/* Adds the class of that id, all below it, and what they are called. `below` has a place for each
 * node. */
static enum status add_below(const struct hierarchy *hierarchy, struct text id,
                             unsigned char *below, struct kept *names, struct error *err)
{
    for (size_t i = 0; i < hierarchy->count; i++) {
        const struct node *node = &hierarchy->nodes[i];
        struct match match;
        struct text name;
        below[i] =
            (node->above != NONE && below[node->above]) ||
            (id.size && node->label.size == id.size && memcmp(node->label.at, id.at, id.size) == 0);
        if (!below[i])
            continue;
        TRY(kept_add(names, node->label, NULL, NULL, err));
        for (int more = kept_find(hierarchy->names, node->label, &match); more;
             more = kept_more(&match)) {
            kept_values(&match, &name);
            TRY(kept_add(names, name, NULL, NULL, err));
        }
    }
    return STATUS_OK;
}

enum status hierarchy_below(const struct hierarchy *hierarchy, struct text name, struct kept *names,
                            struct error *err)
{
    unsigned char *below = memory_array(hierarchy->count, 1);
    struct match match;
    enum status status = below ? kept_add(names, name, NULL, NULL, err) : error_memory(err);
    if (status == STATUS_OK)
        status = add_below(hierarchy, name, below, names, err);
    for (int more = kept_find(hierarchy->ids, name, &match); status == STATUS_OK && more;
         more = kept_more(&match)) {
        struct text id;
        kept_values(&match, &id);
        status = add_below(hierarchy, id, below, names, err);
    }
    free(below);
    return status;
}

void hierarchy_free(struct hierarchy *hierarchy)
{
    if (!hierarchy)
        return;
    arena_free(hierarchy->strings);
    kept_free(hierarchy->names);
    kept_free(hierarchy->ids);
    free(hierarchy->nodes);
    free(hierarchy);
}
