/* What can be said of a network before its data is known: is each line an operator or a block
 * defined above, with attributes that it has? */
#include "nn/netfile/netfile_internal.h"

#include <stdio.h>
#include <string.h>

/* The names of a block's parameters, separated by spaces. */
static void parameter_names(const struct line *block, char *names, size_t room)
{
    size_t used = 0;
    names[0] = '\0';
    for (size_t i = 2; i < block->count && used < room; i++)
        used += (size_t)snprintf(names + used, room - used, "%s%.*s", i > 2 ? " " : "",
                                 (int)strcspn(block->words[i], "="), block->words[i]);
}

enum status line_check(const struct text *text, const struct line *line, const char *kind,
                       const struct arguments *arguments, const struct line **block,
                       struct error *err)
{
    char names[1024];
    const char *known = node_attributes(kind);
    *block = text_block(text, kind, line);
    if (*block) {
        parameter_names(*block, names, sizeof names);
        known = names;
    }
    if (!known)
        return error_set(err, STATUS_USAGE, "%s is neither an operator nor a block defined above",
                         kind);
    return argument_check(arguments, kind, known, err);
}

static int is_structure(const char *word)
{
    static const char *const words[] = {"block", "repeat", "end", "input", "default", "let"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return 1;
    return 0;
}

enum status netfile_check(const char *text, size_t size, const char *name, struct error *err)
{
    struct arena *arena = arena_new();
    struct text lines = {0};
    const struct line *block;
    enum status status =
        arena ? text_lines(text, size, name, arena, &lines, err) : error_memory(err);
    for (size_t i = 0; i < lines.count && status == STATUS_OK; i++) {
        const struct line *line = &lines.lines[i];
        size_t at = line->words[0][strlen(line->words[0]) - 1] == ':', end = at + 1;
        struct arguments arguments = {.words = line->words + end};
        if (is_structure(line->words[0]) || at == line->count)
            continue; /* said in words of their own when the model is made */
        while (end < line->count && strcmp(line->words[end], "<") != 0)
            end++;
        arguments.count = end - at - 1;
        if (line_check(&lines, line, line->words[at], &arguments, &block, err) != STATUS_OK)
            status = error_prefix(err, "%s:%d", name, line->number);
    }
    arena_free(arena);
    return status;
}
