/* stream/format: the bytes of a record, version 1. its(5) says the same in words, with an example.
 *
 * All numbers are little-endian. A record is a header, a body and a payload, each padded with zero
 * bytes to a multiple of 64, so that in a stream every record and every payload begins at a
 * multiple of 64 bytes, also after `cat a.its b.its`.
 *
 *   header (64 bytes)
 *      0  8  sync mark: 93 49 54 53 0D 0A 1A 0A  (0x93 "ITS" CR LF SUB LF)
 *      8  1  version: 1
 *      9  1  kind: 1 image, 2 tensor, 3 error, 4 end mark; others are passed on untouched
 *     10  1  element type: 0 none, 1 u8, 2 i8, 3 u16, 4 i16, 5 i32, 6 i64,
 *            7 f16, 8 bf16, 9 f32, 10 f64
 *     11  1  rank: 0..8
 *     12  4  key length K in bytes, without its NUL: 1..4096 (0 in an end mark)
 *     16  4  attributes length A in bytes, NULs counted: 0..1048576
 *     20  4  zero
 *     24  8  payload length P in bytes, without padding: at most 2^40
 *     32  8  zero
 *     40  8  zero
 *     48  4  zero
 *     52  4  CRC-32 of the payload (P bytes; 0 when P is 0)
 *     56  4  CRC-32 of the body (8*rank + K + 1 + A bytes)
 *     60  4  CRC-32 of header bytes 0..59
 *   body    rank dimensions (8 bytes each), the key and a NUL, the attributes:
 *           name NUL value NUL ..., padding
 *   payload P bytes, padding
 *
 * The CRC-32 is zlib's (ISO 3309, polynomial 0xEDB88320). A tensor's P is the product of its
 * dimensions times the element size. An unknown kind keeps the frame, and the key; its dimensions,
 * attributes and payload are its own affair.
 *
 * End mark: rank 0, no key, optional attributes, P = 64:
 *      0  8  records before it since the stream's start or the last end mark
 *      8  8  error records among them
 *     16  8  payload bytes of them all (the sum of P)
 *     24  8  sum modulo 2^64 over them of mix(header CRC * 2^32 + payload CRC): the contents,
 *            whatever the order of the records. mix is the finaliser of splitmix64:
 *            z = (z ^ z>>30) * 0xBF58476D1CE4E5B9; z = (z ^ z>>27) * 0x94D049BB133111EB; z ^ z>>31
 *     32  8  sum modulo 2^64 over them of mix(FNV-1a-64 of the key's bytes): the keys. A program
 *            that maps records one to one keeps it, so input and output of a fan-out can be
 *            compared.
 *     40  4  shard number i, from 1; 0 when this is no shard
 *     44  4  number of shards n; 0 when this is no shard
 *     48  8  losses: 0; else how many times this part's maker, or one before it, met damage or a
 *            cut. Then the attribute "error" says what, and a reader ends with status 3
 *     56  8  zero
 */
#ifndef STREAM_FORMAT_H
#define STREAM_FORMAT_H

#include "stream/record.h"

enum {
    FORMAT_HEADER = 64,
    FORMAT_END = 64,
    FORMAT_VERSION = 1,
};
extern const unsigned char format_sync[8];

/* What an end mark says of the records before it; also how reader and writer keep accounts. */
struct tally {
    uint64_t records, errors, bytes, contents, keys;
    uint32_t shard, shards;
    uint64_t losses;
};

void tally_add(struct tally *sum, const struct tally *more);   /* shard and shards of sum stay */
int tally_equal(const struct tally *a, const struct tally *b); /* counts and both checksums */

/* The lengths and fields of a header, all checked against the limits. */
struct header {
    unsigned kind;
    enum element_type type;
    int rank;
    uint32_t key, attributes, payload_crc, body_crc, header_crc;
    uint64_t payload;
};
/* STATUS_DAMAGED: no sync mark, wrong CRC, a length beyond its limit, or another version. */
enum status format_parse_header(const unsigned char bytes[FORMAT_HEADER], struct header *header,
                                struct error *err);
uint64_t format_padded(uint64_t size);             /* up to the next multiple of 64 */
uint64_t format_body(const struct header *header); /* 8*rank + K + 1 + A */

/* Appends the record's header and body, padded, to `out`, and counts it in `tally`. The payload and
 * its padding follow separately, so that it need not be copied. */
enum status format_head(const struct record *record, struct buffer *out, struct tally *tally,
                        struct error *err);
/* Appends the end mark of `tally`. Its attributes are those of `mark`, which is not looked at
 * otherwise. */
enum status format_end(const struct tally *tally, const struct record *mark, struct buffer *out,
                       struct error *err);
/* The payload of an end mark, and what it says (STATUS_DAMAGED). */
void format_put_end(const struct tally *tally, unsigned char payload[FORMAT_END]);
enum status format_parse_end(const unsigned char *payload, struct tally *tally, struct error *err);

#endif
