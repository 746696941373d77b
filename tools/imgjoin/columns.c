#include "tools/imgjoin/imgjoin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The attribute gets a number; a stream says of no name that it is none. */
static enum status find_attribute(struct left *left, const char *name, size_t *column,
                                  struct error *err)
{
    char **more;
    int *seen;
    for (*column = 0; *column < left->attribute_count; ++*column)
        if (strcmp(left->attributes[*column], name) == 0)
            return STATUS_OK;
    more = realloc(left->attributes, (left->attribute_count + 1) * sizeof *more);
    if (!more)
        return error_memory(err);
    left->attributes = more;
    seen = realloc(left->seen, (left->attribute_count + 1) * sizeof *seen);
    if (!seen)
        return error_memory(err);
    left->seen = seen;
    seen[left->attribute_count] = strcmp(name, "key") == 0;
    more[left->attribute_count] = strdup(name);
    if (!more[left->attribute_count])
        return error_memory(err);
    left->attribute_count++;
    return STATUS_OK;
}

static int find_kept(const struct side *side, const char *name, size_t *column)
{
    for (*column = 0; *column < side->kept_count; ++*column)
        if (side->names[*column] && strcmp(side->names[*column], name) == 0)
            return 1;
    return 0;
}

static enum status find_left(struct imgjoin *join, const char *name, size_t *column,
                             struct error *err)
{
    struct left *left = &join->left;
    if (left->reader)
        return find_attribute(left, name, column, err);
    TRY(table_find(left->rows, name, column, err));
    if (left->wanted <= *column)
        left->wanted = *column + 1;
    return STATUS_OK;
}

enum status find_source(struct imgjoin *join, size_t side, size_t sides, const char *name,
                        struct source *source, struct error *err)
{
    source->side = side;
    if (side && find_kept(&join->sides[side], name, &source->column))
        return STATUS_OK;
    source->side = 0;
    if (join->left.rows && find_left(join, name, &source->column, err) == STATUS_OK)
        return STATUS_OK;
    for (source->side = 1; source->side < sides; source->side++)
        if (find_kept(&join->sides[source->side], name, &source->column))
            return STATUS_OK;
    source->side = 0;
    return find_left(join, name, &source->column, err);
}

enum status each_part(const char *list,
                      enum status (*part)(void *context, char *text, struct error *err),
                      void *context, struct error *err)
{
    enum status status = STATUS_OK;
    char *copy = strdup(list), *at = copy;
    if (!copy)
        return error_memory(err);
    while (at && status == STATUS_OK) {
        char *comma = strchr(at, ',');
        if (comma)
            *comma++ = '\0';
        status = *at ? part(context, at, err)
                     : error_set(err, STATUS_USAGE, "'%s': an empty name between commas", list);
        at = comma;
    }
    free(copy);
    return status;
}

struct finding {
    struct imgjoin *join;
    size_t side, sides;
    struct sources *sources;
};

static enum status find_part(void *context, char *text, struct error *err)
{
    struct finding *finding = context;
    struct sources *sources = finding->sources;
    if (sources->count == KEYS_MAX)
        return error_set(err, STATUS_USAGE, "more than %d columns", KEYS_MAX);
    return find_source(finding->join, finding->side, finding->sides, text,
                       &sources->at[sources->count++], err);
}

enum status find_sources(struct imgjoin *join, size_t side, size_t sides, const char *names,
                         struct sources *sources, struct error *err)
{
    struct finding finding = {join, side, sides, sources};
    sources->count = 0;
    return each_part(names, find_part, &finding, err);
}
