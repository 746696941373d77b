/* base/number: numbers in text and in bytes, independent of locale and of the machine. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* The whole text must be the number; STATUS_USAGE names the text and the range expected. */
enum status number_integer(const char *text, int64_t low, int64_t high, int64_t *value,
                           struct error *err);
enum status number_real(const char *text, double *value, struct error *err);
enum status number_within(const char *text, double low, double high, double *value,
                          struct error *err);
/* Comma-separated; at most `room` values; *count says how many. */
enum status number_reals(const char *text, double *values, size_t room, size_t *count,
                         struct error *err);
/* "224" (both) or "320x240" (width x height); 1..65535 each. */
enum status number_size(const char *text, int *width, int *height, struct error *err);
/* "I/N": part I, from 1, of N, at most 2^30. */
enum status number_shard(const char *text, uint32_t *shard, uint32_t *shards, struct error *err);

enum { NUMBER_TEXT = 32 };
/* The shortest decimal that reads back as the same f32 (0.1, 90, 1e-05, 1e+09). Returns text.
 */
const char *number_format(float value, char text[NUMBER_TEXT]);

/* Little-endian. */
void put_le16(unsigned char *bytes, uint16_t value);
void put_le32(unsigned char *bytes, uint32_t value);
void put_le64(unsigned char *bytes, uint64_t value);
uint16_t get_le16(const unsigned char *bytes);
uint32_t get_le32(const unsigned char *bytes);
uint64_t get_le64(const unsigned char *bytes);

#endif
