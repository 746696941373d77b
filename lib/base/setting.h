/* base/setting: where the text of an option goes. A table of these says for a program's struct what
 * a switch over its options would. */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include "base/error.h"

#include <stddef.h>

struct setting {
    enum setting_kind {
        SETTING_TEXT,  /* const char *, the text itself */
        SETTING_FLAG,  /* int that becomes 1; there is no text */
        SETTING_WHOLE, /* int, low to high */
        SETTING_REAL,  /* double, low to high */
    } kind;
    double low, high;
    size_t place; /* offsetof the field */
};

/* Sets the field of `object`. STATUS_USAGE: no such number. */
enum status setting_store(const struct setting *setting, void *object, const char *text,
                          struct error *err);

#endif
