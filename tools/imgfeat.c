/* imgfeat: what any node of a network says about each picture. */
#include "tools/network.h"

#include "base/number.h"
#include "base/text.h"
#include "nn/onnx.h"

#include <stdlib.h>
#include <string.h>

struct imgfeat {
    struct tool tool;
    struct network network;
    const char *model; /* -m */
    const char *node;  /* -n */
    int list;          /* --list */
    int explain;       /* --explain */
    int width, height; /* --size; 0: not given */
    int64_t batch;     /* --batch; 0: not given */
    int raw;           /* --raw */
    int exact;         /* --exact */
    int force;         /* --force */
};

enum {
    OPTION_LIST = OPTION_LONG,
    OPTION_EXPLAIN,
    OPTION_SIZE,
    OPTION_BATCH,
    OPTION_RAW,
    OPTION_EXACT,
    OPTION_FORCE
};

static const struct option_entry options[] = {
    {'m', "model", "FILE", "the network (ONNX)"},
    {'n', "node", "NAME", "stop at this node or value (default: what goes into the classifier)"},
    {OPTION_LIST, "list", NULL, "print the network's nodes and end"},
    {OPTION_EXPLAIN, "explain", NULL, "run it, and print what takes how long: its steps, and end"},
    {OPTION_SIZE, "size", "N|WxH",
     "of its pictures, for --list and --explain, where it leaves it open"},
    {OPTION_BATCH, "batch", "N", "pictures per run of the network (default: by its size)"},
    {OPTION_RAW, "raw", NULL, "records are plain tensors, one for each input of the network"},
    {OPTION_EXACT, "exact", NULL, "no convolutions by transforms, which round more"},
    {OPTION_FORCE, "force", NULL, "take records of another recipe than the model's"},
    {0, NULL, NULL, NULL},
};

static enum status set(void *state, int id, const char *argument, struct error *err)
{
    struct imgfeat *feat = state;
    switch (id) {
    case 'm':
        feat->model = argument;
        break;
    case 'n':
        feat->node = argument;
        break;
    case OPTION_LIST:
        feat->list = 1;
        break;
    case OPTION_EXPLAIN:
        feat->explain = 1;
        break;
    case OPTION_SIZE:
        return number_size(argument, &feat->width, &feat->height, err);
    case OPTION_BATCH:
        return number_integer(argument, 1, NETWORK_BATCH_MAX, &feat->batch, err);
    case OPTION_RAW:
        feat->raw = 1;
        break;
    case OPTION_EXACT:
        feat->exact = 1;
        break;
    default:
        feat->force = 1;
    }
    return STATUS_OK;
}

/* ---- --list ---- */

static void list_node(void *context, const struct node *node, const char *output,
                      const struct tensor *what)
{
    struct buffer *out = context;
    struct error err;
    char text[SHAPE_TEXT];
    text_tsv(out, node->name, &err);
    buffer_text(out, "\t", &err);
    text_tsv(out, node->op_type, &err);
    buffer_text(out, "\t", &err);
    text_tsv(out, output, &err);
    buffer_printf(out, &err, "\t%s\t%s\n", what ? element_name(what->type) : "?",
                  what ? shape_format(&what->shape, text) : "?");
}

/* What cannot be run can be looked at: without types and shapes, and it is told why. */
static void list_model(struct imgfeat *feat, const struct model *model, struct error *why,
                       struct buffer *out)
{
    error_prefix(why, "%s", feat->model);
    tool_note(&feat->tool, STATUS_FAILED, why);
    for (size_t i = 0; i < model->node_count; i++) {
        const struct node *node = &model->nodes[i];
        int output = node->output_count ? node->outputs[0] : -1;
        if (strcmp(node->op_type, "Constant") != 0)
            list_node(out, node, output < 0 ? "" : model->values[output].name, NULL);
    }
}

