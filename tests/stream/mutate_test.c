/* The fuzz target over a fixed set of mutations: must not crash under the sanitizers, hang, or
 * miscount. */
#include "base/random.h"
#include "tests/fuzz/stream_fuzz.c" /* NOLINT(bugprone-suspicious-include): it is the target */
#include "tests/stream/streams.h"

enum { ROUNDS = 3000 };

/* A few changes: bytes set, pieces moved, the end cut. */
static size_t mutate(unsigned char *bytes, size_t size, struct random *random)
{
    int changes = 1 + (int)random_below(random, 6);
    for (int i = 0; i < changes && size > 1; i++) {
        size_t at = 1 + (size_t)random_below(random, size - 1);
        size_t from = 1 + (size_t)random_below(random, size - 1);
        size_t room = size - (at > from ? at : from);
        switch (random_below(random, 5)) {
        case 0:
            bytes[at] = (unsigned char)random_next(random);
            break;
        case 1:
            bytes[at] ^= (unsigned char)(1 << random_below(random, 8));
            break;
        case 2: /* fields are near the start of 64-byte blocks */
            at = 1 + at / 64 * 64 + (size_t)random_below(random, 64);
            if (at < size)
                bytes[at] = random_below(random, 2) ? 0xff : 0;
            break;
        case 3:
            memmove(bytes + at, bytes + from, (size_t)random_below(random, room + 1));
            break;
        default:
            if (random_below(random, 4) == 0)
                size = at;
        }
    }
    return size;
}

int main(void)
{
    struct buffer sample = sample_stream(), text = {0};
    unsigned char *bytes = memory_array(sample.size + 65536, 1);
    struct random random;
    struct reader *reader;
    struct record record = {0};
    int fd = file_of(sample.data, sample.size);
    random_seed(&random, 1);
    for (int i = 0; i < ROUNDS; i++) {
        bytes[0] = (unsigned char)(i & 1);
        memcpy(bytes + 1, sample.data, sample.size);
        LLVMFuzzerTestOneInput(bytes, mutate(bytes, sample.size + 1, &random));
    }
    ok(1, "%d mutated streams", ROUNDS);
    MUST(reader_open_fd(fd, "sample", NULL, &reader, NULL));
    while (reader_next(reader, &record, NULL) == STATUS_OK)
        MUST(dump_record(&record, &text, NULL));
    for (int i = 0; i < ROUNDS; i++) {
        bytes[0] = 'T';
        memcpy(bytes + 1, text.data, text.size);
        LLVMFuzzerTestOneInput(bytes, mutate(bytes, text.size + 1, &random));
    }
    ok(1, "%d mutated texts", ROUNDS);
    reader_free(reader);
    record_free(&record);
    buffer_free(&text);
    buffer_free(&sample);
    free(bytes);
    close(fd);
    return tap_done();
}
