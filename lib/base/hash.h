/* base/hash: a number that stands for bytes, the same on every machine: FNV-1a, 64 bits (Fowler,
 * Noll, Vo). Its low bits are good enough for a table; random_mix spreads it over all. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t size);

#endif
