/* Walks through the lines of a network description and makes the model: blocks, repetitions, names.
 */
#include "nn/netfile/netfile.h"

#include "base/io.h"
#include "nn/netfile/netfile_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MAX = 1 << 20,
    NODES_MAX = 10000,
    LINES_RUN_MAX = 1000000,
    INPUTS_MAX = 200,
    NAME_ROOM = 400
};

struct variable {
    const char *name;
    double value;
    const char *text; /* a list or a word instead of a number; else NULL */
    struct variable *next;
};

struct label {
    const char *name;
    int value, line;
    struct label *next;
};

/* Where names are looked up: a block sees its parameters and the file's variables, not its caller's
 * labels; a repetition sees everything around it. */
struct scope {
    const struct scope *around; /* variables are looked up there too */
    int sees_labels;            /* and labels */
    const char *prefix;         /* of the names of nodes */
    struct variable *variables;
    struct label *labels;
    int number; /* of nodes so far, for names */
};

struct walk {
    const char *name; /* of the file */
    const struct netfile_options *options;
    struct dims input; /* of data or file; channels 0: not known; height 0: vectors */
    int classes;       /* $classes; 0: not known */
    int has_input;     /* there was an `input` line */
    struct text text;
    struct arena *arena;
    struct making making;
    int current; /* the value of the line before; -1 at the start */
    int lines_run;
    const struct line *line;
};

/* What an expression can ask for. */
struct asking {
    const struct walk *walk;
    const struct scope *scope;
    int input; /* the first input of the line; -1: none */
};

static int is_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static const struct variable *look_up(const struct scope *scope, const char *name, size_t length)
{
    for (; scope; scope = scope->around)
        for (const struct variable *v = scope->variables; v; v = v->next)
            if (is_name(v->name, name, length))
                return v;
    return NULL;
}

static int find_variable(const void *context, const char *name, size_t length, double *value)
{
    const struct asking *asking = context;
    const struct dims *in = asking->input < 0 ? NULL : &asking->walk->making.dims[asking->input];
    const struct variable *variable = look_up(asking->scope, name, length);
    if (variable) {
        *value = variable->value;
        return !variable->text;
    }
    if (is_name("classes", name, length) && asking->walk->classes > 0)
        *value = asking->walk->classes;
    else if (in && length == 1 && (*name == 'C' || *name == 'H' || *name == 'W'))
        *value = *name == 'C' ? in->channels : *name == 'H' ? in->height : in->width;
    else
        return 0;
    return 1;
}

/* The variable becomes a number, or where the text is a list (1x7) or the word "same", that. */
static enum status set_variable(struct walk *walk, struct scope *scope, const char *name,
                                size_t length, const char *text, const struct asking *asking,
                                struct error *err)
{
    struct variable *variable = arena_alloc(walk->arena, 1, sizeof *variable);
    double values[4] = {0};
    size_t count = 0;
    char list[128];
    int used = 0;
    if (!variable || !(variable->name = arena_string(walk->arena, name, length)))
        return error_memory(err);
    if (strcmp(text, "same") == 0) {
        variable->text = "same";
    } else if (text_list(text, find_variable, asking, values, 4, &count, err) != STATUS_OK) {
        return err->status;
    } else if (count > 1) {
        for (size_t i = 0; i < count; i++)
            used += snprintf(list + used, sizeof list - (size_t)used, "%s%.17g", i ? "," : "",
                             values[i]);
        if (!(variable->text = arena_string(walk->arena, list, (size_t)used)))
            return error_memory(err);
    }
    variable->value = values[0];
    variable->next = scope->variables;
    scope->variables = variable;
    return STATUS_OK;
}

/* NAME=$VARIABLE, where the variable is a list or a word, becomes NAME=TEXT. */
static enum status put_in_texts(struct walk *walk, const struct scope *scope,
                                const struct line *line, size_t first, size_t count,
                                struct arguments *arguments, struct error *err)
{
    const char **words = arena_alloc(walk->arena, count + 1, sizeof *words);
    if (!words)
        return error_memory(err);
    for (size_t i = 0; i < count; i++) {
        const char *word = line->words[first + i], *dollar = strstr(word, "=$");
        const struct variable *variable =
            dollar ? look_up(scope, dollar + 2, strlen(dollar + 2)) : NULL;
        words[i] = word;
        if (variable && variable->text) {
            size_t head = (size_t)(dollar - word) + 1, tail = strlen(variable->text);
            char *copy = arena_alloc(walk->arena, head + tail + 1, 1);
            if (!copy)
                return error_memory(err);
            memcpy(copy, word, head);
            memcpy(copy + head, variable->text, tail + 1);
            words[i] = copy;
        }
    }
    arguments->words = words;
    arguments->count = count;
    return STATUS_OK;
}

