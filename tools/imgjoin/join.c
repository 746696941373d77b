#include "tools/imgjoin/imgjoin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- keys --- */

/* Without the folder, "#2" at the end, and the suffix: train/0a1b.jpg#2 -> 0a1b. */
static struct text name_of(struct text whole)
{
    struct text name = whole;
    size_t end;
    for (size_t i = 0; i < whole.size; i++)
        if (whole.at[i] == '/')
            name = (struct text){whole.at + i + 1, whole.size - i - 1};
    for (end = name.size; end && name.at[end - 1] >= '0' && name.at[end - 1] <= '9'; end--)
        ;
    if (end > 1 && end < name.size && name.at[end - 1] == '#')
        name.size = end - 1;
    for (end = name.size; end > 1; end--)
        if (name.at[end - 1] == '.') {
            name.size = end - 1;
            break;
        }
    return name;
}

/* The first group of the expression, or all that it matches; the whole where it matches nothing. */
static struct text group_of(const regex_t *regex, struct text whole, struct buffer *scratch)
{
    regmatch_t found[2];
    struct buffer copy = {0};
    const regmatch_t *match;
    if (buffer_append(&copy, whole.at, whole.size, NULL) != STATUS_OK ||
        buffer_append(&copy, "", 1, NULL) != STATUS_OK)
        return whole;
    buffer_free(scratch);
    *scratch = copy;
    if (regexec(regex, (const char *)copy.data, 2, found, 0) != 0)
        return (struct text){(const char *)copy.data, whole.size};
    match = regex->re_nsub && found[1].rm_so >= 0 ? &found[1] : &found[0];
    return (struct text){(const char *)copy.data + match->rm_so,
                         (size_t)(match->rm_eo - match->rm_so)};
}

struct text key_text(const struct side *side, enum rule otherwise, struct text whole,
                     struct buffer *scratch)
{
    enum rule rule = side->rule == RULE_DEFAULT ? otherwise : side->rule;
    if (rule == RULE_NAME)
        return name_of(whole);
    return rule == RULE_REGEX ? group_of(&side->regex, whole, scratch) : whole;
}

/* --- values --- */

enum status current_open(struct imgjoin *join, struct current *current, struct error *err)
{
    current->join = join;
    for (size_t i = 1; i < join->side_count; i++) {
        current->values[i] = memory_array(join->sides[i].kept_count, sizeof *current->values[i]);
        if (!current->values[i])
            return error_memory(err);
    }
    return STATUS_OK;
}

void current_free(struct current *current)
{
    for (size_t i = 1; i < SIDES_MAX; i++)
        free(current->values[i]);
    buffer_free(&current->scratch);
    buffer_free(&current->key);
    buffer_free(&current->part);
}

enum status current_value(struct current *current, struct source source, struct text *text,
                          struct error *err)
{
    const char *name, *value;
    *text = (struct text){"", 0};
    if (source.side) {
        if (current->matched[source.side])
            *text = current->values[source.side][source.column];
        return STATUS_OK;
    }
    if (current->fields)
        return field_text(&current->fields[source.column], &current->scratch, text, err);
    name = current->join->left.attributes[source.column];
    value =
        strcmp(name, "key") == 0 ? record_key(current->record) : record_get(current->record, name);
    current->join->left.seen[source.column] |= value != NULL;
    if (value)
        *text = (struct text){value, strlen(value)};
    return STATUS_OK;
}

/* As compose() of load.c has it. `ruled`: the first is compared by the left side's rule. */
static enum status compose(struct current *current, const struct sources *sources, int ruled,
                           struct text *text, struct error *err)
{
    const struct side *left = &current->join->sides[0];
    buffer_clear(&current->key);
    for (size_t i = 0; i < sources->count; i++) {
        struct source source = sources->at[i];
        TRY(current_value(current, source, text, err));
        if (ruled && i == 0 && source.side == 0) {
            int is_key = current->record &&
                         strcmp(current->join->left.attributes[source.column], "key") == 0;
            *text = key_text(left, is_key ? RULE_NAME : RULE_WHOLE, *text, &current->part);
        }
        if (sources->count == 1)
            return STATUS_OK;
        TRY(buffer_append(&current->key, text->at, text->size, err));
        TRY(buffer_append(&current->key, "", 1, err));
    }
    *text = (struct text){(const char *)current->key.data, current->key.size};
    return STATUS_OK;
}

