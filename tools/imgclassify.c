/* imgclassify: which class each picture belongs to, and how sure the network is. */
#include "tools/network.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum format { FORMAT_TSV, FORMAT_JSONL, FORMAT_ITS };

struct imgclassify {
    struct tool tool;
    struct network network;
    const char *model;  /* -m */
    int64_t top;        /* -k; 0: not given */
    const char *labels; /* --labels */
    enum format format; /* --format */
    int header;         /* --header */
    int64_t batch;      /* --batch; 0: not given */
    int exact;          /* --exact */
    int force;          /* --force */
    char *text;         /* of the names, cut up */
    char **names;       /* of the classes; NULL: their numbers */
    size_t name_count;
    int is_logits; /* the output wants a softmax, a single one a sigmoid */
    int is_labels; /* each output is of a label for itself: logits want a sigmoid */
};

enum {
    OPTION_LABELS = OPTION_LONG,
    OPTION_FORMAT,
    OPTION_HEADER,
    OPTION_BATCH,
    OPTION_EXACT,
    OPTION_FORCE
};

static const struct option_entry options[] = {
    {'m', "model", "FILE", "the network (ONNX)"},
    {'k', "top", "N", "how many classes to print, best first (default 5; labels: all)"},
    {OPTION_LABELS, "labels", "FILE", "names of the classes, one a line (default: the model's)"},
    {OPTION_FORMAT, "format", "NAME",
     "tsv (default), jsonl, or its: a stream of all probabilities"},
    {OPTION_HEADER, "header", NULL, "a first row that names the columns (tsv)"},
    {OPTION_BATCH, "batch", "N", "pictures per run of the network (default: by its size)"},
    {OPTION_EXACT, "exact", NULL, "no convolutions by transforms, which round more"},
    {OPTION_FORCE, "force", NULL, "take records of another recipe than the model's"},
    {0, NULL, NULL, NULL},
};

static enum status set_format(struct imgclassify *classify, const char *name, struct error *err)
{
    static const char *const names[] = {"tsv", "jsonl", "its"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) {
            classify->format = (enum format)i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "'%s': expected tsv, jsonl or its", name);
}

static enum status set(void *state, int id, const char *argument, struct error *err)
{
    struct imgclassify *classify = state;
    switch (id) {
    case 'm':
        classify->model = argument;
        break;
    case 'k':
        return number_integer(argument, 1, 1000000, &classify->top, err);
    case OPTION_LABELS:
        classify->labels = argument;
        break;
    case OPTION_FORMAT:
        return set_format(classify, argument, err);
    case OPTION_HEADER:
        classify->header = 1;
        break;
    case OPTION_BATCH:
        return number_integer(argument, 1, NETWORK_BATCH_MAX, &classify->batch, err);
    case OPTION_EXACT:
        classify->exact = 1;
        break;
    default:
        classify->force = 1;
    }
    return STATUS_OK;
}

/* ---- the names of the classes ---- */

/* One name a line; an empty last line is none. */
static enum status split_names(struct imgclassify *classify, struct error *err)
{
    size_t count = 0;
    for (const char *at = classify->text; *at; count++) {
        const char *end = strchr(at, '\n');
        at = end ? end + 1 : at + strlen(at);
    }
    classify->names = memory_array(count + 1, sizeof *classify->names);
    if (!classify->names)
        return error_memory(err);
    for (char *at = classify->text; classify->name_count < count;) {
        char *end = strchr(at, '\n'), *next = end ? end + 1 : at;
        if (end)
            *end = 0;
        if (*at && at[strlen(at) - 1] == '\r')
            at[strlen(at) - 1] = 0;
        text_tsv_decode(at);
        classify->names[classify->name_count++] = at;
        at = next;
    }
    return STATUS_OK;
}

static void read_names(struct imgclassify *classify)
{
    enum { LABELS_MAX = 64 << 20 };
    struct error err;
    const char *own = model_get_metadata(classify->network.model, MODEL_LABELS);
    size_t size;
    if (classify->labels) {
        if (io_slurp(classify->labels, LABELS_MAX, &classify->text, &size, &err) != STATUS_OK)
            tool_die(&classify->tool, &err);
        if (strlen(classify->text) != size)
            tool_usage(&classify->tool, "%s is no text: it holds a zero byte", classify->labels);
    } else if (own) {
        classify->text = strdup(own);
    } else {
        return;
    }
    if (!classify->text)
        error_memory(&err);
    if (!classify->text || split_names(classify, &err) != STATUS_OK)
        tool_die(&classify->tool, &err);
}