static int good_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-' && name[i] != '.')
            return 0;
    return length > 0 && length <= 64;
}

static int find_label(const struct walk *walk, const struct scope *scope, const char *name,
                      int *value)
{
    if (strcmp(name, ".") == 0) {
        *value = walk->current;
        return walk->current >= 0;
    }
    for (; scope; scope = scope->sees_labels ? scope->around : NULL)
        for (const struct label *label = scope->labels; label; label = label->next)
            if (strcmp(label->name, name) == 0) {
                *value = label->value;
                return 1;
            }
    return 0;
}

static enum status set_label(struct walk *walk, struct scope *scope, const char *name, int value,
                             struct error *err)
{
    struct label *label;
    for (label = scope->labels; label; label = label->next)
        if (strcmp(label->name, name) == 0)
            return error_set(err, STATUS_USAGE, "%s is a name already, of line %d", name,
                             label->line);
    if (!(label = arena_alloc(walk->arena, 1, sizeof *label)))
        return error_memory(err);
    label->name = name;
    label->value = value;
    label->line = walk->line->number;
    label->next = scope->labels;
    scope->labels = label;
    return STATUS_OK;
}

/* PREFIX LABEL, or PREFIX KIND_NUMBER where the line has no label. */
static const char *full_name(struct walk *walk, struct scope *scope, const char *label,
                             const char *kind, struct error *err)
{
    char name[NAME_ROOM];
    int length = label ? snprintf(name, sizeof name, "%s%s", scope->prefix, label)
                       : snprintf(name, sizeof name, "%s%s_%d", scope->prefix, kind, scope->number);
    const char *copy = NULL;
    if (length < 0 || (size_t)length >= sizeof name)
        error_set(err, STATUS_USAGE, "the name %.40s... is too long", name);
    else if (!(copy = arena_string(walk->arena, name, (size_t)length)))
        error_memory(err);
    return copy;
}

static enum status walk_lines(struct walk *walk, size_t first, size_t end, struct scope *scope,
                              struct error *err);

/* CxHxW, or N for vectors. */
static enum status read_size(const struct walk *walk, const char *text, struct dims *dims,
                             struct error *err)
{
    struct asking asking = {walk, NULL, -1};
    double values[3];
    size_t count = 0;
    int size[3] = {0};
    if (text_list(text, find_variable, &asking, values, 3, &count, err) != STATUS_OK)
        return err->status;
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] >= 1 && values[i] <= 65535) || (double)(int)values[i] != values[i])
            return error_set(err, STATUS_USAGE, "input %s: expected whole numbers from 1 to 65535",
                             text);
        size[i] = (int)values[i];
    }
    if (count == 2)
        return error_set(err, STATUS_USAGE, "input %s: expected CHANNELSxHEIGHTxWIDTH", text);
    *dims = (struct dims){size[0], size[1], size[2]};
    return STATUS_OK;
}

/* What flows into the first node. */
static void set_input(struct walk *walk, const struct dims *size)
{
    walk->input = *size;
    walk->making.dims[0] = *size;
    walk->making.model->values[0].shape.rank = size->height == 0 ? 2 : 4;
    if (size->height == 0)
        walk->making.dims[0].height = walk->making.dims[0].width = 1;
}

/* input CxHxW, or input N for vectors. */
static enum status input_line(struct walk *walk, const struct line *line, struct error *err)
{
    const struct dims *data = &walk->options->input;
    struct dims size = {0};
    if (line->count != 2)
        return error_set(err, STATUS_USAGE, "expected: input CHANNELSxHEIGHTxWIDTH");
    if (walk->current >= 0)
        return error_set(err, STATUS_USAGE, "input must be the first line");
    if (read_size(walk, line->words[1], &size, err) != STATUS_OK)
        return err->status;
    if (data->channels && (data->channels != size.channels || data->height != size.height ||
                           data->width != size.width))
        return error_set(err, STATUS_USAGE, "the network takes %s, and the data is %dx%dx%d",
                         line->words[1], data->channels, data->height, data->width);
    set_input(walk, &size);
    walk->current = 0;
    walk->has_input = 1;
    return STATUS_OK;
}

