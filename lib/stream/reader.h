/* stream/reader: records from files or pipes, front to back, trusting nothing.
 *
 * After damage the reader goes on with the next good record: reader_next returns STATUS_DAMAGED
 * once for each damaged place, with the number of bytes skipped, and can be called again. Whoever
 * reads must in the end return STATUS_DAMAGED too when reader_losses() is not 0: an input that was
 * cut off, an input of no bytes, an end mark that does not agree with the records before it, and an
 * end mark whose maker had losses, are all losses. Concatenated streams are one stream.
 */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include "stream/format.h"

struct reader;

struct reader_options {
    int64_t payload_max; /* 0: RECORD_PAYLOAD_DEFAULT */
    int ends;            /* hand end marks out too, as records of kind RECORD_END, whose payload
                            format_parse_end reads; one that is a loss comes with STATUS_DAMAGED */
    const void *ahead;   /* what the caller has read of the descriptor already, to see what it is */
    size_t ahead_size;
    /* Where shards is not 0: of a file cut into so many equal ranges of bytes, only the records
     * whose headers begin in range `shard` (from 1). Every record is in one of the ranges, and what
     * is damaged between two records is told by the reader of the earlier one. Each file must then
     * be a regular one: STATUS_USAGE. */
    uint32_t shard, shards;
};

/* Reads the files one after the other as one stream; "-", or a count of 0, is standard input. Each
 * must be whole by itself. The reader borrows paths. The first file is opened here, the others when
 * their turn comes (one that cannot be opened is STATUS_SYSTEM). options may be NULL. */
enum status reader_open(char *const *paths, size_t count, const struct reader_options *options,
                        struct reader **reader, struct error *err);
/* The same from an open descriptor, which the reader does not close. */
enum status reader_open_fd(int fd, const char *name, const struct reader_options *options,
                           struct reader **reader, struct error *err);
/* STATUS_OK: a record; STATUS_END: the end, right after an end mark; STATUS_DAMAGED: see above;
 * STATUS_SYSTEM. End marks are checked and counted, not returned. The record is the caller's. */
enum status reader_next(struct reader *reader, struct record *record, struct error *err);
/* Sum over the whole input so far, as counted from the records themselves. shard and shards are
 * those of the end mark when there was exactly one, else 0. */
const struct tally *reader_tally(const struct reader *reader);
uint64_t reader_losses(const struct reader *reader);
/* The first loss in words; "" when there is none. */
const char *reader_reason(const struct reader *reader);
/* Offset in the input at which the record last returned began; the end marks met so far. */
uint64_t reader_offset(const struct reader *reader);
uint64_t reader_ends(const struct reader *reader);
/* At the end of the input: are its parts all shards of one whole, each once? As shards_check. To
 * work on some shards only is no damage, so only who wants the proof asks. */
enum status reader_check_shards(struct reader *reader, struct error *err);
void reader_free(struct reader *reader);

#endif