/* --- the join --- */

/* The filters that look at this side's values. */
static enum status passes(struct current *current, size_t side, int *keeps, struct error *err)
{
    const struct imgjoin *join = current->join;
    *keeps = 1;
    for (size_t i = 0; i < join->where_count && *keeps; i++) {
        const struct where *where = &join->wheres[i];
        struct text text;
        if (where->side != 0 || where->source.side != side)
            continue;
        TRY(current_value(current, where->source, &text, err));
        TRY(filter_test(where->filter, text, keeps, err));
    }
    return STATUS_OK;
}

/* All sides have been asked. */
static enum status finish(struct current *current, struct error *err)
{
    struct imgjoin *join = current->join;
    struct text text;
    int fresh = 1;
    if (join->distinct) {
        TRY(compose(current, &join->distinct_sources, 0, &text, err));
        TRY(kept_add(join->distinct, text, NULL, &fresh, err));
        if (!fresh) {
            join->rows_repeated++;
            return STATUS_OK;
        }
    }
    join->rows_written++;
    current->number++;
    return current->emit(current, err);
}

static enum status note_unmatched(struct current *current, struct side *side, struct text key,
                                  struct error *err)
{
    int size = key.size < 100 ? (int)key.size : 100;
    if (side->unmatched++ == 0 && !(side->first_unmatched = strndup(key.at, (size_t)size)))
        return error_memory(err);
    if (!current->join->tool.strict)
        return STATUS_OK;
    current->join->strict_end = 1;
    return error_set(err, STATUS_FAILED, "'%.*s' is not in %s", size, key.at, side->path);
}

static enum status ask(struct current *current, size_t index, struct error *err);

/* The side has given its values, or has none. */
static enum status go_on(struct current *current, size_t index, struct error *err)
{
    int keeps;
    TRY(passes(current, index, &keeps, err));
    if (!keeps) {
        current->join->rows_filtered += index == 0;
        return STATUS_OK;
    }
    return index + 1 == current->join->side_count ? finish(current, err)
                                                  : ask(current, index + 1, err);
}

static enum status ask(struct current *current, size_t index, struct error *err)
{
    struct side *side = &current->join->sides[index];
    struct match match;
    struct text key;
    int found;
    TRY(compose(current, &side->left_key, 1, &key, err));
    found = kept_find(side->kept, key, &match);
    current->matched[index] = 0;
    if (found)
        kept_mark(&match);
    if (!found && side->how != HOW_ANTI)
        TRY(note_unmatched(current, side, key, err));
    if (side->how == HOW_SEMI || side->how == HOW_ANTI)
        return found == (side->how == HOW_SEMI) ? go_on(current, index, err) : STATUS_OK;
    if (!found)
        return side->how == HOW_LEFT ? go_on(current, index, err) : STATUS_OK;
    do {
        kept_values(&match, current->values[index]);
        current->matched[index] = 1;
        TRY(go_on(current, index, err));
    } while (kept_more(&match));
    return STATUS_OK;
}

enum status join_row(struct current *current, struct error *err)
{
    current->number = 0;
    current->join->rows_read++;
    return go_on(current, 0, err);
}

/* --- boxes --- */

enum status box_text(const struct text edges[BOX_EDGES], struct buffer *out, struct error *err)
{
    double values[BOX_EDGES];
    for (int i = 0; i < BOX_EDGES; i++) {
        int size = edges[i].size < 64 ? (int)edges[i].size : 64;
        if (!field_number(edges[i], &values[i]) || values[i] < 0 || values[i] > 1)
            return error_set(err, STATUS_FAILED,
                             "box: '%.*s' is no fraction of the picture, from 0 to 1", size,
                             edges[i].at);
        TRY(buffer_append(out, ",", i > 0, err));
        TRY(buffer_append(out, edges[i].at, edges[i].size, err));
    }
    if (values[0] >= values[2] || values[1] >= values[3])
        return error_set(err, STATUS_FAILED,
                         "box: %g,%g,%g,%g: expected the smaller x and y first: x0,y0,x1,y1",
                         values[0], values[1], values[2], values[3]);
    return STATUS_OK;
}
