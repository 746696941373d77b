/* The bytes of records. If this fails, other programs' readers of its(5) fail too. */
#include "stream/format_internal.h"

#include "base/crc.h"
#include "base/number.h"
#include "base/random.h"
#include "tests/stream/streams.h"

static void test_bytes(void)
{
    static const unsigned char sync[8] = {0x93, 0x49, 0x54, 0x53, 0x0d, 0x0a, 0x1a, 0x0a};
    struct buffer all = {0};
    struct tally tally = {0};
    struct record record = {0};
    struct shape shape = {2, {2, 1}};
    const unsigned char *b, *body;
    MUST(record_set_key(&record, "k", NULL));
    MUST(record_set(&record, "a", "", NULL));
    MUST(record_set_tensor(&record, ELEMENT_U16, &shape, NULL));
    memcpy(record.payload.data, "\x01\x02\x03\x04", 4);
    MUST(format_head(&record, &all, &tally, NULL));
    b = all.data;
    body = b + 64;
    same_int((long long)all.size, 128, "header and body take 128 bytes");
    ok(memcmp(b, sync, 8) == 0, "sync mark");
    same_int(b[8], 1, "version");
    same_int(b[9], 2, "kind");
    same_int(b[10], 3, "element type");
    same_int(b[11], 2, "rank");
    same_int(get_le32(b + 12), 1, "key length");
    same_int(get_le32(b + 16), 3, "attributes length");
    same_int((long long)get_le64(b + 24), 4, "payload length");
    ok(format_zero(b + 20, 4) && format_zero(b + 32, 20), "the rest of the header is zero");
    same_int(get_le32(b + 52), 0xb63cfbcd, "CRC-32 of the bytes 1 2 3 4 is zlib's");
    same_int(get_le32(b + 56), crc_of(body, 21), "body CRC covers dimensions, key, attributes");
    same_int(get_le32(b + 60), crc_of(b, 60), "header CRC covers bytes 0..59");
    ok(memcmp(body, "\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0k\0a\0\0", 21) == 0, "the body's bytes");
    ok(format_zero(body + 21, 43), "padding is zero");
    same_int((long long)tally.records, 1, "counted");
    same_int((long long)tally.bytes, 4, "its bytes counted");
    ok(tally.contents == random_mix((uint64_t)get_le32(b + 60) << 32 | 0xb63cfbcd),
       "contents checksum is as its(5) says");
    ok(tally.keys == random_mix((UINT64_C(0xcbf29ce484222325) ^ 'k') * UINT64_C(0x100000001b3)),
       "keys checksum is as its(5) says");
    buffer_free(&all);
    record_free(&record);
}

