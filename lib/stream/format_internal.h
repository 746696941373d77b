/* What reader and writer share of the format, beside stream/format.h. */
#ifndef STREAM_FORMAT_INTERNAL_H
#define STREAM_FORMAT_INTERNAL_H

#include "stream/format.h"

int format_zero(const unsigned char *bytes, size_t size); /* all of them zero? */

/* The record of a header and its body (format_body() bytes): everything but the payload, which
 * becomes empty. STATUS_DAMAGED says what is wrong; the key is set when it can be trusted. */
enum status format_parse_body(const struct header *header, const unsigned char *bytes,
                              struct record *record, struct error *err);
/* Counts a record in the tally. */
void format_count(struct tally *tally, const struct header *header, const struct buffer *key);

#endif
