/* If this fails, a published model is not known for what it is, or another is taken for it. */
#include "base/sha256_internal.h"

#include "tests/tap.h"

/* The messages of NIST's examples for FIPS 180-4: no bytes, one block, two, and a long one. */
static const struct {
    const char *message;
    int times;
    const char *sum;
} cases[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "qrsmnopqrstnopqrstu",
     1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static const char *sum_of(sha256_blocks_function *blocks, const char *message, int times,
                          char text[SHA256_HEX])
{
    struct sha256 sha;
    sha256_init(&sha);
    sha.blocks = blocks;
    for (int i = 0; i < times; i++)
        sha256_update(&sha, message, strlen(message));
    return sha256_final(&sha, text);
}

/* All lengths up to some blocks, in one piece and in two. */
static void lengths(void)
{
    enum { LONGEST = 200 };
    unsigned char bytes[LONGEST];
    int wrong = 0;
    for (int i = 0; i < LONGEST; i++)
        bytes[i] = (unsigned char)(i * 37);
    for (size_t size = 0; size <= LONGEST; size++)
        for (size_t first = 0; first <= size; first++) {
            char whole[SHA256_HEX], pieces[SHA256_HEX];
            struct sha256 a, b;
            sha256_init(&a);
            sha256_init(&b);
            b.blocks = sha256_blocks_plain;
            sha256_update(&a, bytes, size);
            sha256_update(&b, bytes, first);
            sha256_update(&b, bytes + first, size - first);
            wrong += strcmp(sha256_final(&a, whole), sha256_final(&b, pieces)) != 0;
        }
    same_int(wrong, 0, "whole and in two pieces, by both loops, for lengths up to 200");
}

int main(void)
{
    char text[SHA256_HEX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        same_text(sum_of(sha256_blocks_plain, cases[i].message, cases[i].times, text), cases[i].sum,
                  "in portable C");
        same_text(sum_of(sha256_blocks(), cases[i].message, cases[i].times, text), cases[i].sum,
                  "as this processor does it best");
    }
    lengths();
    return tap_done();
}