/* One wrong field at a time, with a right CRC: the limits themselves are tested. */
static void test_limits(void)
{
    static const struct {
        const char *what;
        int at, size;
        uint64_t value;
        int good;
    } cases[] = {
        {"the header as it is", 9, 1, RECORD_TENSOR, 1},
        {"version 2", 8, 1, 2, 0},
        {"unknown kind 77", 9, 1, 77, 1},
        {"kind 0 is unknown", 9, 1, 0, 1},
        {"an image with an element type", 9, 1, RECORD_IMAGE, 0},
        {"an error record with a payload", 9, 1, RECORD_ERROR, 0},
        {"an end mark with a key", 9, 1, RECORD_END, 0},
        {"tensor without a type", 10, 1, 0, 0},
        {"element type 10", 10, 1, 10, 1},
        {"element type 11", 10, 1, 11, 0},
        {"rank 8", 11, 1, 8, 1},
        {"rank 9", 11, 1, 9, 0},
        {"no key", 12, 4, 0, 0},
        {"key of 4096", 12, 4, 4096, 1},
        {"key of 4097", 12, 4, 4097, 0},
        {"key of 2^32-1", 12, 4, UINT32_MAX, 0},
        {"attributes of 2^20", 16, 4, 1 << 20, 1},
        {"attributes of 2^20+1", 16, 4, (1 << 20) + 1, 0},
        {"payload of 2^40", 24, 8, UINT64_C(1) << 40, 1},
        {"payload of 2^40+1", 24, 8, (UINT64_C(1) << 40) + 1, 0},
        {"payload of 2^64-1", 24, 8, UINT64_MAX, 0},
        {"reserved byte 20", 20, 1, 1, 0},
        {"reserved byte 32", 32, 1, 1, 0},
        {"reserved byte 47", 47, 1, 1, 0},
        {"reserved byte 51", 51, 1, 1, 0},
    };
    struct buffer all = {0};
    struct tally tally = {0};
    struct record record = {0};
    struct error err;
    make_tensor(&record, "k", 3);
    MUST(format_head(&record, &all, &tally, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char bytes[FORMAT_HEADER];
        struct header header;
        enum status status;
        memcpy(bytes, all.data, sizeof bytes);
        for (int j = 0; j < cases[i].size; j++)
            bytes[cases[i].at + j] = (unsigned char)(cases[i].value >> 8 * j);
        put_le32(bytes + 60, crc_of(bytes, 60));
        status = format_parse_header(bytes, &header, &err);
        same_int(status, cases[i].good ? STATUS_OK : STATUS_DAMAGED, cases[i].what);
    }
    buffer_free(&all);
    record_free(&record);
}

/* A program's mistake must not become a stream that no reader takes. */
static void test_refusals(void)
{
    struct buffer all = {0};
    struct tally tally = {0}, none = {0};
    struct record record = {0};
    same_int(format_head(&record, &all, &tally, NULL), STATUS_USAGE,
             "a record without a key is refused");
    make_tensor(&record, "k", 3);
    record.payload.size = 2;
    same_int(format_head(&record, &all, &tally, NULL), STATUS_USAGE,
             "a tensor with too few bytes is refused");
    make_image(&record, "k", "x");
    record.type = ELEMENT_U8;
    same_int(format_head(&record, &all, &tally, NULL), STATUS_USAGE,
             "an image with a type is refused");
    record.type = ELEMENT_NONE;
    record.kind = RECORD_END;
    same_int(format_head(&record, &all, &tally, NULL), STATUS_USAGE,
             "an end mark as a record is refused");
    ok(all.size == 0 && tally_equal(&tally, &none), "nothing was written or counted");
    buffer_free(&all);
    record_free(&record);
}

static void test_tally(void)
{
    const char *keys[] = {"a", "b", "c"};
    struct tally forward = {0}, back = {0}, parts = {0}, other = {0};
    struct buffer all = {0};
    struct record record = {0};
    for (int i = 0; i < 3; i++) {
        struct tally one = {0};
        make_tensor(&record, keys[i], i + 1);
        MUST(format_head(&record, &all, &forward, NULL));
        MUST(format_head(&record, &all, &one, NULL));
        tally_add(&parts, &one);
        make_tensor(&record, keys[i], i + 2);
        MUST(format_head(&record, &all, &other, NULL));
        make_tensor(&record, keys[2 - i], 3 - i);
        MUST(format_head(&record, &all, &back, NULL));
    }
    ok(tally_equal(&forward, &back), "the order of records does not matter");
    ok(tally_equal(&forward, &parts), "sums of parts add up");
    ok(forward.contents != other.contents, "other contents, other contents checksum");
    ok(forward.keys == other.keys, "other contents, same keys checksum");
    buffer_free(&all);
    record_free(&record);
}

static void test_end(void)
{
    struct tally tally = {5, 2, 300, 7, 8, 1, 4, 6}, back;
    unsigned char payload[FORMAT_END];
    format_put_end(&tally, payload);
    MUST(format_parse_end(payload, &back, NULL));
    ok(tally_equal(&tally, &back) && back.shard == 1 && back.shards == 4 && back.losses == 6,
       "an end mark says what was put into it");
    put_le32(payload + 40, 5);
    same_int(format_parse_end(payload, &back, NULL), STATUS_DAMAGED, "shard 5 of 4 is refused");
    put_le32(payload + 40, 0);
    same_int(format_parse_end(payload, &back, NULL), STATUS_DAMAGED, "shard 0 of 4 is refused");
    put_le32(payload + 40, 4);
    payload[63] = 1;
    same_int(format_parse_end(payload, &back, NULL), STATUS_DAMAGED, "reserved bytes must be zero");
}

int main(void)
{
    test_bytes();
    test_limits();
    test_refusals();
    test_tally();
    test_end();
    return tap_done();
}
