#include "tools/imgjoin/imgjoin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is needed of a table while it is read. */
struct loading {
    struct imgjoin *join;
    struct side *side;
    size_t index;
    struct table *rows;
    size_t wanted;               /* columns */
    size_t filters[FILTERS_MAX]; /* of join->wheres: those about this table */
    size_t filter_columns[FILTERS_MAX], filter_count;
    size_t distinct_columns[KEYS_MAX], distinct_count;
    size_t box_values[BOX_EDGES]; /* kept values that are the edges of a box */
    int has_box;
    struct kept *seen; /* of the columns of --distinct */
    struct text *values;
    struct buffer *scratch; /* for each value */
    struct buffer key, part;
};

static enum status find_column(struct loading *loading, const char *name, size_t *column,
                               struct error *err)
{
    TRY(table_find(loading->rows, name, column, err));
    if (loading->wanted <= *column)
        loading->wanted = *column + 1;
    return STATUS_OK;
}

/* --- which columns are the key --- */

/* [LEFT=]COLUMN */
static enum status add_on(void *context, char *text, struct error *err)
{
    struct loading *loading = context;
    struct imgjoin *join = loading->join;
    struct sources *left = &loading->side->left_key;
    char *equals = strchr(text, '=');
    const char *right_name = equals ? equals + 1 : text;
    const char *left_name = join->left.reader && left->count == 0 ? "key" : text;
    if (left->count == KEYS_MAX)
        return error_set(err, STATUS_USAGE, "--on: more than %d columns", KEYS_MAX);
    if (equals) {
        *equals = '\0';
        left_name = text;
    }
    TRY(find_column(loading, right_name, &loading->side->right_key[left->count], err));
    TRY(find_source(join, 0, loading->index, left_name, &left->at[left->count], err));
    left->count++;
    return STATUS_OK;
}

/* Without --on: the first column that both have; else the first one. */
static enum status default_on(struct loading *loading, struct error *err)
{
    struct imgjoin *join = loading->join;
    struct sources *left = &loading->side->left_key;
    size_t column = 0;
    left->count = 1;
    if (join->left.rows)
        for (; column < table_columns(loading->rows); column++) {
            const char *name = table_column(loading->rows, column);
            if (name && *name &&
                find_source(join, 0, loading->index, name, &left->at[0], err) == STATUS_OK)
                break;
        }
    if (join->left.rows && column == table_columns(loading->rows)) {
        column = 0;
        TRY(find_source(join, 0, loading->index, "1", &left->at[0], err));
    } else if (join->left.reader)
        TRY(find_source(join, 0, 1, "key", &left->at[0], err));
    loading->side->right_key[0] = column;
    if (loading->wanted <= column)
        loading->wanted = column + 1;
    return STATUS_OK;
}

/* --- which columns are kept --- */

static enum status keep(struct loading *loading, size_t column, const char *name, int hidden,
                        struct error *err)
{
    struct side *side = loading->side;
    size_t at = side->kept_count;
    if (loading->wanted <= column)
        loading->wanted = column + 1;
    side->columns_kept[at] = column;
    side->hidden[at] = hidden;
    side->names[at] = name ? strdup(name) : NULL;
    side->kept_count++;
    return name && !side->names[at] ? error_memory(err) : STATUS_OK;
}

/* [NEW=]COLUMN */
static enum status add_select(void *context, char *text, struct error *err)
{
    struct loading *loading = context;
    char *equals = strchr(text, '=');
    size_t column;
    if (loading->side->kept_count == table_columns(loading->rows) + KEYS_MAX)
        return error_set(err, STATUS_USAGE, "--select: too many columns");
    if (equals)
        *equals = '\0';
    TRY(find_column(loading, equals ? equals + 1 : text, &column, err));
    return keep(loading, column, equals ? text : table_column(loading->rows, column), 0, err);
}

static int is_key(const struct side *side, size_t column)
{
    for (size_t i = 0; i < side->left_key.count; i++)
        if (side->right_key[i] == column)
            return 1;
    return 0;
}

static enum status keep_all(struct loading *loading, struct error *err)
{
    for (size_t i = 0; i < table_columns(loading->rows); i++)
        if (!is_key(loading->side, i))
            TRY(keep(loading, i, table_column(loading->rows, i), 0, err));
    return STATUS_OK;
}

/* A column of --box or --label, when it is one of this table: it is kept, and by itself not shown.
 */
static enum status keep_hidden(void *context, char *name, struct error *err)
{
    struct loading *loading = context;
    struct side *side = loading->side;
    size_t column, at;
    if (table_find(loading->rows, name, &column, NULL) != STATUS_OK)
        return STATUS_OK;
    for (at = 0; at < side->kept_count; at++)
        if (side->columns_kept[at] == column && !side->select)
            side->hidden[at] = 1;
    for (at = 0; at < side->kept_count; at++)
        if (side->names[at] && strcmp(side->names[at], name) == 0)
            return STATUS_OK;
    return keep(loading, column, name, 1, err);
}