static int list_nodes(struct imgfeat *feat)
{
    struct error err;
    struct net_options net_options = {
        .batch = 1, .reference = 1, .width = feat->width, .height = feat->height};
    struct model *model;
    struct net *net;
    struct buffer out = {0};
    enum status status;
    if (onnx_load(feat->model, &model, &err) != STATUS_OK)
        tool_die(&feat->tool, &err);
    tool_output(&feat->tool);
    status = net_new(model, &net_options, &net, &err);
    if (status == STATUS_OK)
        status = net_list(net, list_node, &out, &err);
    if (status == STATUS_FAILED)
        list_model(feat, model, &err, &out);
    else if (status != STATUS_OK)
        tool_die(&feat->tool, &err);
    if (io_write(feat->tool.output.fd, feat->tool.output.name, out.data, out.size, &err) !=
        STATUS_OK)
        tool_die(&feat->tool, &err);
    buffer_free(&out);
    net_free(net);
    model_free(model);
    return tool_finish(&feat->tool);
}

/* ---- --explain ---- */

static void explain_sums(struct buffer *out, const struct net_profile *profile, int batch,
                         double flop, double seconds, int64_t weights, struct error *err)
{
    buffer_printf(out, err, "total\t%zu steps\t%s\tbatch %d\t%.4g\t%.4g\t100\t%.4g\t%.4g\t%.4g\n",
                  profile->step_count, profile->isa, batch, flop / 1e9, seconds * 1e3,
                  seconds > 0 ? flop / 1e9 / seconds : 0, (double)weights / 1e6,
                  (double)profile->memory / 1e6);
}

static void explain_step(struct buffer *out, const struct net_step *step, double total,
                         struct error *err)
{
    char text[SHAPE_TEXT];
    text_tsv(out, step->node, err);
    buffer_text(out, "\t", err);
    text_tsv(out, *step->operators ? step->operators : "-", err);
    buffer_printf(out, err, "\t%s\t%s\t%.4g\t%.4g\t%.2f\t%.4g\t%.4g\t%.4g\n", step->kernel,
                  step->known ? shape_format(&step->output.shape, text) : "?", step->flop / 1e9,
                  step->seconds * 1e3, total > 0 ? 100 * step->seconds / total : 0,
                  step->seconds > 0 ? step->flop / 1e9 / step->seconds : 0,
                  (double)step->weights / 1e6, (double)step->activations / 1e6);
}

/* A row for each step of a run, and the sums. */
static void explain(const struct net_profile *profile, int batch, struct buffer *out,
                    struct error *err)
{
    double seconds = 0, flop = 0;
    int64_t weights = 0;
    for (size_t i = 0; i < profile->step_count; i++) {
        seconds += profile->steps[i].seconds;
        flop += profile->steps[i].flop;
        weights += profile->steps[i].weights;
    }
    buffer_text(out,
                "node\toperators\tkernel\tshape\tGFLOP\tms\tshare\tGFLOP/s\tweights_MB\t"
                "activations_MB\n",
                err);
    for (size_t i = 0; i < profile->step_count; i++)
        explain_step(out, &profile->steps[i], seconds, err);
    explain_sums(out, profile, batch, flop, seconds, weights, err);
}

static int explain_network(struct imgfeat *feat)
{
    enum { RUNS = 15 };
    struct tool *tool = &feat->tool;
    struct error err = {0};
    struct net_profile profile;
    struct buffer out = {0};
    network_prepare(&feat->network, tool);
    tool_output(tool);
    if (net_profile_new(feat->network.net, RUNS, &profile, &err) != STATUS_OK) {
        error_prefix(&err, "%s", feat->model);
        tool_die(tool, &err);
    }
    explain(&profile, net_batch(feat->network.net), &out, &err);
    if (err.status != STATUS_OK ||
        io_write(tool->output.fd, tool->output.name, out.data, out.size, &err) != STATUS_OK)
        tool_die(tool, &err);
    buffer_free(&out);
    net_profile_free(&profile);
    network_close(&feat->network);
    return tool_finish(tool);
}

/* ---- pictures ---- */

