/* stream/dump: records as lines of text and back to the identical bytes; see imgcat(1).
 *
 *   image TAB KEY TAB BYTES TAB name=value ...
 *   tensor TAB KEY TAB TYPE TAB SHAPE TAB name=value ...
 *   error TAB KEY TAB name=value ...
 *   end TAB SHARD/SHARDS TAB LOSSES TAB name=value ...
 *   kind17 TAB KEY TAB TYPE TAB SHAPE TAB ATTRIBUTE-BYTES TAB BYTES
 *
 * Fields are TSV-escaped (base/text.h); = in a name is \=. Then lines that begin with a TAB hold
 * the payload: a tensor's elements as numbers, else bytes in hexadecimal (of an unknown kind: the
 * attributes and then the payload). The number of lines and of values in a line does not matter.
 * Floating point numbers have as many digits as it takes to read the same bits back; NaNs are their
 * bits, 0x7fc00000.
 */
#ifndef STREAM_DUMP_H
#define STREAM_DUMP_H

#include "stream/format.h"

/* The first line of a dump. */
#define DUMP_HEAD "its-text 1"

/* Appends the lines of a record, or of an end mark. */
enum status dump_record(const struct record *record, struct buffer *out, struct error *err);

/* Puts records together, line by line. Zero-initialise to start. */
struct undump {
    struct record record; /* of an end mark: kind RECORD_END, with its payload, sums zero */
    uint64_t raw_missing; /* bytes of raw attributes still to come */
    uint64_t missing;     /* elements (of a tensor), else payload bytes still to come */
};

enum { UNDUMP_LINE = 4 << 20 }; /* no line of a dump is longer than this */

/* The next line, without its newline; it is changed. *complete: undump.record is whole.
 * STATUS_DAMAGED says what was expected. */
enum status undump_line(struct undump *undump, char *line, int *complete, struct error *err);
/* Is a record begun and not complete? */
int undump_open(const struct undump *undump);
void undump_free(struct undump *undump);

#endif
