/* Records in memory: keys, attributes, tensors, and becoming an error record. */
#include "stream/record.h"
#include "tests/stream/streams.h"

/* "name=value name=value", to compare. */
static const char *all_attributes(const struct record *record, char *text, size_t room)
{
    const char *name, *value;
    size_t at = 0, used = 0;
    *text = '\0';
    while (record_next_attribute(record, &at, &name, &value))
        used += (size_t)snprintf(text + used, room - used, "%s%s=%s", used ? " " : "", name, value);
    return text;
}

static void test_attributes(void)
{
    static const struct {
        const char *name, *value, *then;
    } steps[] = {
        {"label", "cat", "label=cat"},
        {"src", "a.tar", "label=cat src=a.tar"},
        {"box", "", "label=cat src=a.tar box="},
        {"label", "a longer label", "label=a longer label src=a.tar box="},
        {"src", "", "label=a longer label src= box="},
        {"none", NULL, "label=a longer label src= box="},
        {"label", NULL, "src= box="},
        {"box", NULL, "src="},
        {"src", NULL, ""},
    };
    struct record record = {0};
    char text[256];
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        MUST(record_set(&record, steps[i].name, steps[i].value, NULL));
        same_text(all_attributes(&record, text, sizeof text), steps[i].then, steps[i].then);
    }
    ok(record_get(&record, "label") == NULL, "no attribute, no value");
    MUST(record_set(&record, "label", "x", NULL));
    same_text(record_get(&record, "label"), "x", "a value is found by its name");
    ok(record_get(&record, "lab") == NULL, "half a name finds nothing");
    ok(record_get(&record, "x") == NULL, "a value is not taken for a name");
    same_int(record_set(&record, "", "x", NULL), STATUS_USAGE, "an empty name is refused");
    record_free(&record);
}

static void test_limits(void)
{
    struct record record = {0};
    struct shape huge = {3, {1 << 20, 1 << 20, 2}}, negative = {1, {-1}};
    char *large = memory_array(RECORD_ATTRIBUTES_MAX + 2, 1);
    char *key = memory_array(RECORD_KEY_MAX + 2, 1);
    memset(large, 'v', RECORD_ATTRIBUTES_MAX);
    memset(key, 'k', RECORD_KEY_MAX + 1);
    same_int(record_set(&record, "n", large, NULL), STATUS_FAILED, "too large a value is refused");
    large[RECORD_ATTRIBUTES_MAX - 3] = '\0'; /* with "n" and two NULs exactly the limit */
    same_int(record_set(&record, "n", large, NULL), STATUS_OK, "the largest value is taken");
    same_int(record_set(&record, "m", "", NULL), STATUS_FAILED, "then nothing more is");
    same_int(record_set(&record, "n", "small", NULL), STATUS_OK, "but it can be replaced");
    same_int(record_set_key(&record, key, NULL), STATUS_USAGE, "a key of 4097 bytes is refused");
    key[RECORD_KEY_MAX] = '\0';
    same_int(record_set_key(&record, key, NULL), STATUS_OK, "one of 4096 is taken");
    same_int(record_set_key(&record, "", NULL), STATUS_USAGE, "an empty key is refused");
    same_int(record_set_tensor(&record, ELEMENT_U8, &huge, NULL), STATUS_FAILED,
             "2^41 bytes are refused");
    same_int(record_set_tensor(&record, ELEMENT_U8, &negative, NULL), STATUS_FAILED,
             "dimension -1 is refused");
    same_int(record_set_tensor(&record, ELEMENT_NONE, &negative, NULL), STATUS_USAGE,
             "type none is refused");
    MUST(record_set(&record, "n", large, NULL));
    MUST(record_fail(&record, "stage", "reason", NULL));
    same_text(record_get(&record, "error"), "reason", "a reason finds room in full attributes");
    free(large);
    free(key);
    record_free(&record);
}

static void test_copies(void)
{
    struct record from = {0}, to = {0};
    make_tensor(&from, "key", 10);
    MUST(record_set(&from, "label", "cat", NULL));
    MUST(record_copy(&to, &from, NULL));
    ok(to.kind == RECORD_TENSOR && to.type == ELEMENT_U8 && shape_equal(&to.shape, &from.shape) &&
           to.payload.size == 10 && memcmp(to.payload.data, from.payload.data, 10) == 0,
       "a copy has kind, type, shape and payload");
    same_text(record_key(&to), "key", "and key");
    same_text(record_get(&to, "label"), "cat", "and attributes");
    ok(((uintptr_t)to.payload.data & 63) == 0, "its payload is aligned to 64 bytes");
    MUST(record_copy_head(&to, &from, NULL));
    ok(to.payload.size == 0 && to.shape.rank == 0 && to.type == ELEMENT_NONE,
       "a copied head has no payload, type and shape");
    MUST(record_fail(&from, "imgprep", "bad", NULL));
    ok(from.kind == RECORD_ERROR && from.payload.size == 0 && from.shape.rank == 0,
       "a failed record is empty");
    same_text(record_get(&from, "stage"), "imgprep", "it says who failed");
    same_text(record_get(&from, "error"), "bad", "and why");
    same_text(record_get(&from, "label"), "cat", "and keeps its attributes");
    record_clear(&from);
    same_text(record_key(&from), "", "a cleared record has no key");
    record_free(&from);
    record_free(&to);
}

int main(void)
{
    test_attributes();
    test_limits();
    test_copies();
    return tap_done();
}
