/* In filters a class stands for all below it in a hierarchy. */
#include "tools/imgjoin/imgjoin.h"

static enum status name_classes(struct hierarchy *hierarchy, char *path, struct error *err)
{
    const struct table_options options = {.headless = 1};
    struct buffer id_scratch = {0}, name_scratch = {0};
    struct table *rows;
    struct table_row row;
    struct text id, name;
    enum status status = table_open(NULL, &path, 1, &options, &rows, err);
    if (status != STATUS_OK)
        return status;
    if (table_columns(rows) < 2)
        status = error_set(err, STATUS_DAMAGED, "%s: expected two columns: id, name", path);
    while (status == STATUS_OK && (status = table_next(rows, &row, err)) == STATUS_OK) {
        status = field_text(&row.fields[0], &id_scratch, &id, err);
        if (status == STATUS_OK)
            status = field_text(&row.fields[1], &name_scratch, &name, err);
        if (status == STATUS_OK)
            status = hierarchy_call(hierarchy, id, name, err);
    }
    buffer_free(&id_scratch);
    buffer_free(&name_scratch);
    table_free(rows);
    return status == STATUS_END ? STATUS_OK : status;
}

static enum status replace(void *context, struct text name, struct kept *names, struct error *err)
{
    return hierarchy_below(context, name, names, err);
}

void read_hierarchy(struct imgjoin *join)
{
    struct hierarchy *hierarchy = NULL;
    struct error err;
    enum status status;
    if (!join->hierarchy && join->class_names)
        tool_usage(&join->tool, "--class-names needs --hierarchy");
    if (!join->hierarchy)
        return;
    status = hierarchy_read(join->hierarchy, &hierarchy, &err);
    if (status == STATUS_OK && join->class_names)
        status = name_classes(hierarchy, (char *)join->class_names, &err);
    for (size_t i = 0; i < join->where_count && status == STATUS_OK; i++)
        status = filter_replace(join->wheres[i].filter, replace, hierarchy, &err);
    hierarchy_free(hierarchy);
    if (status == STATUS_FAILED)
        err.status = STATUS_DAMAGED;
    if (status != STATUS_OK)
        tool_die(&join->tool, &err);
}