static enum status choose_kept(struct loading *loading, struct error *err)
{
    struct side *side = loading->side;
    struct imgjoin *join = loading->join;
    size_t room = table_columns(loading->rows) + KEYS_MAX + BOX_EDGES + 2;
    if (side->select)
        room += strlen(side->select) / 2;
    side->columns_kept = memory_array(room, sizeof *side->columns_kept);
    side->names = memory_array(room, sizeof *side->names);
    side->hidden = memory_array(room, sizeof *side->hidden);
    if (!side->columns_kept || !side->names || !side->hidden)
        return error_memory(err);
    if (side->how == HOW_SEMI || side->how == HOW_ANTI) {
        if (side->select || side->each)
            return error_set(err, STATUS_USAGE,
                             "--how semi and anti give no columns and no further rows: neither "
                             "--select nor --each goes with them");
        return STATUS_OK;
    }
    if (!side->select)
        TRY(keep_all(loading, err));
    else if (strcmp(side->select, "-") != 0)
        TRY(each_part(side->select, add_select, loading, err));
    if (join->box && (join->box_side == loading->index || join->box_side == 0))
        TRY(each_part(join->box, keep_hidden, loading, err));
    if (join->label && (join->label_side == loading->index || join->label_side == 0))
        TRY(each_part(join->label, keep_hidden, loading, err));
    return STATUS_OK;
}

/* --- filters, distinct, box --- */

static enum status choose_filters(struct loading *loading, struct error *err)
{
    struct imgjoin *join = loading->join;
    for (size_t i = 0; i < join->where_count; i++) {
        struct where *where = &join->wheres[i];
        size_t column;
        if (where->side != loading->index)
            continue;
        if (table_find(loading->rows, filter_column(where->filter), &column, err) != STATUS_OK) {
            if (join->left.reader)
                return STATUS_USAGE;
            where->side = 0; /* perhaps the left table has it: plan_items will see */
            continue;
        }
        TRY(find_column(loading, filter_column(where->filter), &column, err));
        loading->filters[loading->filter_count] = i;
        loading->filter_columns[loading->filter_count++] = column;
    }
    return STATUS_OK;
}

static enum status add_distinct(void *context, char *text, struct error *err)
{
    struct loading *loading = context;
    if (loading->distinct_count == KEYS_MAX)
        return error_set(err, STATUS_USAGE, "--distinct: more than %d columns", KEYS_MAX);
    return find_column(loading, text, &loading->distinct_columns[loading->distinct_count++], err);
}

/* The edges, where all are of this table. */
static enum status add_edge(void *context, char *text, struct error *err)
{
    struct loading *loading = context;
    const struct side *side = loading->side;
    (void)err;
    for (size_t i = 0; i < side->kept_count; i++)
        if (side->names[i] && strcmp(side->names[i], text) == 0 && loading->has_box < BOX_EDGES) {
            loading->box_values[loading->has_box++] = i;
            break;
        }
    return STATUS_OK;
}

static enum status plan(struct loading *loading, struct error *err)
{
    struct side *side = loading->side;
    struct imgjoin *join = loading->join;
    const struct kept_options options = {.limit = join->memory};
    if (side->on)
        TRY(each_part(side->on, add_on, loading, err));
    else
        TRY(default_on(loading, err));
    TRY(choose_kept(loading, err));
    TRY(choose_filters(loading, err));
    if (side->distinct) {
        TRY(each_part(side->distinct, add_distinct, loading, err));
        TRY(kept_new(&options, &loading->seen, err));
    }
    if (join->box && (join->box_side == loading->index || join->box_side == 0))
        TRY(each_part(join->box, add_edge, loading, err));
    loading->has_box = loading->has_box == BOX_EDGES;
    loading->values = memory_array(side->kept_count, sizeof *loading->values);
    loading->scratch = memory_array(side->kept_count, sizeof *loading->scratch);
    if (!loading->values || !loading->scratch)
        return error_memory(err);
    table_want(loading->rows, loading->wanted);
    return STATUS_OK;
}

/* --- a row --- */

/* Several columns become one text: with a NUL, which no field holds, behind each. A rule is for the
 * first. */
static enum status compose(struct loading *loading, const struct table_row *row,
                           const size_t *columns, size_t count, int ruled, struct text *text,
                           struct error *err)
{
    buffer_clear(&loading->key);
    for (size_t i = 0; i < count; i++) {
        TRY(field_text(&row->fields[columns[i]], &loading->part, text, err));
        if (ruled && i == 0)
            *text = key_text(loading->side, RULE_WHOLE, *text, &loading->part);
        if (count == 1)
            return STATUS_OK;
        TRY(buffer_append(&loading->key, text->at, text->size, err));
        TRY(buffer_append(&loading->key, "", 1, err));
    }
    *text = (struct text){(const char *)loading->key.data, loading->key.size};
    return STATUS_OK;
}