static enum status check_names(const struct imgclassify *classify, size_t classes,
                               struct error *err)
{
    if (!classify->names || classify->name_count == classes)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s: %zu labels, but the network has %zu classes",
                     classify->labels ? classify->labels : classify->model, classify->name_count,
                     classes);
}

/* ---- probabilities ---- */

struct worker {
    struct network_worker network; /* first: see tools/network.h */
    struct buffer text;
    size_t classes, room;
    float *probabilities;
    size_t *order; /* the best `top` classes, best first */
};

static void worker_free(void *state)
{
    struct worker *worker = state;
    if (!worker)
        return;
    buffer_free(&worker->text);
    free(worker->probabilities);
    free(worker->order);
    network_worker_free(worker);
}

static enum status worker_new(void *context, void **state, struct error *err)
{
    const struct imgclassify *classify = context;
    return network_worker_new(&classify->network, sizeof(struct worker), state, err);
}

/* The classes of an output N x K, also N x K x 1 x 1. A single output is the probability of the
 * second of two. */
static enum status count_classes(const struct imgclassify *classify, struct worker *worker,
                                 const struct tensor *output, struct error *err)
{
    size_t classes = 1;
    char text[SHAPE_TEXT];
    for (int i = 1; i < output->shape.rank; i++) {
        if (output->shape.dim[i] != 1 && classes != 1)
            classes = 0;
        classes *= (size_t)output->shape.dim[i];
    }
    if (output->type != ELEMENT_F32 || classes == 0) {
        struct shape one = {output->shape.rank - 1, {0}};
        memcpy(one.dim, output->shape.dim + 1, (size_t)one.rank * sizeof *one.dim);
        return error_set(
            err, STATUS_FAILED,
            "the network's output is %s %s for each picture: expected f32, a row of classes",
            element_name(output->type), shape_format(&one, text));
    }
    worker->classes = classes == 1 && !classify->is_labels ? 2 : classes;
    if (worker->classes > worker->room) {
        free(worker->probabilities);
        free(worker->order);
        worker->probabilities = memory_array(worker->classes, sizeof *worker->probabilities);
        worker->order = memory_array(worker->classes, sizeof *worker->order);
        worker->room = worker->probabilities && worker->order ? worker->classes : 0;
        if (!worker->room)
            return error_memory(err);
    }
    return check_names(classify, worker->classes, err);
}

/* One or more of them are NaN where the network's values are not finite. */
static void find_probabilities(const struct imgclassify *classify, struct worker *worker,
                               const float *row)
{
    float *p = worker->probabilities, most = row[0];
    double sum = 0;
    if (classify->is_labels) {
        for (size_t i = 0; i < worker->classes; i++)
            p[i] = classify->is_logits ? (float)(1 / (1 + exp(-(double)row[i]))) : row[i];
        return;
    }
    if (worker->classes == 2 && worker->network.outputs[0].shape.rank > 0 &&
        shape_count(&worker->network.outputs[0].shape) == worker->network.outputs[0].shape.dim[0]) {
        double second = classify->is_logits ? 1 / (1 + exp(-(double)row[0])) : row[0];
        p[0] = (float)(1 - second);
        p[1] = (float)second;
        return;
    }
    memcpy(p, row, worker->classes * sizeof *p);
    if (!classify->is_logits)
        return;
    for (size_t i = 1; i < worker->classes; i++)
        most = row[i] > most ? row[i] : most;
    for (size_t i = 0; i < worker->classes; i++)
        sum += exp((double)row[i] - most);
    for (size_t i = 0; i < worker->classes; i++)
        p[i] = (float)(exp((double)row[i] - most) / sum);
}

static int are_finite(const struct worker *worker)
{
    for (size_t i = 0; i < worker->classes; i++)
        if (!isfinite(worker->probabilities[i]))
            return 0;
    return 1;
}

/* The best `top` classes; of equal ones the lower number first. */
static size_t rank(struct worker *worker, size_t top)
{
    size_t count = 0;
    const float *p = worker->probabilities;
    top = top ? top : worker->classes;
    for (size_t i = 0; i < worker->classes; i++) {
        size_t at = count < top ? count++ : top;
        while (at > 0 && p[i] > p[worker->order[at - 1]]) {
            if (at < top)
                worker->order[at] = worker->order[at - 1];
            at--;
        }
        if (at < top)
            worker->order[at] = i;
    }
    return count;
}

/* ---- output ---- */

static const char *class_name(const struct imgclassify *classify, size_t i, char number[24])
{
    if (classify->names)
        return classify->names[i];
    snprintf(number, 24, "%zu", i);
    return number;
}

