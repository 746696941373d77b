/* stream/label_set: the attribute `label` where a record may have any number of labels: names with
 * commas between them, "car,tree"; "-" for none. "?boat" says that nobody knows whether the record
 * has this label; labels that are not named it has not. */
#ifndef STREAM_LABEL_SET_H
#define STREAM_LABEL_SET_H

#include "base/memory.h"

#define LABEL_SET_NONE "-"

struct label_name {
    const char *text; /* `length` bytes of the set, without the question mark; not terminated */
    size_t length;
    int unknown;
};

/* *at, 0 at first, moves behind the next name. STATUS_END: there are no more. STATUS_DAMAGED: a
 * name is empty, or "-" is among others. */
enum status label_set_next(const char *set, size_t *at, struct label_name *name, struct error *err);

#endif