static enum status passes(struct loading *loading, const struct table_row *row, int *keeps,
                          struct error *err)
{
    struct text text;
    *keeps = 1;
    for (size_t i = 0; i < loading->filter_count && *keeps; i++) {
        const struct filter *filter = loading->join->wheres[loading->filters[i]].filter;
        TRY(field_text(&row->fields[loading->filter_columns[i]], &loading->key, &text, err));
        TRY(filter_test(filter, text, keeps, err));
    }
    if (*keeps && loading->seen) {
        TRY(compose(loading, row, loading->distinct_columns, loading->distinct_count, 0, &text,
                    err));
        TRY(kept_add(loading->seen, text, NULL, keeps, err));
    }
    return STATUS_OK;
}

static enum status check_box(struct loading *loading, struct error *err)
{
    struct text edges[BOX_EDGES];
    buffer_clear(&loading->part);
    for (int i = 0; i < BOX_EDGES; i++)
        edges[i] = loading->values[loading->box_values[i]];
    return box_text(edges, &loading->part, err);
}

static enum status load_row(struct loading *loading, const struct table_row *row, struct error *err)
{
    struct side *side = loading->side;
    struct text key;
    int keeps, fresh;
    TRY(passes(loading, row, &keeps, err));
    if (!keeps)
        return STATUS_OK;
    for (size_t i = 0; i < side->kept_count; i++)
        TRY(field_text(&row->fields[side->columns_kept[i]], &loading->scratch[i],
                       &loading->values[i], err));
    if (loading->has_box)
        TRY(check_box(loading, err));
    TRY(compose(loading, row, side->right_key, side->left_key.count, 1, &key, err));
    TRY(kept_add(side->kept, key, loading->values, &fresh, err));
    side->rows_kept++;
    side->repeated += !fresh;
    return STATUS_OK;
}

static uint64_t memory_needed(const struct imgjoin *join, size_t sides)
{
    uint64_t sum = 0;
    for (size_t i = 1; i < sides; i++)
        sum += kept_needs(join->sides[i].kept);
    return sum;
}

static void check_memory(struct imgjoin *join, const struct loading *loading)
{
    uint64_t need = memory_needed(join, loading->index + 1);
    struct error err;
    if (loading->seen)
        need += kept_needs(loading->seen);
    if (need <= join->memory)
        return;
    error_set(&err, STATUS_SYSTEM,
              "the rows kept of %s need --memory %llu (MiB), which is %llu: filter or select more, "
              "or allow more",
              table_file(loading->rows), (unsigned long long)((need >> 20) + 1),
              (unsigned long long)(join->memory >> 20));
    tool_die(&join->tool, &err);
}

static void read_all(struct loading *loading)
{
    struct imgjoin *join = loading->join;
    struct error err;
    struct table_row row;
    enum status status;
    while ((status = next_row(loading->side, loading->rows, &row, &err)) != STATUS_END) {
        if (status == STATUS_OK) {
            loading->side->rows_read++;
            status = load_row(loading, &row, &err);
            if (status == STATUS_FAILED)
                error_prefix(&err, "%s:%llu", row.file, (unsigned long long)row.line);
        }
        if (status != STATUS_OK)
            note_row(join, status, &err);
    }
}

static void free_loading(struct loading *loading)
{
    for (size_t i = 0; i < loading->side->kept_count; i++)
        buffer_free(&loading->scratch[i]);
    free(loading->scratch);
    free(loading->values);
    kept_free(loading->seen);
    buffer_free(&loading->key);
    buffer_free(&loading->part);
    table_free(loading->rows);
}

void load_side(struct imgjoin *join, size_t index)
{
    struct side *side = &join->sides[index];
    struct loading loading = {.join = join, .side = side, .index = index};
    struct kept_options options = {.each = side->each};
    char *path = (char *)side->path;
    struct error err;
    enum status status = open_rows(side, NULL, &path, 1, &loading.rows, &err);
    if (status == STATUS_OK)
        status = plan(&loading, &err);
    if (status == STATUS_OK) {
        uint64_t used = memory_needed(join, index);
        options.values = side->kept_count;
        options.limit = used < join->memory ? join->memory - used : 1;
        status = kept_new(&options, &side->kept, &err);
    }
    if (status == STATUS_USAGE)
        tool_usage(&join->tool, "%s", err.text);
    if (status != STATUS_OK)
        tool_die(&join->tool, &err);
    read_all(&loading);
    check_memory(join, &loading);
    free_loading(&loading);
}
