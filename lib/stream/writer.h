/* stream/writer: records to a file descriptor, or into memory for a worker's share. */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include "stream/format.h"

struct writer;

/* fd -1: records collect in memory until writer_drain. The writer borrows fd and name. */
enum status writer_open(int fd, const char *name, struct writer **writer, struct error *err);
/* STATUS_SYSTEM, or STATUS_CLOSED when nobody reads any more. */
enum status writer_put(struct writer *writer, const struct record *record, struct error *err);
/* Moves all that `from`, a writer into memory, has collected to the end of `to`, and empties it. */
enum status writer_drain(struct writer *to, struct writer *from, struct error *err);
/* This stream is shard `shard` (from 1) of `shards`. */
void writer_set_shard(struct writer *writer, uint32_t shard, uint32_t shards);
/* What this stream is made from was not whole: its end mark says so, and every reader will. */
void writer_set_loss(struct writer *writer, uint64_t losses, const char *reason);
/* The end mark gets a copy of these attributes; writer_set_loss sets "error" among them. */
enum status writer_set_attributes(struct writer *writer, const struct record *from,
                                  struct error *err);
/* Writes the end mark and everything still buffered. Then only writer_tally, writer_free. */
enum status writer_end(struct writer *writer, struct error *err);
const struct tally *writer_tally(const struct writer *writer);
void writer_free(struct writer *writer);

#endif