/* default input=CxHxW classes=N: what holds where there is no data to tell. */
static enum status default_line(struct walk *walk, const struct line *line, struct error *err)
{
    struct asking asking = {walk, NULL, -1};
    struct arguments arguments = {line->words + 1, line->count - 1, find_variable, &asking};
    const char *input = argument_text(&arguments, "input");
    struct dims size = {0};
    int64_t classes = 0;
    if (argument_check(&arguments, "default", "input classes", err) != STATUS_OK)
        return err->status;
    if (walk->making.model->node_count > 0)
        return error_set(err, STATUS_USAGE, "default must come before the first node");
    if (input && walk->has_input)
        return error_set(err, STATUS_USAGE, "the line input has said the size already");
    if ((input && read_size(walk, input, &size, err) != STATUS_OK) ||
        (argument_text(&arguments, "classes") &&
         argument_integer(&arguments, "classes", 1, 1 << 24, 0, &classes, err) != STATUS_OK))
        return err->status;
    if (input && walk->options->input.channels == 0) {
        set_input(walk, &size);
        walk->current = 0;
    }
    if (walk->classes == 0)
        walk->classes = (int)classes;
    return STATUS_OK;
}

static enum status let_line(struct walk *walk, const struct line *line, struct scope *scope,
                            struct error *err)
{
    struct asking asking = {walk, scope, walk->current};
    const char *equals = line->count == 2 ? strchr(line->words[1], '=') : NULL;
    if (!equals || !good_name(line->words[1], (size_t)(equals - line->words[1])))
        return error_set(err, STATUS_USAGE, "expected: let NAME=NUMBER");
    return set_variable(walk, scope, line->words[1], (size_t)(equals - line->words[1]), equals + 1,
                        &asking, err);
}

