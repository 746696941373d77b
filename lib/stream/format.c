#include "stream/format_internal.h"

#include "base/crc.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/random.h"

#include <string.h>

const unsigned char format_sync[8] = {0x93, 'I', 'T', 'S', '\r', '\n', 0x1a, '\n'};

/* Where the fields of a header stand. */
enum {
    AT_VERSION = 8,
    AT_KIND = 9,
    AT_TYPE = 10,
    AT_RANK = 11,
    AT_KEY = 12,
    AT_ATTRIBUTES = 16,
    AT_ZERO_1 = 20,
    AT_PAYLOAD = 24,
    AT_ZERO_2 = 32,
    AT_PAYLOAD_CRC = 52,
    AT_BODY_CRC = 56,
    AT_HEADER_CRC = 60,
};

/* Where the fields of an end mark's payload stand. */
enum {
    AT_RECORDS = 0,
    AT_ERRORS = 8,
    AT_BYTES = 16,
    AT_CONTENTS = 24,
    AT_KEYS = 32,
    AT_SHARD = 40,
    AT_SHARDS = 44,
    AT_LOSSES = 48,
    AT_ZERO_3 = 56,
};

int format_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return 0;
    return 1;
}

uint64_t format_padded(uint64_t size)
{
    return (size + 63) / 64 * 64;
}

uint64_t format_body(const struct header *header)
{
    return 8 * (uint64_t)header->rank + header->key + 1 + header->attributes;
}

void tally_add(struct tally *sum, const struct tally *more)
{
    sum->records += more->records;
    sum->errors += more->errors;
    sum->bytes += more->bytes;
    sum->contents += more->contents;
    sum->keys += more->keys;
    sum->losses += more->losses;
}

int tally_equal(const struct tally *a, const struct tally *b)
{
    return a->records == b->records && a->errors == b->errors && a->bytes == b->bytes &&
           a->contents == b->contents && a->keys == b->keys;
}

void format_count(struct tally *tally, const struct header *header, const struct buffer *key)
{
    tally->records++;
    tally->errors += header->kind == RECORD_ERROR;
    tally->bytes += header->payload;
    tally->contents += random_mix((uint64_t)header->header_crc << 32 | header->payload_crc);
    tally->keys += random_mix(hash_bytes(key->data, key->size));
}

/* The rules of each known kind that a header shows; NULL when they are kept. */
static const char *broken_rule(const struct header *header)
{
    int typeless = header->type == ELEMENT_NONE && header->rank == 0;
    switch (header->kind) {
    case RECORD_IMAGE:
        return typeless ? NULL : "an image has no element type and no dimensions";
    case RECORD_TENSOR:
        return header->type != ELEMENT_NONE ? NULL : "a tensor has an element type";
    case RECORD_ERROR:
        return typeless && header->payload == 0 ? NULL : "an error record has no payload";
    case RECORD_END:
        return typeless && header->payload == FORMAT_END ? NULL : "an end mark has 64 bytes";
    default:
        return NULL;
    }
}

static enum status check_limits(const struct header *header, struct error *err)
{
    uint32_t key_min = header->kind == RECORD_END ? 0 : 1;
    uint32_t key_max = header->kind == RECORD_END ? 0 : RECORD_KEY_MAX;
    const char *rule = broken_rule(header);
    if ((int)header->type >= ELEMENT_TYPES)
        return error_set(err, STATUS_DAMAGED, "element type %d is unknown", (int)header->type);
    if (header->rank > SHAPE_RANK_MAX)
        return error_set(err, STATUS_DAMAGED, "%d dimensions, at most %d may be", header->rank,
                         SHAPE_RANK_MAX);
    if (header->key < key_min || header->key > key_max)
        return error_set(err, STATUS_DAMAGED, "a key of %lu bytes, expected %lu to %lu",
                         (unsigned long)header->key, (unsigned long)key_min,
                         (unsigned long)key_max);
    if (header->attributes > RECORD_ATTRIBUTES_MAX)
        return error_set(err, STATUS_DAMAGED, "%lu bytes of attributes, at most %d may be",
                         (unsigned long)header->attributes, RECORD_ATTRIBUTES_MAX);
    if (header->payload > (uint64_t)RECORD_PAYLOAD_MAX)
        return error_set(err, STATUS_DAMAGED, "a payload of %llu bytes, at most 2^40 may be",
                         (unsigned long long)header->payload);
    if (rule)
        return error_set(err, STATUS_DAMAGED, "%s", rule);
    return STATUS_OK;
}

