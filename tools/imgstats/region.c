/* Which part of a picture a record is about. */
#include "image/box.h"
#include "tools/imgstats/imgstats.h"

enum status record_region(const struct record *record, int width, int height, struct window *region,
                          struct error *err)
{
    const char *text = record_get(record, "box");
    struct box box;
    *region = (struct window){0, 0, width, height};
    if (!text)
        return STATUS_OK;
    TRY(box_parse(text, &box, err));
    return box_window(&box, width, height, region, err);
}
