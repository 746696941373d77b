#include "base/setting.h"

#include "base/number.h"

enum status setting_store(const struct setting *setting, void *object, const char *text,
                          struct error *err)
{
    void *place = (char *)object + setting->place;
    int64_t number = 0;
    switch (setting->kind) {
    case SETTING_TEXT:
        *(const char **)place = text;
        break;
    case SETTING_FLAG:
        *(int *)place = 1;
        break;
    case SETTING_WHOLE:
        TRY(number_integer(text, (int64_t)setting->low, (int64_t)setting->high, &number, err));
        *(int *)place = (int)number;
        break;
    case SETTING_REAL:
        return number_within(text, setting->low, setting->high, place, err);
    }
    return STATUS_OK;
}
