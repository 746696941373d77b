#include "tools/imgjoin/imgjoin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status add_item(struct imgjoin *join, const struct item *item, const char *name,
                            struct error *err)
{
    struct item *items =
        memory_more(join->items, join->item_count, &join->item_room, sizeof *items);
    if (!items)
        return error_memory(err);
    join->items = items;
    items[join->item_count] = *item;
    items[join->item_count].name = name ? strdup(name) : NULL;
    if (name && !items[join->item_count].name)
        return error_memory(err);
    join->item_count++;
    return STATUS_OK;
}

static struct item *find_item(const struct imgjoin *join, const char *name)
{
    for (size_t i = 0; i < join->item_count; i++)
        if (join->items[i].name && strcmp(join->items[i].name, name) == 0)
            return &join->items[i];
    return NULL;
}

/* The item takes the place of the one of its name, or comes last. */
static enum status put_item(struct imgjoin *join, const struct item *item, const char *name,
                            struct error *err)
{
    struct item *there = find_item(join, name);
    if (!there)
        return add_item(join, item, name, err);
    there->kind = item->kind;
    memcpy(there->from, item->from, sizeof there->from);
    return STATUS_OK;
}

static enum status add_side(struct imgjoin *join, size_t index, struct error *err)
{
    struct side *side = &join->sides[index];
    for (size_t i = 0; i < side->kept_count; i++) {
        struct item item = {.kind = ITEM_COPY, .from = {{index, i}}};
        char name[ERROR_TEXT];
        if (side->hidden[i])
            continue;
        if (join->left.reader && !side->names[i])
            return error_set(err, STATUS_USAGE,
                             "%s has no header: name its columns with --columns, or say with "
                             "--select NAME=NUMBER which become attributes",
                             side->path);
        if (side->names[i] && find_item(join, side->names[i])) {
            snprintf(name, sizeof name, "%.500s.%zu", side->names[i], index + 1);
            TRY(add_item(join, &item, name, err));
        } else
            TRY(add_item(join, &item, side->names[i], err));
    }
    return STATUS_OK;
}

/* Do the two models say the same? */
static enum status add_agree(struct imgjoin *join, size_t index, struct error *err)
{
    struct item item = {.kind = ITEM_AGREE};
    char name[32] = "agree";
    if (!join->sides[index].predictions || !join->sides[0].predictions ||
        join->sides[index].kept_count == 0)
        return STATUS_OK;
    if (find_item(join, name))
        snprintf(name, sizeof name, "agree.%zu", index + 1);
    TRY(find_source(join, 0, 1, "class", &item.from[0], err));
    item.from[1].side = index;
    for (size_t i = 0; i < join->sides[index].kept_count; i++)
        if (join->sides[index].columns_kept[i] == 2) {
            item.from[1].column = i;
            return add_item(join, &item, name, err);
        }
    return STATUS_OK;
}

static enum status add_special(struct imgjoin *join, struct error *err)
{
    struct item item = {.kind = ITEM_BOX};
    if (join->box) {
        TRY(find_sources(join, join->box_side, join->side_count, join->box, &join->box_sources,
                         err));
        if (join->box_sources.count != BOX_EDGES)
            return error_set(err, STATUS_USAGE,
                             "--box '%s': expected four columns: XMIN,YMIN,XMAX,YMAX", join->box);
        memcpy(item.from, join->box_sources.at, sizeof item.from);
        TRY(put_item(join, &item, "box", err));
    }
    if (join->label) {
        item.kind = ITEM_COPY;
        TRY(find_source(join, join->label_side, join->side_count, join->label, &item.from[0], err));
        TRY(put_item(join, &item, "label", err));
    }
    return STATUS_OK;
}

/* The items that --select of the left side asks for. */
struct selecting {
    struct imgjoin *join;
    struct item *available;
    size_t count;
};

static enum status select_item(void *context, char *text, struct error *err)
{
    struct selecting *selecting = context;
    struct imgjoin *join = selecting->join;
    struct item item = {.kind = ITEM_COPY};
    char *equals = strchr(text, '=');
    const char *column = equals ? equals + 1 : text, *name = text;
    if (equals)
        *equals = '\0';
    for (size_t i = 0; i < selecting->count; i++)
        if (selecting->available[i].name && strcmp(selecting->available[i].name, column) == 0)
            return add_item(join, &selecting->available[i], name, err);
    TRY(find_source(join, 0, join->side_count, column, &item.from[0], err));
    if (!equals && join->left.rows && item.from[0].side == 0)
        name = table_column(join->left.rows, item.from[0].column);
    return add_item(join, &item, name, err);
}

static enum status select_items(struct imgjoin *join, struct error *err)
{
    struct selecting selecting = {join, join->items, join->item_count};
    enum status status = STATUS_OK;
    join->items = NULL;
    join->item_count = join->item_room = 0;
    if (strcmp(join->sides[0].select, "-") != 0)
        status = each_part(join->sides[0].select, select_item, &selecting, err);
    for (size_t i = 0; i < selecting.count; i++)
        free(selecting.available[i].name);
    free(selecting.available);
    return status == STATUS_OK ? add_special(join, err) : status;
}

static enum status plan_wheres(struct imgjoin *join, struct error *err)
{
    for (size_t i = 0; i < join->where_count; i++) {
        struct where *where = &join->wheres[i];
        if (where->side == 0)
            TRY(find_source(join, 0, join->left.rows ? join->side_count : 1,
                            filter_column(where->filter), &where->source, err));
    }
    return STATUS_OK;
}

static enum status plan_all(struct imgjoin *join, struct error *err)
{
    TRY(plan_wheres(join, err));
    for (size_t i = 0; join->left.rows && i < table_columns(join->left.rows); i++) {
        struct item item = {.kind = ITEM_COPY, .from = {{0, i}}};
        TRY(add_item(join, &item, table_column(join->left.rows, i), err));
    }
    for (size_t i = 1; i < join->side_count; i++)
        TRY(add_side(join, i, err));
    for (size_t i = 1; i < join->side_count; i++)
        TRY(add_agree(join, i, err));
    TRY(add_special(join, err));
    if (join->sides[0].select)
        TRY(select_items(join, err));
    if (join->sides[0].distinct) {
        const struct kept_options options = {.limit = join->memory};
        TRY(find_sources(join, 0, join->side_count, join->sides[0].distinct,
                         &join->distinct_sources, err));
        TRY(kept_new(&options, &join->distinct, err));
    }
    for (size_t i = 0; i < join->item_count; i++)
        for (int k = 0; k < BOX_EDGES; k++)
            if (join->items[i].from[k].side == 0 &&
                join->left.wanted <= join->items[i].from[k].column)
                join->left.wanted = join->items[i].from[k].column + 1;
    return STATUS_OK;
}

void plan_items(struct imgjoin *join)
{
    struct error err;
    enum status status = plan_all(join, &err);
    if (status == STATUS_USAGE)
        tool_usage(&join->tool, "%s", err.text);
    if (status != STATUS_OK)
        tool_die(&join->tool, &err);
}
