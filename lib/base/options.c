#include "base/options.h"

#include "base/memory.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static size_t table_length(const struct option_entry *table)
{
    size_t length = 0;
    while (table && table[length].name)
        length++;
    return length;
}

static const struct option_entry *find(const struct option_entry *table, int id)
{
    for (; table && table->name; table++)
        if (table->id == id)
            return table;
    return NULL;
}

/* The tables as getopt_long wants them. */
struct getopt_form {
    struct option *longs;
    char *shorts;
};

static void add_table(struct getopt_form *form, size_t *longs, size_t *shorts,
                      const struct option_entry *table)
{
    for (; table && table->name; table++) {
        struct option *option = &form->longs[(*longs)++];
        option->name = table->name;
        option->has_arg = table->argument ? required_argument : no_argument;
        option->val = table->id;
        if (table->id < OPTION_LONG) {
            form->shorts[(*shorts)++] = (char)table->id;
            if (table->argument)
                form->shorts[(*shorts)++] = ':';
        }
    }
}

static enum status unknown(int argc, char **argv, int at, enum status status, int code,
                           struct error *err)
{
    const char *word = at > 0 && at < argc ? argv[at] : "?";
    const char *what = code == ':' ? "needs an argument" : "is not an option of this program";
    if (strncmp(word, "--", 2) != 0 && optopt > 0 && optopt < OPTION_LONG)
        return error_set(err, status, "-%c %s", optopt, what);
    return error_set(err, status, "%s %s", word, what);
}

enum status options_parse(int argc, char **argv, const struct option_entry *own,
                          const struct option_entry *common,
                          enum status (*set)(void *state, int id, const char *argument,
                                             struct error *err),
                          void *state, int *operand, struct error *err)
{
    size_t count = table_length(own) + table_length(common);
    size_t longs = 0, shorts = 0;
    struct getopt_form form = {memory_array(count + 1, sizeof *form.longs),
                               memory_array(2 * count + 3, 1)};
    enum status status = STATUS_OK;
    int code = 0;
    if (!form.longs || !form.shorts) {
        free(form.longs);
        free(form.shorts);
        return error_memory(err);
    }
    form.shorts[shorts++] = ':'; /* a missing argument is told from an unknown option */
    add_table(&form, &longs, &shorts, own);
    add_table(&form, &longs, &shorts, common);
    opterr = 0;
    optind = 1;
    while (status == STATUS_OK) {
        int at = optind;
        code = getopt_long(argc, argv, form.shorts, form.longs, NULL);
        if (code == -1)
            break;
        if (code == '?' || code == ':') {
            status = unknown(argc, argv, at, STATUS_USAGE, code, err);
        } else {
            const struct option_entry *entry = find(own, code);
            if (!entry)
                entry = find(common, code);
            status = set(state, code, optarg, err);
            if (status == STATUS_USAGE && entry)
                error_prefix(err, "--%s", entry->name);
        }
    }
    *operand = optind;
    free(form.longs);
    free(form.shorts);
    return status;
}

void options_help(FILE *to, const struct option_entry *table)
{
    for (; table && table->name; table++) {
        int width;
        if (!*table->help)
            continue;
        if (table->id < OPTION_LONG)
            width = fprintf(to, "  -%c, --%s", table->id, table->name);
        else
            width = fprintf(to, "      --%s", table->name);
        if (table->argument)
            width += fprintf(to, " %s", table->argument);
        fprintf(to, "%*s%s\n", width < 27 ? 28 - width : 1, "", table->help);
    }
}
