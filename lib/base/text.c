#include "base/text.h"

#include <string.h>
#include <strings.h>

enum status text_tsv(struct buffer *out, const char *text, struct error *err)
{
    enum status status = buffer_reserve(out, 2 * strlen(text), err);
    if (status != STATUS_OK)
        return status;
    for (; *text; text++) {
        static const char special[] = "\t\n\r\\", letter[] = "tnr\\";
        const char *found = strchr(special, *text);
        if (found) {
            out->data[out->size++] = '\\';
            out->data[out->size++] = (unsigned char)letter[found - special];
        } else
            out->data[out->size++] = (unsigned char)*text;
    }
    return STATUS_OK;
}

void text_tsv_decode(char *field)
{
    char *to = field;
    for (; *field; field++) {
        if (*field == '\\' && field[1]) {
            field++;
            *to++ = *field == 't' ? '\t' : *field == 'n' ? '\n' : *field == 'r' ? '\r' : *field;
        } else
            *to++ = *field;
    }
    *to = '\0';
}

size_t text_utf8(const char *bytes)
{
    const unsigned char *text = (const unsigned char *)bytes;
    size_t length = text[0] < 0x80                      ? 1
                    : text[0] >= 0xc2 && text[0] < 0xe0 ? 2
                    : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
                    : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
                                                        : 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
        (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

enum status text_json(struct buffer *out, const char *text, struct error *err)
{
    const unsigned char *at = (const unsigned char *)text;
    enum status status = buffer_text(out, "\"", err);
    while (*at && status == STATUS_OK) {
        size_t length = text_utf8((const char *)at);
        if (length == 0) {
            status = buffer_text(out, "\\ufffd", err);
            length = 1;
        } else if (*at == '"' || *at == '\\')
            status = buffer_printf(out, err, "\\%c", *at);
        else if (*at < 0x20)
            status = buffer_printf(out, err, "\\u%04x", (unsigned)*at);
        else
            status = buffer_append(out, at, length, err);
        at += length;
    }
    return status == STATUS_OK ? buffer_text(out, "\"", err) : status;
}

int text_ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcasecmp(name + length - tail, ending) == 0;
}
