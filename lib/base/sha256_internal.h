/* base/sha256: the inner loop, in portable C and for x86-64. */
#ifndef BASE_SHA256_INTERNAL_H
#define BASE_SHA256_INTERNAL_H

#include "base/sha256.h"

extern const uint32_t sha256_constants[64];

/* Adds `count` blocks of 64 bytes to the state. */
typedef void sha256_blocks_function(uint32_t state[8], const unsigned char *blocks, size_t count);
sha256_blocks_function sha256_blocks_plain;
/* The fastest that this processor runs. */
sha256_blocks_function *sha256_blocks(void);

#endif
