#include "image/augment.h"

#include "base/setting.h"

#include <stdio.h>
#include <string.h>

/* The changes as the programs' options name them, and what each may be. */
static const struct choice {
    const char *name;
    struct setting setting;
} choices[] = {
    {"flip", {SETTING_FLAG, 0, 0, offsetof(struct augment, flip)}},
    {"shift", {SETTING_WHOLE, 0, 1024, offsetof(struct augment, shift)}},
    {"turn", {SETTING_FLAG, 0, 0, offsetof(struct augment, turn)}},
    {"rotate", {SETTING_REAL, 0, 180, offsetof(struct augment, rotate)}},
    {"random-crop", {SETTING_WHOLE, 1, 65535, offsetof(struct augment, crop)}},
    {"resized-crop", {SETTING_REAL, 0, 1, offsetof(struct augment, resized_crop)}},
    {"brightness", {SETTING_REAL, 0, 100, offsetof(struct augment, brightness)}},
    {"contrast", {SETTING_REAL, 0, 100, offsetof(struct augment, contrast)}},
    {"saturation", {SETTING_REAL, 0, 100, offsetof(struct augment, saturation)}},
    {"cutout", {SETTING_WHOLE, 0, 65535, offsetof(struct augment, cutout)}},
};

enum { CHOICES = sizeof choices / sizeof *choices };

static enum status unknown(const char *name, struct error *err)
{
    char all[256] = "";
    size_t length = 0;
    for (int i = 0; i < CHOICES; i++)
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", i ? ", " : "",
                                   choices[i].name);
    return error_set(err, STATUS_USAGE, "no change '%s'; there are %s", name, all);
}

static enum status find(const char *name, const struct choice **choice, struct error *err)
{
    for (int i = 0; i < CHOICES; i++)
        if (strcmp(choices[i].name, name) == 0) {
            *choice = &choices[i];
            return STATUS_OK;
        }
    return unknown(name, err);
}

static enum status set(struct augment *augment, const struct choice *choice, const char *value,
                       struct error *err)
{
    int flag = choice->setting.kind == SETTING_FLAG;
    if (flag && value)
        return error_set(err, STATUS_USAGE, "it takes no number");
    if (!flag && !value)
        return error_set(err, STATUS_USAGE, "it needs a number: %s=N", choice->name);
    return setting_store(&choice->setting, augment, value, err);
}

enum status augment_set(struct augment *augment, const char *name, const char *value,
                        struct error *err)
{
    const struct choice *choice;
    TRY(find(name, &choice, err));
    return set(augment, choice, value, err);
}

/* "name" or "name=value" */
static enum status set_word(struct augment *augment, char *word, struct error *err)
{
    const struct choice *choice;
    char *value = strchr(word, '=');
    if (value)
        *value++ = '\0';
    TRY(find(word, &choice, err));
    return set(augment, choice, value, err) == STATUS_OK ? STATUS_OK
                                                         : error_prefix(err, "%s", word);
}

enum status augment_parse(struct augment *augment, const char *list, struct error *err)
{
    char text[1024], *word = text, *end;
    if (strlen(list) >= sizeof text)
        return error_set(err, STATUS_USAGE, "the list is longer than %zu characters",
                         sizeof text - 1);
    memcpy(text, list, strlen(list) + 1);
    do {
        if ((end = strchr(word, ',')))
            *end = '\0';
        TRY(set_word(augment, word, err));
        word = end ? end + 1 : NULL;
    } while (word);
    return STATUS_OK;
}