static void tsv_row(const struct imgclassify *classify, struct worker *worker,
                    const struct record *record, size_t count, const char *reason,
                    struct error *err)
{
    struct buffer *text = &worker->text;
    const char *label = record_get(record, "label");
    char number[24];
    text_tsv(text, record_key(record), err);
    buffer_text(text, "\t", err);
    text_tsv(text, label ? label : "", err);
    if (reason) {
        buffer_text(text, "\t!error\t", err);
        text_tsv(text, reason, err);
    }
    for (size_t i = 0; i < count; i++) {
        buffer_text(text, "\t", err);
        text_tsv(text, class_name(classify, worker->order[i], number), err);
        buffer_printf(text, err, "\t%.6g", worker->probabilities[worker->order[i]]);
    }
    buffer_text(text, "\n", err);
}

static void json_row(const struct imgclassify *classify, struct worker *worker,
                     const struct record *record, size_t count, const char *reason,
                     struct error *err)
{
    struct buffer *text = &worker->text;
    const char *label = record_get(record, "label");
    char number[24];
    buffer_text(text, "{\"key\":", err);
    text_json(text, record_key(record), err);
    if (label) {
        buffer_text(text, ",\"label\":", err);
        text_json(text, label, err);
    }
    if (reason) {
        buffer_text(text, ",\"error\":", err);
        text_json(text, reason, err);
    } else {
        buffer_text(text, ",\"predictions\":[", err);
    }
    for (size_t i = 0; i < count; i++) {
        buffer_text(text, i ? ",{\"class\":" : "{\"class\":", err);
        text_json(text, class_name(classify, worker->order[i], number), err);
        buffer_printf(text, err, ",\"probability\":%.6g}", worker->probabilities[worker->order[i]]);
    }
    buffer_text(text, reason ? "}\n" : "]}\n", err);
}

static enum status emit_row(const struct imgclassify *classify, struct worker *worker,
                            const struct record *record, size_t count, const char *reason,
                            struct emitter *emitter, struct error *err)
{
    struct error row = {0};
    buffer_clear(&worker->text);
    (classify->format == FORMAT_JSONL ? json_row : tsv_row)(classify, worker, record, count, reason,
                                                            &row);
    if (row.status != STATUS_OK) { /* only memory can fail */
        *err = row;
        return row.status;
    }
    return emit_text(emitter, (const char *)worker->text.data, worker->text.size, err);
}

static enum status emit_prediction(const struct imgclassify *classify, struct worker *worker,
                                   const struct record *record, struct emitter *emitter,
                                   struct error *err)
{
    struct shape shape = {1, {(int64_t)worker->classes}};
    enum status status;
    if (classify->format != FORMAT_ITS)
        return emit_row(classify, worker, record, rank(worker, (size_t)classify->top), NULL,
                        emitter, err);
    status = record_copy_head(&worker->network.result, record, err);
    if (status == STATUS_OK)
        status = record_set_tensor(&worker->network.result, ELEMENT_F32, &shape, err);
    if (status == STATUS_OK)
        memcpy(worker->network.result.payload.data, worker->probabilities,
               worker->classes * sizeof(float));
    return status == STATUS_OK ? emit_record(emitter, &worker->network.result, err) : status;
}

static enum status emit_failed(const struct imgclassify *classify, struct worker *worker,
                               const struct record *record, const char *reason,
                               struct emitter *emitter, struct error *err)
{
    enum status status = STATUS_OK;
    if (classify->format != FORMAT_ITS)
        status = emit_row(classify, worker, record, 0, reason, emitter, err);
    return status == STATUS_OK ? emit_failure(emitter, record, reason, err) : status;
}

/* An item that failed before keeps its row. */
static enum status pass_error(const struct imgclassify *classify, struct worker *worker,
                              const struct record *record, struct emitter *emitter,
                              struct error *err)
{
    const char *reason = record_get(record, "error");
    return emit_row(classify, worker, record, 0, reason ? reason : "failed", emitter, err);
}

static enum status classify_group(const struct imgclassify *classify, struct worker *worker,
                                  const struct record *records, size_t count,
                                  struct emitter *emitter, struct error *err)
{
    enum status status = network_run(&worker->network, records, count, err);
    if (status == STATUS_OK)
        status = count_classes(classify, worker, &worker->network.outputs[0], err);
    if (status == STATUS_FAILED) {
        char reason[ERROR_TEXT];
        memcpy(reason, err->text, sizeof reason);
        status = STATUS_OK;
        for (size_t i = 0; i < count && status == STATUS_OK; i++)
            status = emit_failed(classify, worker, &records[i], reason, emitter, err);
        return status;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct tensor *output = &worker->network.outputs[0];
        size_t row = (size_t)(shape_count(&output->shape) / output->shape.dim[0]);
        find_probabilities(classify, worker, (const float *)output->data + i * row);
        status = are_finite(worker)
                     ? emit_prediction(classify, worker, &records[i], emitter, err)
                     : emit_failed(classify, worker, &records[i],
                                   "the network puts out values that are not finite", emitter, err);
    }
    return status;
}

