/* If this fails, an option of a program sets another field, or takes what it should refuse. */
#include "base/setting.h"

#include "tests/tap.h"

struct thing {
    const char *text;
    int flag, whole, after;
    double real;
};

int main(void)
{
    static const struct setting settings[] = {
        {SETTING_TEXT, 0, 0, offsetof(struct thing, text)},
        {SETTING_FLAG, 0, 0, offsetof(struct thing, flag)},
        {SETTING_WHOLE, -3, 3, offsetof(struct thing, whole)},
        {SETTING_REAL, 0.5, 3, offsetof(struct thing, real)},
    };
    struct thing thing = {.after = 7};
    struct error err;
    same_int(setting_store(&settings[0], &thing, "words", &err), STATUS_OK, "a text");
    same_text(thing.text, "words", "is kept");
    same_int(setting_store(&settings[1], &thing, NULL, &err), STATUS_OK, "a flag");
    same_int(setting_store(&settings[2], &thing, "-3", &err), STATUS_OK, "a whole number");
    same_int(setting_store(&settings[3], &thing, "0.75", &err), STATUS_OK, "a number");
    ok(thing.flag == 1 && thing.whole == -3 && thing.real == 0.75 && thing.after == 7,
       "each in its place");
    same_int(setting_store(&settings[2], &thing, "4", &err), STATUS_USAGE, "too large");
    same_text(err.text, "'4' is not a whole number from -3 to 3", "it says why");
    same_int(setting_store(&settings[3], &thing, "0.4", &err), STATUS_USAGE, "too small");
    ok(thing.whole == -3, "what was there stays");
    return tap_done();
}
