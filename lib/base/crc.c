#include "base/crc.h"

#include "base/isa.h"

#include <zlib.h>

/* Fewer bytes are done before the set is chosen. */
enum { FEW = 256 };

#define DECLARE(set) uint32_t crc_##set(const unsigned char *bytes, size_t size);
ISA_SETS(DECLARE)
#define ENTRY(set) crc_##set,
static uint32_t (*const kernels[ISA_COUNT])(const unsigned char *bytes,
                                            size_t size) = {ISA_SETS(ENTRY)};

uint32_t crc_of(const void *bytes, size_t size)
{
    if (size == 0)
        return 0; /* there may be no bytes to point to */
    return size < FEW ? (uint32_t)crc32_z(0, bytes, size) : kernels[isa_best()](bytes, size);
}

uint32_t crc_at(size_t i, const void *bytes, size_t size)
{
    return kernels[isa_at(i)](bytes, size);
}
