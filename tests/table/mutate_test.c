/* Tables made at random of the bytes that matter, and hierarchies and filters with bytes changed,
 * through the fuzz target: a plain reader must see the same rows, wherever a window ends, and
 * nothing may crash under the sanitizers. */
#include "base/random.h"
#include "tests/fuzz/table_fuzz.c" /* NOLINT(bugprone-suspicious-include): it is the target */
#include "tests/tap.h"

enum { ROUNDS = 20000, LONGEST = 200 };

static size_t make_table(unsigned char *bytes, struct random *random)
{
    static const char *const parts[] = {
        "a",    "b1",           ",",
        ",",    "\n",           "\n",
        "\r\n", "\"",           "\"\"",
        "\\t",  "\\",           "\t",
        ";",    "\r",           ",\"x\ny\",",
        "0.25", "\xef\xbb\xbf", "long text without anything in it, but a comma"};
    size_t size = 2, room = 2 + (size_t)random_below(random, LONGEST);
    bytes[0] = (unsigned char)random_below(random, 4);
    bytes[1] = (unsigned char)random_below(random, 64);
    while (size < room) {
        const char *part = parts[random_below(random, sizeof parts / sizeof *parts)];
        memcpy(bytes + size, part, strlen(part));
        size += strlen(part);
    }
    if (random_below(random, 50) == 0)
        bytes[2 + random_below(random, size - 2)] = 0;
    return size;
}

static void mutate(const char *sample, struct random *random)
{
    size_t size = strlen(sample), cut;
    unsigned char bytes[512];
    for (int i = 0; i < ROUNDS / 4; i++) {
        memcpy(bytes, sample, size);
        for (uint64_t changes = random_below(random, 4) + 1; changes; changes--)
            bytes[1 + random_below(random, size - 1)] =
                (unsigned char)sample[random_below(random, size)];
        cut = random_below(random, 4) ? size : (size_t)random_below(random, size);
        LLVMFuzzerTestOneInput(bytes, cut);
    }
}

int main(void)
{
    unsigned char bytes[LONGEST + 64];
    struct random random;
    random_seed(&random, 3);
    for (int i = 0; i < ROUNDS; i++)
        LLVMFuzzerTestOneInput(bytes, make_table(bytes, &random));
    ok(1, "%d tables", ROUNDS);
    mutate("H{\"LabelName\": \"/m/0\", \"Subcategory\": [{\"LabelName\": \"/m/\\u0041\", \"Part\": "
           "[{}]}, {\"x\": [1, null]}]}",
           &random);
    ok(1, "%d hierarchies", ROUNDS / 4);
    mutate("Fcolumn>=0.5|a\\|b==1!=x<y", &random);
    ok(1, "%d filters", ROUNDS / 4);
    return tap_done();
}