static enum status worker_new(void *context, void **state, struct error *err)
{
    const struct imgfeat *feat = context;
    return network_worker_new(&feat->network, sizeof(struct network_worker), state, err);
}

/* The i-th picture's share of the output becomes a record with the picture's key and attributes,
 * and the name of what it is. */
static enum status share(struct network_worker *worker, const struct record *record, size_t i,
                         struct error *err)
{
    struct record *result = &worker->result;
    const struct tensor *output = &worker->outputs[0];
    struct shape shape = {output->shape.rank - 1, {0}};
    enum status status = record_copy_head(result, record, err);
    if (status == STATUS_OK)
        status = record_set(result, "node", net_output_name(worker->network->net, 0), err);
    memcpy(shape.dim, output->shape.dim + 1, (size_t)shape.rank * sizeof *shape.dim);
    if (status == STATUS_OK)
        status = record_set_tensor(result, output->type, &shape, err);
    if (status == STATUS_OK && result->payload.size)
        memcpy(result->payload.data, (const unsigned char *)output->data + i * result->payload.size,
               result->payload.size);
    return status;
}

static enum status work(void *context, void *state, struct record *records, size_t count,
                        struct emitter *emitter, struct error *err)
{
    struct network_worker *worker = state;
    (void)context;
    for (size_t done = 0; done < count;) {
        size_t group = network_group(records + done, count - done);
        enum status status = network_run(worker, records + done, group, err);
        char reason[ERROR_TEXT];
        if (status != STATUS_OK && status != STATUS_FAILED)
            return status;
        if (status == STATUS_FAILED)
            memcpy(reason, err->text, sizeof reason);
        for (size_t i = 0; i < group; i++) {
            const struct record *record = &records[done + i];
            enum status sent =
                status == STATUS_FAILED ? STATUS_FAILED : share(worker, record, i, err);
            if (sent == STATUS_FAILED)
                sent = emit_failure(emitter, record, status == STATUS_FAILED ? reason : err->text,
                                    err);
            else if (sent == STATUS_OK)
                sent = emit_record(emitter, &worker->result, err);
            if (sent != STATUS_OK)
                return sent;
        }
        done += group;
    }
    return STATUS_OK;
}

static void run_pictures(struct imgfeat *feat, struct reader *reader, struct writer *writer)
{
    struct map map = {.work = work,
                      .context = feat,
                      .worker_new = worker_new,
                      .worker_free = network_worker_free,
                      .batch = (size_t)net_batch(feat->network.net)};
    tool_map(&feat->tool, &map, reader, writer);
}

/* ---- plain tensors ---- */

struct raw_worker {
    struct network_worker network; /* first: see tools/network.h */
    struct tensor *inputs;
};

static void raw_worker_free(void *state)
{
    struct raw_worker *worker = state;
    if (worker)
        free(worker->inputs);
    network_worker_free(worker);
}

static enum status raw_worker_new(void *context, void **state, struct error *err)
{
    const struct imgfeat *feat = context;
    struct raw_worker *worker;
    enum status status = network_worker_new(&feat->network, sizeof *worker, state, err);
    if (status != STATUS_OK)
        return status;
    worker = *state;
    worker->inputs = memory_array(net_input_count(feat->network.net) + 1, sizeof *worker->inputs);
    return worker->inputs ? STATUS_OK : error_memory(err);
}

static enum status raw_run(struct raw_worker *worker, const struct record *records, size_t count,
                           struct error *err)
{
    size_t wanted = net_input_count(worker->network.network->net);
    if (count < wanted)
        return error_set(err, STATUS_FAILED,
                         "the stream ends after %zu of the network's %zu inputs", count, wanted);
    for (size_t i = 0; i < count; i++) {
        if (records[i].kind != RECORD_TENSOR)
            return error_set(err, STATUS_FAILED, "input %zu of the network is no tensor", i + 1);
        worker->inputs[i] = record_tensor(&records[i]);
    }
    return session_run(worker->network.session, worker->inputs, count, worker->network.outputs,
                       err);
}

/* An output becomes a record with its name, and with the key and the attributes of the first input.
 */
