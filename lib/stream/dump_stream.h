/* stream/dump_stream: a whole stream as lines of text (stream/dump.h) and back, with its end
 * marks. */
#ifndef STREAM_DUMP_STREAM_H
#define STREAM_DUMP_STREAM_H

#include "stream/reader.h"

/* Zero-initialise to start. */
struct dumping {
    uint64_t losses; /* told so far */
};

/* Appends the first line. */
enum status dump_begin(struct buffer *out, struct error *err);
/* Appends a record, or an end mark, that the reader (with reader_options.ends) has just given. An
 * end mark tells the losses of its part, also those that were found only here, and is changed for
 * it: else a damaged stream would come back from its text as a whole one. */
enum status dump_next(struct dumping *dumping, const struct reader *reader, struct record *record,
                      struct buffer *out, struct error *err);
/* After the reader's end: an end mark for losses that none has told. */
enum status dump_finish(struct dumping *dumping, const struct reader *reader, struct buffer *out,
                        struct error *err);

/* Reads a dump from the file `path` ("-": standard input) and writes its stream to fd. The text is
 * whole when it ends in an end mark; STATUS_DAMAGED says, with the line's number, what is wrong
 * with it, and then the stream up to there is written with an end mark that tells the loss. */
enum status undump_file(const char *path, int fd, const char *name, struct error *err);

#endif