enum status format_parse_header(const unsigned char bytes[FORMAT_HEADER], struct header *header,
                                struct error *err)
{
    uint32_t crc;
    unsigned version = bytes[AT_VERSION];
    if (memcmp(bytes, format_sync, sizeof format_sync) != 0)
        return error_set(err, STATUS_DAMAGED, "no record begins here");
    crc = crc_of(bytes, AT_HEADER_CRC);
    if (crc != get_le32(bytes + AT_HEADER_CRC))
        return error_set(err, STATUS_DAMAGED,
                         "the header's checksum is %08lx, its bytes give %08lx",
                         (unsigned long)get_le32(bytes + AT_HEADER_CRC), (unsigned long)crc);
    if (version != FORMAT_VERSION)
        return error_set(err, STATUS_DAMAGED,
                         "a record of version %u of the format; this program knows version %d",
                         version, FORMAT_VERSION);
    if (!format_zero(bytes + AT_ZERO_1, AT_PAYLOAD - AT_ZERO_1) ||
        !format_zero(bytes + AT_ZERO_2, AT_PAYLOAD_CRC - AT_ZERO_2))
        return error_set(err, STATUS_DAMAGED, "header bytes that must be zero are not");
    header->kind = bytes[AT_KIND];
    header->type = (enum element_type)bytes[AT_TYPE];
    header->rank = bytes[AT_RANK];
    header->key = get_le32(bytes + AT_KEY);
    header->attributes = get_le32(bytes + AT_ATTRIBUTES);
    header->payload = get_le64(bytes + AT_PAYLOAD);
    header->payload_crc = get_le32(bytes + AT_PAYLOAD_CRC);
    header->body_crc = get_le32(bytes + AT_BODY_CRC);
    header->header_crc = crc;
    return check_limits(header, err);
}

static int known(unsigned kind)
{
    return kind >= RECORD_IMAGE && kind <= RECORD_END;
}

/* Are they pairs of NUL-terminated strings, no name empty, to the last byte? */
static int attributes_good(const struct record *record)
{
    const char *name, *value;
    size_t at = 0;
    while (record_next_attribute(record, &at, &name, &value))
        if (!*name)
            return 0;
    return at == record->attributes.size;
}

static enum status append_text(struct buffer *to, const unsigned char *bytes, size_t size,
                               struct error *err)
{
    enum status status = buffer_reserve(to, size + 1, err);
    if (status != STATUS_OK)
        return status;
    memcpy(to->data, bytes, size);
    to->data[size] = '\0';
    to->size = size;
    return STATUS_OK;
}

enum status format_parse_body(const struct header *header, const unsigned char *bytes,
                              struct record *record, struct error *err)
{
    const unsigned char *key = bytes + 8 * (size_t)header->rank;
    enum status status;
    record_clear(record);
    if (crc_of(bytes, (size_t)format_body(header)) != header->body_crc)
        return error_set(err, STATUS_DAMAGED, "the body's checksum is wrong");
    if (key[header->key] != '\0' || memchr(key, 0, header->key))
        return error_set(err, STATUS_DAMAGED, "the key is no NUL-terminated text");
    record->kind = header->kind;
    record->type = header->type;
    record->shape.rank = header->rank;
    for (int i = 0; i < header->rank; i++)
        record->shape.dim[i] = (int64_t)get_le64(bytes + 8 * (size_t)i);
    status = append_text(&record->key, key, header->key, err);
    if (status == STATUS_OK)
        status = append_text(&record->attributes, key + header->key + 1, header->attributes, err);
    if (status != STATUS_OK)
        return status;
    if (known(header->kind) && !attributes_good(record))
        return error_set(err, STATUS_DAMAGED, "the attributes are no pairs of name and value");
    if (header->kind == RECORD_TENSOR &&
        shape_bytes(&record->shape, record->type) != (int64_t)header->payload) {
        char shape[SHAPE_TEXT];
        return error_set(err, STATUS_DAMAGED, "a payload of %llu bytes for a tensor of %s %s",
                         (unsigned long long)header->payload, shape_format(&record->shape, shape),
                         element_name(record->type));
    }
    return STATUS_OK;
}

enum status format_parse_end(const unsigned char *payload, struct tally *tally, struct error *err)
{
    tally->records = get_le64(payload + AT_RECORDS);
    tally->errors = get_le64(payload + AT_ERRORS);
    tally->bytes = get_le64(payload + AT_BYTES);
    tally->contents = get_le64(payload + AT_CONTENTS);
    tally->keys = get_le64(payload + AT_KEYS);
    tally->shard = get_le32(payload + AT_SHARD);
    tally->shards = get_le32(payload + AT_SHARDS);
    tally->losses = get_le64(payload + AT_LOSSES);
    if (!format_zero(payload + AT_ZERO_3, FORMAT_END - AT_ZERO_3))
        return error_set(err, STATUS_DAMAGED, "bytes of the end mark that must be zero are not");
    if (tally->shard > tally->shards || (tally->shard == 0) != (tally->shards == 0))
        return error_set(err, STATUS_DAMAGED, "the end mark says shard %lu of %lu",
                         (unsigned long)tally->shard, (unsigned long)tally->shards);
    return STATUS_OK;
}