static enum status repeat_line(struct walk *walk, const struct line *line, size_t index,
                               struct scope *scope, struct error *err)
{
    struct asking asking = {walk, scope, walk->current};
    double times;
    scope->number++;
    if (line->count != 2)
        return error_set(err, STATUS_USAGE, "expected: repeat TIMES");
    if (text_expression(line->words[1], find_variable, &asking, &times, err) != STATUS_OK)
        return err->status;
    if (!(times >= 0 && times <= NODES_MAX) || (double)(int)times != times)
        return error_set(err, STATUS_USAGE, "repeat %g: expected a whole number from 0 to %d",
                         times, NODES_MAX);
    for (int i = 1; i <= (int)times; i++) {
        char prefix[NAME_ROOM];
        struct scope inside = {.around = scope, .sees_labels = 1};
        enum status status;
        snprintf(prefix, sizeof prefix, "%srepeat_%d.%d/", scope->prefix, scope->number, i);
        if (!(inside.prefix = arena_string(walk->arena, prefix, strlen(prefix))))
            return error_memory(err);
        if ((status = walk_lines(walk, index + 1, line->end, &inside, err)) != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* block NAME PARAMETER... : only looked at here; its lines run when it is called. */
static enum status block_line(const struct walk *walk, const struct line *line, struct error *err)
{
    const char *name = line->count > 1 ? line->words[1] : "";
    if (!good_name(name, strlen(name)) || !islower((unsigned char)*name))
        return error_set(err, STATUS_USAGE,
                         "expected: block NAME PARAMETER..., the name in lower case");
    for (size_t i = 0; &walk->text.lines[i] < line; i++)
        if (strcmp(walk->text.lines[i].words[0], "block") == 0 &&
            strcmp(walk->text.lines[i].words[1], name) == 0)
            return error_set(err, STATUS_USAGE, "block %s is known already, from line %d", name,
                             walk->text.lines[i].number);
    for (size_t i = 2; i < line->count; i++)
        if (!good_name(line->words[i], strcspn(line->words[i], "=")))
            return error_set(err, STATUS_USAGE, "'%s' is no name of a parameter", line->words[i]);
    return STATUS_OK;
}

/* The block's parameters from the call's NAME=VALUE words, or from the defaults in its first line.
 */
static enum status set_parameters(struct walk *walk, const struct line *block,
                                  const struct arguments *arguments, struct scope *inside,
                                  struct error *err)
{
    for (size_t i = 2; i < block->count; i++) {
        size_t length = strcspn(block->words[i], "=");
        char name[65] = "";
        const char *text;
        memcpy(name, block->words[i], length);
        text = argument_text(arguments, name);
        if (!text && !block->words[i][length])
            return error_set(err, STATUS_USAGE, "block %s needs %s=", block->words[1], name);
        if (set_variable(walk, inside, name, length, text ? text : block->words[i] + length + 1,
                         arguments->context, err) != STATUS_OK)
            return err->status;
    }
    return STATUS_OK;
}

static enum status call_block(struct walk *walk, const struct line *block, const char *name,
                              const int *inputs, size_t count, const struct arguments *arguments,
                              const struct scope *file, struct error *err)
{
    const struct line *line = walk->line;
    char prefix[NAME_ROOM + 2];
    struct scope inside = {.around = file};
    enum status status;
    if (count != 1)
        return error_set(err, STATUS_USAGE, "a block takes 1 input, not %zu", count);
    if ((status = set_parameters(walk, block, arguments, &inside, err)) != STATUS_OK ||
        (status = set_label(walk, &inside, "in", inputs[0], err)) != STATUS_OK)
        return status;
    snprintf(prefix, sizeof prefix, "%s/", name);
    if (!(inside.prefix = arena_string(walk->arena, prefix, strlen(prefix))))
        return error_memory(err);
    walk->current = inputs[0];
    status = walk_lines(walk, (size_t)(block - walk->text.lines) + 1, block->end, &inside, err);
    if (status == STATUS_USAGE && line->number != walk->line->number) {
        struct error inner = *err;
        return error_set(err, STATUS_USAGE, "%.900s (called from line %d)", inner.text,
                         line->number);
    }
    walk->line = line;
    return status;
}

/* [LABEL:] NAME [NAME=VALUE]... [< INPUT...] */
static enum status node_line(struct walk *walk, const struct line *line, struct scope *scope,
                             struct error *err)
{
    size_t at = 0, attributes, count = 0, length = strlen(line->words[0]);
    const char *label = NULL, *kind, *name;
    const struct line *block;
    int inputs[INPUTS_MAX] = {walk->current}, value = -1;
    struct asking asking = {walk, scope, -1};
    struct arguments arguments = {.variable = find_variable, .context = &asking};
    const struct scope *file = scope;
    enum status status;
    if (line->words[0][length - 1] == ':') {
        if (!good_name(line->words[0], length - 1))
            return error_set(err, STATUS_USAGE, "'%s' is no name (letters, digits, _ - .)",
                             line->words[0]);
        if (!(label = arena_string(walk->arena, line->words[0], length - 1)))
            return error_memory(err);
        if (line->count == 1)
            return error_set(err, STATUS_USAGE, "nothing after %s", line->words[0]);
        at = 1;
    }
    kind = line->words[at++];
    for (attributes = at; at < line->count && strcmp(line->words[at], "<") != 0; at++)
        ;
    if (put_in_texts(walk, scope, line, attributes, at - attributes, &arguments, err) != STATUS_OK)
        return err->status;
    for (at++; at < line->count; at++) {
        if (count == INPUTS_MAX)
            return error_set(err, STATUS_USAGE, "more than %d inputs", INPUTS_MAX);
        if (!find_label(walk, scope, line->words[at], &inputs[count++]))
            return error_set(err, STATUS_USAGE, "there is no node %s before this line",
                             line->words[at]);
    }
    if (count == 0 && inputs[0] < 0)
        return error_set(err, STATUS_USAGE,
                         "the size of the pictures is not known: no data, no option and no line "
                         "input or default says it");
    count = count ? count : 1;
    asking.input = inputs[0];
    scope->number++;
    if (!(name = full_name(walk, scope, label, kind, err)))
        return err->status;
    while (file->around)
        file = file->around;
    if (line_check(&walk->text, line, kind, &arguments, &block, err) != STATUS_OK)
        return err->status;
    if (block) {
        status = call_block(walk, block, name, inputs, count, &arguments, file, err);
        value = walk->current;
    } else {
        if (walk->making.model->node_count >= NODES_MAX)
            return error_set(err, STATUS_USAGE, "more than %d nodes", NODES_MAX);
        status = node_make(&walk->making, kind, name, inputs, count, &arguments, &value, err);
    }
    if (status != STATUS_OK)
        return status;
    walk->current = value;
    if (!block)
        walk->making.made[value] = line->number;
    return label ? set_label(walk, scope, label, value, err) : STATUS_OK;
}

static enum status one_line(struct walk *walk, size_t *index, struct scope *scope,
                            struct error *err)
{
    const struct line *line = &walk->text.lines[*index];
    const char *word = line->words[0];
    size_t at = *index;
    walk->line = line;
    if (++walk->lines_run > LINES_RUN_MAX)
        return error_set(err, STATUS_USAGE, "more than %d lines with all repetitions",
                         LINES_RUN_MAX);
    if (strcmp(word, "block") == 0) {
        *index = line->end;
        return block_line(walk, line, err);
    }
    if (strcmp(word, "repeat") == 0) {
        *index = line->end;
        return repeat_line(walk, line, at, scope, err);
    }
    if (strcmp(word, "input") == 0 && !scope->around)
        return input_line(walk, line, err);
    if (strcmp(word, "default") == 0 && !scope->around)
        return default_line(walk, line, err);
    if (strcmp(word, "let") == 0)
        return let_line(walk, line, scope, err);
    return node_line(walk, line, scope, err);
}

/* Runs lines first .. end - 1. The innermost failing line is put before the message, once. */
static enum status walk_lines(struct walk *walk, size_t first, size_t end, struct scope *scope,
                              struct error *err)
{
    for (size_t i = first; i < end; i++) {
        const struct line *line = &walk->text.lines[i];
        enum status status = one_line(walk, &i, scope, err);
        if (status != STATUS_OK)
            return walk->line == line ? error_prefix(err, "%s:%d", walk->name, line->number)
                                      : status;
    }
    return STATUS_OK;
}

static enum status begin(struct walk *walk, struct error *err)
{
    const struct dims *data = &walk->options->input;
    struct shape shape = {.rank = 4, .dim = {-1, -1, -1, -1}};
    if (!(walk->making.model = model_new()))
        return error_memory(err);
    random_seed(&walk->making.random, walk->options->seed);
    if (model_add_input(walk->making.model, "input", ELEMENT_F32, &shape) != 0)
        return error_memory(err);
    walk->current = -1;
    if (making_room(&walk->making, err) != STATUS_OK)
        return STATUS_SYSTEM;
    if (data->channels)
        set_input(walk, data);
    return STATUS_OK;
}

/* Is everything used, and is there an output? */
static enum status finish(struct walk *walk, struct error *err)
{
    struct model *model = walk->making.model;
    struct value *input = &model->values[0], *output;
    const struct dims *in = &walk->making.dims[0], *out;
    if (model->node_count == 0)
        return error_set(err, STATUS_USAGE, "%s: there is no node", walk->name);
    for (size_t i = 1; i < model->value_count; i++)
        if (walk->making.dims[i].channels && !walk->making.uses[i] && (int)i != walk->current)
            return error_set(err, STATUS_USAGE, "%s:%d: nothing uses %s", walk->name,
                             walk->making.made[i], model->values[i].name);
    input->shape = (struct shape){.rank = 4, .dim = {-1, in->channels, in->height, in->width}};
    if (walk->input.height == 0)
        input->shape.rank = 2;
    output = &model->values[walk->current];
    out = &walk->making.dims[walk->current];
    output->typed = 1;
    output->type = ELEMENT_F32;
    output->shape = (struct shape){.rank = value_rank(model, walk->current),
                                   .dim = {-1, out->channels, out->height, out->width}};
    return model_add_output(model, walk->current) < 0 ? error_memory(err) : STATUS_OK;
}

enum status netfile_parse(const char *text, size_t size, const char *name,
                          const struct netfile_options *options, struct model **model,
                          struct error *err)
{
    struct walk walk = {.name = name, .options = options, .classes = options->classes};
    struct scope scope = {.prefix = ""};
    enum status status;
    if (!(walk.arena = arena_new()))
        return error_memory(err);
    status = text_lines(text, size, name, walk.arena, &walk.text, err);
    if (status == STATUS_OK)
        status = begin(&walk, err);
    if (status == STATUS_OK) {
        int has_input = walk.text.count > 0 && strcmp(walk.text.lines[0].words[0], "input") == 0;
        if (options->input.channels && !has_input)
            walk.current = 0;
        walk.line = walk.text.lines;
        status = walk_lines(&walk, 0, walk.text.count, &scope, err);
    }
    if (status == STATUS_OK)
        status = finish(&walk, err);
    free(walk.making.dims);
    free(walk.making.uses);
    free(walk.making.made);
    arena_free(walk.arena);
    if (status == STATUS_OK)
        *model = walk.making.model;
    else
        model_free(walk.making.model);
    return status;
}

enum status netfile_read(const char *path, char **text, size_t *size, struct error *err)
{
    return io_slurp(path, FILE_MAX, text, size, err);
}