static enum status work(void *context, void *state, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err)
{
    const struct imgclassify *classify = context;
    enum status status = STATUS_OK;
    for (size_t done = 0; done < count && status == STATUS_OK;) {
        size_t group = 1;
        if (records[done].kind == RECORD_ERROR) {
            status = pass_error(classify, state, &records[done], emitter, err);
        } else {
            group = network_group(records + done, count - done);
            status = classify_group(classify, state, records + done, group, emitter, err);
        }
        done += group;
    }
    return status;
}

/* ---- main ---- */

static void write_header(struct imgclassify *classify)
{
    struct error err = {0};
    struct buffer text = {0};
    buffer_text(&text, "key\tlabel", &err);
    for (int64_t i = 1; i <= (classify->top ? classify->top : (int64_t)classify->name_count); i++)
        buffer_printf(&text, &err, "\tclass%lld\tprobability%lld", (long long)i, (long long)i);
    buffer_text(&text, "\n", &err);
    if (err.status != STATUS_OK || io_write(classify->tool.output.fd, classify->tool.output.name,
                                            text.data, text.size, &err) != STATUS_OK)
        tool_die(&classify->tool, &err);
    buffer_free(&text);
}

/* What the network's values are. Of a model of labels all are printed: each is an answer. */
static void find_meaning(struct imgclassify *classify)
{
    const struct model *model = classify->network.model;
    const char *loss = model_get_metadata(model, MODEL_LOSS);
    classify->is_logits = !model_ends_in_softmax(model);
    classify->is_labels = loss && strcmp(loss, "sigmoid") == 0;
    if (!classify->top && (!classify->is_labels || !classify->names))
        classify->top = 5;
    tool_say(&classify->tool, "%s puts out %s", classify->model,
             !classify->is_logits  ? "probabilities"
             : classify->is_labels ? "logits of labels: a sigmoid makes them probabilities"
                                   : "logits: a softmax, or a sigmoid of a single one, makes them "
                                     "probabilities");
}

static void start(struct imgclassify *classify)
{
    struct tool *tool = &classify->tool;
    if (!classify->model)
        tool_usage(tool, "which network? Give -m MODEL");
    if (classify->header && classify->format != FORMAT_TSV)
        tool_usage(tool, "--header goes with --format tsv only");
    network_load(&classify->network, tool, classify->model, classify->force);
    if (!network_takes_pictures(&classify->network) && !network_takes_vectors(&classify->network))
        tool_usage(
            tool,
            "%s is no network for pictures or features: its input must be one f32 tensor of four "
            "dimensions, or two "
            "(imgfeat --raw runs any network)",
            classify->model);
    classify->network.options.batch = (int)classify->batch;
    classify->network.options.exact = classify->exact;
    network_prepare(&classify->network, tool);
    read_names(classify);
    find_meaning(classify);
    tool->binary = classify->format == FORMAT_ITS;
    tool_output(tool);
    if (classify->header)
        write_header(classify);
}

int main(int argc, char **argv)
{
    struct imgclassify classify = {
        .tool =
            {.name = "imgclassify",
             .usage = "-m MODEL [OPTION]... [FILE]...",
             .purpose = "Say which class each picture of a stream of tensors belongs to.",
             .examples =
                 "  imgextract photos.tar | imgprep -m shapes.onnx | imgclassify -m shapes.onnx\n"
                 "  imgclassify -m shapes.onnx -k 1 --format jsonl test.its\n",
             .options = options,
             .set = set,
             .state = &classify},
    };
    struct map map = {
        .work = work, .context = &classify, .worker_new = worker_new, .worker_free = worker_free};
    struct reader *reader;
    struct writer *writer;
    int operand = tool_start(&classify.tool, argc, argv);
    start(&classify);
    map.batch = (size_t)net_batch(classify.network.net);
    map.text = classify.format != FORMAT_ITS;
    writer = map.text ? NULL : tool_writer(&classify.tool);
    reader = tool_reader(&classify.tool, argc, argv, operand);
    tool_map(&classify.tool, &map, reader, writer);
    reader_free(reader);
    writer_free(writer);
    network_close(&classify.network);
    free(classify.text);
    free(classify.names);
    return tool_finish(&classify.tool);
}