/* Writes the bytes of a header, and its CRC into it and into the struct. */
static void put_header(struct header *header, unsigned char bytes[FORMAT_HEADER])
{
    memset(bytes, 0, FORMAT_HEADER);
    memcpy(bytes, format_sync, sizeof format_sync);
    bytes[AT_VERSION] = FORMAT_VERSION;
    bytes[AT_KIND] = (unsigned char)header->kind;
    bytes[AT_TYPE] = (unsigned char)header->type;
    bytes[AT_RANK] = (unsigned char)header->rank;
    put_le32(bytes + AT_KEY, header->key);
    put_le32(bytes + AT_ATTRIBUTES, header->attributes);
    put_le64(bytes + AT_PAYLOAD, header->payload);
    put_le32(bytes + AT_PAYLOAD_CRC, header->payload_crc);
    put_le32(bytes + AT_BODY_CRC, header->body_crc);
    header->header_crc = crc_of(bytes, AT_HEADER_CRC);
    put_le32(bytes + AT_HEADER_CRC, header->header_crc);
}

/* Appends header and body, padded; fills in the header's lengths and CRCs. On failure out is as
 * before. */
static enum status put_head(const struct record *record, struct header *header, struct buffer *out,
                            struct error *err)
{
    size_t begin = out->size, body, padded;
    unsigned char *at;
    enum status status;
    header->kind = record->kind;
    header->type = record->type;
    header->rank = record->shape.rank;
    header->key = (uint32_t)record->key.size;
    header->attributes = (uint32_t)record->attributes.size;
    header->payload = record->payload.size;
    header->payload_crc = crc_of(record->payload.data, record->payload.size);
    body = (size_t)format_body(header);
    padded = (size_t)format_padded(body);
    status = buffer_reserve(out, FORMAT_HEADER + padded, err);
    if (status != STATUS_OK)
        return status;
    at = out->data + begin + FORMAT_HEADER;
    memset(at, 0, padded);
    for (int i = 0; i < header->rank; i++, at += 8)
        put_le64(at, (uint64_t)record->shape.dim[i]);
    if (header->key)
        memcpy(at, record->key.data, header->key);
    if (header->attributes)
        memcpy(at + header->key + 1, record->attributes.data, header->attributes);
    header->body_crc = crc_of(out->data + begin + FORMAT_HEADER, body);
    put_header(header, out->data + begin);
    out->size = begin + FORMAT_HEADER + padded;
    return STATUS_OK;
}

/* What the reader would refuse, the writer must not write: a mistake of the program. */
static enum status check_record(const struct record *record, struct error *err)
{
    struct header header = {.kind = record->kind, .type = record->type, .rank = record->shape.rank};
    struct error why;
    if (record->kind == RECORD_END || record->kind > 255 || record->shape.rank < 0 ||
        record->key.size > RECORD_KEY_MAX || record->attributes.size > RECORD_ATTRIBUTES_MAX)
        return error_set(err, STATUS_USAGE, "record '%.64s' is beyond the limits of the format",
                         record_key(record));
    header.key = (uint32_t)record->key.size;
    header.attributes = (uint32_t)record->attributes.size;
    header.payload = record->payload.size;
    if (check_limits(&header, &why) != STATUS_OK)
        return error_set(err, STATUS_USAGE, "record '%.64s' cannot be written: %s",
                         record_key(record), why.text);
    if (record->kind == RECORD_TENSOR &&
        shape_bytes(&record->shape, record->type) != (int64_t)record->payload.size)
        return error_set(err, STATUS_USAGE,
                         "record '%.64s' cannot be written: %zu bytes do not fit its shape",
                         record_key(record), record->payload.size);
    return STATUS_OK;
}

enum status format_head(const struct record *record, struct buffer *out, struct tally *tally,
                        struct error *err)
{
    struct header header;
    enum status status = check_record(record, err);
    if (status == STATUS_OK)
        status = put_head(record, &header, out, err);
    if (status == STATUS_OK)
        format_count(tally, &header, &record->key);
    return status;
}

void format_put_end(const struct tally *tally, unsigned char payload[FORMAT_END])
{
    memset(payload, 0, FORMAT_END);
    put_le64(payload + AT_RECORDS, tally->records);
    put_le64(payload + AT_ERRORS, tally->errors);
    put_le64(payload + AT_BYTES, tally->bytes);
    put_le64(payload + AT_CONTENTS, tally->contents);
    put_le64(payload + AT_KEYS, tally->keys);
    put_le32(payload + AT_SHARD, tally->shard);
    put_le32(payload + AT_SHARDS, tally->shards);
    put_le64(payload + AT_LOSSES, tally->losses);
}

enum status format_end(const struct tally *tally, const struct record *mark, struct buffer *out,
                       struct error *err)
{
    struct record record = {.kind = RECORD_END};
    unsigned char bytes[FORMAT_END];
    struct header header;
    size_t begin = out->size;
    enum status status;
    format_put_end(tally, bytes);
    record.attributes = mark->attributes; /* both borrowed */
    record.payload.data = bytes;
    record.payload.size = sizeof bytes;
    status = put_head(&record, &header, out, err);
    if (status == STATUS_OK)
        status = buffer_append(out, bytes, sizeof bytes, err);
    if (status != STATUS_OK)
        out->size = begin;
    return status;
}
