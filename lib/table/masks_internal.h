/* table/masks: where the separators stand in a piece of a table, one bit a byte.
 *
 * The idea is that of simdjson and its kin (Langdale & Lemire, "Parsing gigabytes of JSON per
 * second", 2019): first bit masks of what matters, 64 bytes at a time and without a branch, then
 * plain code that walks from bit to bit.
 */
#ifndef TABLE_MASKS_INTERNAL_H
#define TABLE_MASKS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum { MASKS_BLOCK = 64 };

/* Bit i of word b is byte 64 * b + i. */
struct masks {
    uint64_t *delimiters, *newlines, *quotes;
};

/* Fills the first `blocks` words from 64 * blocks bytes. A quote of -1: there are none. Returns
 * whether there is a control character that is neither newline nor delimiter, or a backslash: text
 * that cannot be copied without a look at it. */
int masks_fill(const unsigned char *bytes, size_t blocks, unsigned char delimiter, int quote,
               const struct masks *masks);

/* The same by the i-th instruction set that this processor runs (base/isa.h). For tests. */
int masks_at(size_t i, const unsigned char *bytes, size_t blocks, unsigned char delimiter,
             int quote, const struct masks *masks);

#endif
