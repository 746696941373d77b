/* --labels: a list with commas, or a file with a label a line. */
#include "base/io.h"
#include "base/text.h"
#include "tools/imgtrain/imgtrain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void die_of_memory(struct imgtrain *train)
{
    struct error err;
    error_memory(&err);
    tool_die(&train->tool, &err);
}

char *labels_copy(struct imgtrain *train, const char *text)
{
    char *same = strdup(text);
    if (!same)
        die_of_memory(train);
    return same;
}

const char **labels_split(struct imgtrain *train, char *text, char separator, size_t *count)
{
    size_t room = 2;
    const char **names;
    for (const char *at = text; *at; at++)
        room += *at == separator;
    if (!(names = memory_array(room, sizeof *names)))
        die_of_memory(train);
    for (*count = 0; *text;) {
        size_t length = strcspn(text, (char[]){separator, 0});
        char *next = text[length] ? text + length + 1 : text + length;
        if (length > 0 && text[length - 1] == '\r')
            text[length - 1] = 0;
        text[length] = 0;
        if (separator == '\n')
            text_tsv_decode(text);
        if (*text)
            names[(*count)++] = text;
        text = next;
    }
    return names;
}

char *labels_said(struct imgtrain *train, char *separator)
{
    enum { LABELS_MAX = 64 << 20 };
    struct error err;
    char *text;
    size_t size;
    *separator = ',';
    if (!train->labels)
        return NULL;
    if (access(train->labels, F_OK) != 0)
        return labels_copy(train, train->labels);
    if (io_slurp(train->labels, LABELS_MAX, &text, &size, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    *separator = '\n';
    return text;
}
