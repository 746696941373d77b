/* The text dump: every record comes back bit for bit, and a text that is wrong is told. */
#include "stream/dump.h"

#include "base/random.h"
#include "tests/stream/streams.h"

/* Feeds the text to an undump; the records come back in `back` (the last one). Returns how many, or
 * -1. */
static int undump_text(const char *text, struct record *back, struct error *err)
{
    struct undump undump = {0};
    char *copy = strdup(text);
    int count = 0;
    for (char *line = copy, *end; line && *line; line = end) {
        int complete;
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (undump_line(&undump, line, &complete, err) != STATUS_OK) {
            count = -1;
            break;
        }
        if (complete) {
            count++;
            record_clear(back);
            MUST(record_copy(back, &undump.record, NULL));
        }
    }
    if (count >= 0 && undump_open(&undump))
        count = -2;
    undump_free(&undump);
    free(copy);
    return count;
}

static int same_buffer(const struct buffer *a, const struct buffer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static void test_round_trip(const struct record *record, const char *what)
{
    struct buffer text = {0};
    struct record back = {0};
    struct error err = {0};
    int count;
    MUST(dump_record(record, &text, NULL));
    MUST(buffer_append(&text, "", 1, NULL));
    count = undump_text((const char *)text.data, &back, &err);
    if (!ok(count == 1 && back.kind == record->kind && back.type == record->type &&
                shape_equal(&back.shape, &record->shape) && same_buffer(&back.key, &record->key) &&
                same_buffer(&back.attributes, &record->attributes) &&
                same_buffer(&back.payload, &record->payload),
            "%s comes back", what))
        printf("#   %d records, %s\n#   %.300s\n", count, err.text, (char *)text.data);
    buffer_free(&text);
    record_free(&back);
}

static void test_types(void)
{
    static const enum element_type all[] = {ELEMENT_U8,  ELEMENT_I8,  ELEMENT_U16,
                                            ELEMENT_I16, ELEMENT_F16, ELEMENT_BF16};
    struct record record = {0};
    MUST(record_set_key(&record, "k", NULL));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) { /* every value there is */
        size_t size = element_size(all[i]);
        struct shape shape = {2, {16, size == 1 ? 16 : 4096}};
        MUST(record_set_tensor(&record, all[i], &shape, NULL));
        for (size_t j = 0; j < record.payload.size; j++)
            record.payload.data[j] = (unsigned char)(j / size >> 8 * (j % size));
        test_round_trip(&record, element_name(all[i]));
    }
    for (int type = ELEMENT_I32; type <= ELEMENT_F64; type++) { /* bits of all sorts */
        struct shape shape = {3, {5, 1, 200}};
        struct random random;
        if (type == ELEMENT_F16 || type == ELEMENT_BF16)
            continue;
        random_seed(&random, 5);
        MUST(record_set_tensor(&record, (enum element_type)type, &shape, NULL));
        for (size_t j = 0; j < record.payload.size; j++)
            record.payload.data[j] = (unsigned char)random_next(&random);
        memset(record.payload.data, 0, 16);
        memset(record.payload.data + 16, 0xff, 16);
        test_round_trip(&record, element_name((enum element_type)type));
    }
    record_free(&record);
}

static void test_kinds(void)
{
    struct record record = {0};
    struct shape shape = {0};
    unsigned char end[FORMAT_END];
    make_image(&record, "a/b\tc\nd\\e\r=f \xff.jpg",
               "\x01\x02\n\t\\ and so on, more than one line of it, surely");
    MUST(record_set(&record, "na=me\t", "va=lue\n\\", NULL));
    MUST(record_set(&record, "empty", "", NULL));
    test_round_trip(&record, "an image with odd key and attributes");
    MUST(buffer_append(&record.attributes, "label\0dog\0", 10, NULL));
    test_round_trip(&record, "an attribute that stands twice");
    buffer_clear(&record.payload);
    test_round_trip(&record, "an image of no bytes");
    MUST(record_fail(&record, "s", "r", NULL));
    test_round_trip(&record, "an error record");
    make_tensor(&record, "k", 3);
    MUST(record_set_tensor(&record, ELEMENT_F32, &shape, NULL));
    memcpy(record.payload.data, "\0\0\x80\xbf", 4);
    test_round_trip(&record, "a scalar");
    shape = (struct shape){2, {0, 7}};
    MUST(record_set_tensor(&record, ELEMENT_F32, &shape, NULL));
    test_round_trip(&record, "an empty tensor");
    make_tensor(&record, "k", 40);
    record.kind = 17;
    record.shape = (struct shape){2, {-5, INT64_MAX}};
    MUST(buffer_append(&record.attributes, "\0\xff=no pair", 10, NULL));
    test_round_trip(&record, "an unknown kind");
    buffer_clear(&record.attributes);
    buffer_clear(&record.payload);
    test_round_trip(&record, "an unknown kind of no bytes");
    record_clear(&record);
    record.kind = RECORD_END;
    format_put_end(&(struct tally){.shard = 2, .shards = 3, .losses = 4}, end);
    MUST(buffer_append(&record.payload, end, sizeof end, NULL));
    MUST(record_set(&record, "error", "why", NULL));
    test_round_trip(&record, "an end mark");
    record_free(&record);
}

static void test_wrong(void)
{
    static const char *const texts[] = {
        "picture\tk\t3\n\t010203\n",
        "image\n",
        "image\t\t0\n",
        "image\tk\n",
        "image\tk\t-1\n",
        "image\tk\t2\n\t010203\n",
        "image\tk\t2\n\t01\n",
        "image\tk\t2\n\t0\n",
        "image\tk\t2\n\t0G00\n",
        "image\tk\t0\tlabel\n",
        "image\tk\t0\t=x\n",
        "image\tk\t0\n\t00\n",
        "kind2\tk\tu8\t3\t0\t0\n",
        "kind256\tk\tu8\t3\t0\t0\n",
        "kind17\tk\tu8\t3\t0\n",
        "tensor\tk\tu9\t3\n\t1 2 3\n",
        "tensor\tk\tu8\n",
        "tensor\tk\tu8\t\n",
        "tensor\tk\tu8\t3x\n",
        "tensor\tk\tu8\t1x1x1x1x1x1x1x1x1\n\t1\n",
        "tensor\tk\tu8\t-3\n\t1 2 3\n",
        "tensor\tk\tf64\t4611686018427387904\n",
        "tensor\tk\tu8\t3\n\t1 2 256\n",
        "tensor\tk\ti8\t3\n\t1 2 -129\n",
        "tensor\tk\ti32\t1\n\t2147483648\n",
        "tensor\tk\ti64\t1\n\t9223372036854775808\n",
        "tensor\tk\tu8\t3\n\t1 2 0x100\n",
        "tensor\tk\tf32\t1\n\t1.5x\n",
        "tensor\tk\tu8\t3\n\t1 2 3 4\n",
        "tensor\tk\tu8\t3\n\t1 2\nimage\tk\t0\n",
        "end\t1\t0\n",
        "end\t0/0\n",
        "end\tx/0\t0\n",
        "\t1 2 3\n",
        "\n",
    };
    struct record back = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct error err = {0};
        int count = undump_text(texts[i], &back, &err);
        ok(count < 0, "text %zu is refused: %s", i, count == -2 ? "not complete" : err.text);
    }
    record_free(&back);
}

int main(void)
{
    test_types();
    test_kinds();
    test_wrong();
    return tap_done();
}