static enum status raw_result(struct record *result, const struct record *record, const char *name,
                              const struct tensor *output, struct error *err)
{
    enum status status = record_copy_head(result, record, err);
    if (status == STATUS_OK)
        status = record_set(result, "output", name, err);
    if (status == STATUS_OK)
        status = record_set_tensor(result, output->type, &output->shape, err);
    if (status == STATUS_OK && result->payload.size)
        memcpy(result->payload.data, output->data, result->payload.size);
    return status;
}

/* The records are the network's inputs, one each. */
static enum status raw_work(void *context, void *state, struct record *records, size_t count,
                            struct emitter *emitter, struct error *err)
{
    struct raw_worker *worker = state;
    struct record *result = &worker->network.result;
    const struct net *net = ((const struct imgfeat *)context)->network.net;
    enum status status = raw_run(worker, records, count, err);
    if (status != STATUS_OK && status != STATUS_SYSTEM) {
        struct error reason = *err;
        return emit_failure(emitter, &records[0], reason.text, err);
    }
    for (size_t i = 0; i < net_output_count(net) && status == STATUS_OK; i++) {
        status = raw_result(result, &records[0], net_output_name(net, i),
                            &worker->network.outputs[i], err);
        if (status == STATUS_OK)
            status = emit_record(emitter, result, err);
    }
    return status;
}

static void run_raw(struct imgfeat *feat, struct reader *reader, struct writer *writer)
{
    struct map map = {.work = raw_work,
                      .context = feat,
                      .worker_new = raw_worker_new,
                      .worker_free = raw_worker_free,
                      .batch = net_input_count(feat->network.net),
                      .together = 1};
    tool_map(&feat->tool, &map, reader, writer);
}

int main(int argc, char **argv)
{
    struct imgfeat feat = {
        .tool = {.name = "imgfeat",
                 .usage = "-m MODEL [OPTION]... [FILE]...",
                 .purpose = "Turn a stream of tensors into a stream of features: the values of a "
                            "node of a network.",
                 .examples =
                     "  imgprep -m shapes.onnx pics.its | imgfeat -m shapes.onnx > features.its\n"
                     "  imgfeat -m shapes.onnx --list\n",
                 .options = options,
                 .set = set,
                 .state = &feat,
                 .binary = 1}};
    struct reader *reader;
    struct writer *writer;
    int operand = tool_start(&feat.tool, argc, argv);
    if (!feat.model)
        tool_usage(&feat.tool, "which network? Give -m MODEL");
    if (feat.list && feat.explain)
        tool_usage(&feat.tool, "--list and --explain are two things");
    if (feat.width && !feat.list && !feat.explain)
        tool_usage(&feat.tool, "--size goes with --list or --explain; imgprep decides otherwise");
    feat.tool.binary = !feat.list && !feat.explain;
    if (feat.list)
        return list_nodes(&feat);
    network_load(&feat.network, &feat.tool, feat.model, feat.force);
    feat.network.options = (struct net_options){.node = feat.node,
                                                .batch = (int)feat.batch,
                                                .width = feat.width,
                                                .height = feat.height,
                                                .exact = feat.exact};
    if (feat.explain)
        return explain_network(&feat);
    feat.raw |= !network_takes_pictures(&feat.network) && !network_takes_vectors(&feat.network);
    if (!feat.node && !feat.raw)
        feat.network.options.node = model_features(feat.network.model);
    network_prepare(&feat.network, &feat.tool);
    tool_say(&feat.tool, "%s: %s of %s", feat.model,
             feat.network.options.node ? feat.network.options.node : "the outputs",
             feat.raw ? "plain tensors" : "pictures");
    writer = tool_writer(&feat.tool);
    reader = tool_reader(&feat.tool, argc, argv, operand);
    (feat.raw ? run_raw : run_pictures)(&feat, reader, writer);
    reader_free(reader);
    writer_free(writer);
    network_close(&feat.network);
    return tool_finish(&feat.tool);
}
