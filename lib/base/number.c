#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status number_integer(const char *text, int64_t low, int64_t high, int64_t *value,
                           struct error *err)
{
    char *end;
    long long number;
    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || *end || errno || isspace((unsigned char)*text) || number < low ||
        number > high)
        return error_set(err, STATUS_USAGE, "'%s' is not a whole number from %lld to %lld", text,
                         (long long)low, (long long)high);
    *value = number;
    return STATUS_OK;
}

enum status number_real(const char *text, double *value, struct error *err)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || isspace((unsigned char)*text) || !isfinite(number))
        return error_set(err, STATUS_USAGE, "'%s' is not a number", text);
    *value = number;
    return STATUS_OK;
}

enum status number_within(const char *text, double low, double high, double *value,
                          struct error *err)
{
    enum status status = number_real(text, value, err);
    if (status == STATUS_OK && !(*value >= low && *value <= high))
        return error_set(err, STATUS_USAGE, "%s is not within %g to %g", text, low, high);
    return status;
}

enum status number_reals(const char *text, double *values, size_t room, size_t *count,
                         struct error *err)
{
    *count = 0;
    for (const char *at = text;; at++) {
        char piece[64];
        size_t length = strcspn(at, ",");
        enum status status;
        if (length >= sizeof piece || *count == room)
            return error_set(err, STATUS_USAGE, "'%s' is not a list of 1 to %zu numbers", text,
                             room);
        memcpy(piece, at, length);
        piece[length] = '\0';
        status = number_real(piece, &values[*count], err);
        if (status != STATUS_OK)
            return status;
        ++*count;
        at += length;
        if (!*at)
            return STATUS_OK;
    }
}

enum status number_size(const char *text, int *width, int *height, struct error *err)
{
    char *end;
    long w = strtol(text, &end, 10);
    long h = w;
    int good = end != text && *text >= '0' && *text <= '9';
    if (good && *end == 'x') {
        const char *second = end + 1;
        h = strtol(second, &end, 10);
        good = end != second && *second >= '0' && *second <= '9';
    }
    if (!good || *end || w < 1 || h < 1 || w > 65535 || h > 65535)
        return error_set(err, STATUS_USAGE, "'%s' is not a size: expected N or WxH, 1 to 65535",
                         text);
    *width = (int)w;
    *height = (int)h;
    return STATUS_OK;
}

enum status number_shard(const char *text, uint32_t *shard, uint32_t *shards, struct error *err)
{
    char first[16];
    size_t length = strcspn(text, "/");
    int64_t part, parts;
    if (length >= sizeof first || !text[length])
        return error_set(err, STATUS_USAGE, "shard '%s': expected I/N, such as 1/10", text);
    memcpy(first, text, length);
    first[length] = '\0';
    if (number_integer(text + length + 1, 1, 1 << 30, &parts, err) != STATUS_OK ||
        number_integer(first, 1, parts, &part, err) != STATUS_OK)
        return error_prefix(err, "shard '%s'", text);
    *shard = (uint32_t)part;
    *shards = (uint32_t)parts;
    return STATUS_OK;
}

const char *number_format(float value, char text[NUMBER_TEXT])
{
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, NUMBER_TEXT, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    if (strchr(text, '+') && fabsf(value) < 1e9F) /* a whole number that ends in zeros: exact */
        snprintf(text, NUMBER_TEXT, "%.0f", (double)value);
    return text;
}

void put_le16(unsigned char *bytes, uint16_t value)
{
    bytes[0] = (unsigned char)value;
    bytes[1] = (unsigned char)(value >> 8);
}

void put_le32(unsigned char *bytes, uint32_t value)
{
    put_le16(bytes, (uint16_t)value);
    put_le16(bytes + 2, (uint16_t)(value >> 16));
}

void put_le64(unsigned char *bytes, uint64_t value)
{
    put_le32(bytes, (uint32_t)value);
    put_le32(bytes + 4, (uint32_t)(value >> 32));
}

uint16_t get_le16(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t get_le32(const unsigned char *bytes)
{
    return get_le16(bytes) | (uint32_t)get_le16(bytes + 2) << 16;
}

uint64_t get_le64(const unsigned char *bytes)
{
    return get_le32(bytes) | (uint64_t)get_le32(bytes + 4) << 32;
}
