/* If this fails, streams are refused as damaged, or damage is not seen. */
#include "base/crc.h"
#include "base/isa.h"

#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

/* Bit by bit, as the standard (ISO 3309) has it. */
static uint32_t bitwise(const unsigned char *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
    }
    return ~crc;
}

int main(void)
{
    enum { SIZE = 700 };
    unsigned char bytes[SIZE + 16];
    uint32_t seed = 1;
    int wrong = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1664525U + 1013904223U;
        bytes[i] = (unsigned char)(seed >> 24);
    }
    ok(crc_of("123456789", 9) == 0xCBF43926, "the check value of the standard");
    ok(crc_of(NULL, 0) == 0, "no bytes");
    for (size_t size = 0; size <= SIZE; size++)
        wrong += crc_of(bytes + size % 16, size) != bitwise(bytes + size % 16, size);
    same_int(wrong, 0, "every size up to 700 bytes, at every address mod 16");
    for (size_t i = 0; isa_at(i) < ISA_COUNT; i++) {
        wrong = 0;
        for (size_t size = 1; size <= SIZE; size++)
            wrong += crc_at(i, bytes + size % 16, size) != bitwise(bytes + size % 16, size);
        ok(wrong == 0, "%s: every size", isa_name(isa_at(i)));
    }
    return tap_done();
}
