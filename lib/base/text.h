/* base/text: the escapes of the table and JSON outputs, characters, and the end of a path. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/memory.h"

/* Appends text as one TSV field: tab, newline, carriage return and backslash become \t \n \r \\. */
enum status text_tsv(struct buffer *out, const char *text, struct error *err);
/* Undoes text_tsv in place. */
void text_tsv_decode(char *field);
/* Appends text as a quoted JSON string; bytes that are no UTF-8 become U+FFFD. */
enum status text_json(struct buffer *out, const char *text, struct error *err);
/* The bytes of the character of UTF-8 at text (RFC 3629), or 0 where there is none. */
size_t text_utf8(const char *text);
/* Does the name end so, whatever the case of its ASCII letters? */
int text_ends_with(const char *name, const char *ending);

#endif
