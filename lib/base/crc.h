/* base/crc: CRC-32 as zlib, gzip and PNG have it, several times as fast where the processor can
 * multiply polynomials.
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Of no bytes at all it is 0. */
uint32_t crc_of(const void *bytes, size_t size);

/* The same by the i-th instruction set that this processor runs (base/isa.h). For tests. */
uint32_t crc_at(size_t i, const void *bytes, size_t size);

#endif
