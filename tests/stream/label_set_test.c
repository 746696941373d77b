/* Would break: which labels a picture is taken to have. */
#include "stream/label_set.h"
#include "tests/tap.h"

/* The names of the set with a space behind each, "?" before those that are not known; "damaged". */
static void is(const char *set, const char *expected)
{
    char got[256] = "";
    struct label_name name;
    struct error err;
    enum status status;
    size_t at = 0;
    while ((status = label_set_next(set, &at, &name, &err)) == STATUS_OK)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s ", name.unknown ? "?" : "",
                 (int)name.length, name.text);
    same_text(status == STATUS_END ? got : "damaged", expected, *set ? set : "(nothing)");
}

int main(void)
{
    is("car", "car ");
    is("car,tree", "car tree ");
    is("a car, red,tree", "a car  red tree ");
    is("car,?tree,?boat", "car ?tree ?boat ");
    is("-", "");
    is("", "");
    is("a-b,c", "a-b c ");
    is("-,car", "damaged");
    is("car,-", "damaged");
    is("?-", "damaged");
    is(",", "damaged");
    is("car,", "damaged");
    is("car,,tree", "damaged");
    is(",car", "damaged");
    is("?", "damaged");
    is("car,?", "damaged");
    return tap_done();
}
