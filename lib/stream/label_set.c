#include "stream/label_set.h"

#include <string.h>

enum status label_set_next(const char *set, size_t *at, struct label_name *name, struct error *err)
{
    size_t length, all = strlen(set);
    if (*at > all || all == 0 || strcmp(set, LABEL_SET_NONE) == 0)
        return STATUS_END;
    length = strcspn(set + *at, ",");
    name->unknown = set[*at] == '?';
    name->text = set + *at + name->unknown;
    name->length = length - (size_t)name->unknown;
    *at += length + 1;
    if (name->length == 0 || (name->length == 1 && *name->text == *LABEL_SET_NONE))
        return error_set(err, STATUS_DAMAGED, "the set of labels '%.200s' has %s", set,
                         name->length ? "other labels beside '-', which says that there is none"
                                      : "an empty name");
    return STATUS_OK;
}
