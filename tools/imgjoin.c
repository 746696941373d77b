/* imgjoin: a stream or a table joined with tables: filters, columns to attributes, one record per
 * bounding box. */
#include "tools/imgjoin/imgjoin.h"

#include <stdlib.h>

static void free_all(struct imgjoin *join)
{
    for (size_t i = 0; i < join->side_count; i++) {
        struct side *side = &join->sides[i];
        kept_free(side->kept);
        for (size_t k = 0; k < side->kept_count; k++)
            free(side->names[k]);
        free(side->names);
        free(side->columns_kept);
        free(side->hidden);
        free(side->first_unmatched);
        if (side->rule == RULE_REGEX)
            regfree(&side->regex);
    }
    for (size_t i = 0; i < join->where_count; i++)
        filter_free(join->wheres[i].filter);
    for (size_t i = 0; i < join->item_count; i++)
        free(join->items[i].name);
    free(join->items);
    kept_free(join->distinct);
    reader_free(join->left.reader);
    table_free(join->left.rows);
    for (size_t i = 0; i < join->left.attribute_count; i++)
        free(join->left.attributes[i]);
    free(join->left.attributes);
    free(join->left.seen);
}

int main(int argc, char **argv)
{
    static struct imgjoin join = {
        .tool = {.name = "imgjoin",
                 .usage = "[OPTION]... [-t TABLE [OPTION]...]... [FILE]...",
                 .purpose =
                     "Joins a stream or a table with tables; filters, selects and renames.\n"
                     "Options before the first -t are about the FILEs, those behind a -t about "
                     "that TABLE.",
                 .examples =
                     "  imgjoin -w 'Confidence>=0.99' -t classes.csv --columns LabelName,Name \\\n"
                     "      -w 'Name=Tiger|Lion' boxes.csv > cats.tsv\n"
                     "  imgextract train.tar | imgjoin -t cats.tsv --each --label Name \\\n"
                     "      --box XMin,YMin,XMax,YMax > boxes.its\n"
                     "  imgjoin --predictions -t b.tsv --predictions a.tsv | imgjoin -w agree=no\n",
                 .options = imgjoin_options,
                 .set = imgjoin_set},
        .side_count = 1,
        .memory = UINT64_C(1024) << 20,
    };
    int operand;
    join.tool.state = &join;
    operand = tool_start(&join.tool, argc, argv);
    read_hierarchy(&join);
    open_left(&join, argc, argv, operand);
    for (size_t i = 1; i < join.side_count; i++)
        load_side(&join, i);
    plan_items(&join);
    if (join.left.rows)
        run_table(&join);
    else
        run_stream(&join);
    report(&join);
    free_all(&join);
    return tool_finish(&join.tool);
}
