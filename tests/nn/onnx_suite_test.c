/* The operator tests of the ONNX project and its four light networks, each run twice: through the
 * engine's door (nn/net.h) and node by node through nn/ops. If one fails, a model that other
 * runtimes run gives wrong numbers here.
 *
 * Those that are not supported are listed, with the reason, in onnx_suite_skips.txt; one that is
 * listed but passes is a failure, so that the list stays true. The archive is shared data: without
 * it everything is skipped. */
#include "nn/net.h"
#include "nn/onnx.h"
#include "tests/nn/interpret.h"
#include "tests/tap.h"

#include "base/io.h"

#include <archive.h>
#include <archive_entry.h>

static const double RTOL = 1e-3, ATOL = 1e-5;
enum { FILES_MAX = 8000, TENSORS_MAX = 64, NETWORK_PATH = 200 };

struct file {
    char *path;
    unsigned char *bytes;
    size_t size;
};
static struct file files[FILES_MAX];
static size_t file_count;

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int load_archive(const char *path)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_filter_all(archive);
    archive_read_support_format_all(archive);
    if (archive_read_open_filename(archive, path, 1 << 16) != ARCHIVE_OK) {
        archive_read_free(archive);
        return 0;
    }
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK && file_count < FILES_MAX) {
        struct file *file = &files[file_count];
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue;
        file->size = (size_t)archive_entry_size(entry);
        file->path = strdup(archive_entry_pathname(entry));
        file->bytes = memory_aligned(file->size);
        if (!file->bytes || !file->path ||
            archive_read_data(archive, file->bytes, file->size) != (la_ssize_t)file->size)
            break;
        file_count++;
    }
    archive_read_free(archive);
    qsort(files, file_count, sizeof files[0], by_path);
    return 1;
}

static const struct file *find_file(const char *path)
{
    struct file key = {.path = (char *)(uintptr_t)path};
    return bsearch(&key, files, file_count, sizeof files[0], by_path);
}

/* --- the list of what is not supported: NAME TAB REASON
 * ------------------------------------------- */

static char *skips;

/* The reason, in space; NULL when the test is not listed. */
static const char *skip_reason(const char *name, char space[ERROR_TEXT])
{
    size_t length = strlen(name);
    for (const char *line = skips; line && *line; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, name, length) == 0 && line[length] == '\t') {
            snprintf(space, ERROR_TEXT, "%.*s", (int)strcspn(line + length + 1, "\n"),
                     line + length + 1);
            return space;
        }
        if (!line[strcspn(line, "\n")])
            break;
    }
    return NULL;
}

/* --- one test
 * ------------------------------------------------------------------------------------- */

struct test {
    struct model *model;
    struct arena *arena;
    struct tensor inputs[TENSORS_MAX], expected[TENSORS_MAX];
    size_t output_count;
};

/* FOLDER/KIND_I.pb */
static enum status load_tensor(const char *folder, const char *kind, size_t i, struct arena *arena,
                               struct tensor *tensor, struct error *err)
{
    char path[2 * NETWORK_PATH];
    const struct file *file;
    snprintf(path, sizeof path, "%s%s_%zu.pb", folder, kind, i);
    file = find_file(path);
    if (!file)
        return error_set(err, STATUS_END, "no %s", path);
    return onnx_parse_tensor(file->bytes, file->size, arena, tensor, err);
}

/* The light networks come without inputs: theirs is 0, 1/n, 2/n ... */
static enum status ramp(const struct value *value, struct arena *arena, struct tensor *tensor,
                        struct error *err)
{
    int64_t count = shape_count(&value->shape);
    float *data = count > 0 ? arena_alloc(arena, (size_t)count, sizeof *data) : NULL;
    if (!data)
        return error_set(err, STATUS_FAILED, "input '%s' has no fixed shape", value->name);
    for (int64_t i = 0; i < count; i++)
        data[i] = (float)((double)i / (double)count);
    *tensor = (struct tensor){ELEMENT_F32, value->shape, data};
    return STATUS_OK;
}

/* A file for each input that has one, in the order of the graph's inputs. */
static enum status load_test(struct test *test, const char *folder, int light, struct error *err)
{
    enum status status = STATUS_OK;
    if (test->model->input_count > TENSORS_MAX || test->model->output_count > TENSORS_MAX)
        return error_set(err, STATUS_FAILED, "more than %d inputs or outputs", TENSORS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < test->model->input_count; i++)
        status = light ? ramp(&test->model->values[test->model->inputs[i]], test->arena,
                              &test->inputs[i], err)
                       : load_tensor(folder, "input", i, test->arena, &test->inputs[i], err);
    for (size_t i = 0; status == STATUS_OK && i < test->model->output_count; i++)
        status = load_tensor(folder, "output", i, test->arena, &test->expected[i], err);
    return status;
}

static enum status compare(const struct test *test, const struct tensor *outputs, const char *who,
                           struct error *err)
{
    char why[ERROR_TEXT];
    for (size_t i = 0; i < test->model->output_count; i++)
        if (!interpret_same(&outputs[i], &test->expected[i], RTOL, ATOL, why))
            return error_set(err, STATUS_DAMAGED, "%s: output %zu: %s", who, i, why);
    return STATUS_OK;
}

static enum status run_reference(const struct test *test, struct error *err)
{
    struct tensor outputs[TENSORS_MAX];
    enum status status = interpret(test->model, test->inputs, outputs, test->arena, err);
    return status == STATUS_OK ? compare(test, outputs, "reference", err) : status;
}

static enum status run_engine(const struct test *test, struct error *err)
{
    struct net_options options = {0};
    struct net *net = NULL;
    struct session *session = NULL;
    struct tensor outputs[TENSORS_MAX];
    enum status status = net_new(test->model, &options, &net, err);
    if (status == STATUS_OK)
        status = session_new(net, &session, err);
    if (status == STATUS_OK)
        status = session_run(session, test->inputs, test->model->input_count, outputs, err);
    if (status == STATUS_OK)
        status = compare(test, outputs, "engine", err);
    else
        error_prefix(err, "engine");
    session_free(session);
    net_free(net);
    return status;
}

static enum status run_data(struct test *test, const char *folder, int light, struct error *err)
{
    enum status status = load_test(test, folder, light, err);
    if (status == STATUS_OK)
        status = run_reference(test, err);
    return status == STATUS_OK ? run_engine(test, err) : status;
}

static enum status run_test(const struct file *file, struct error *err)
{
    struct test test = {.arena = arena_new()};
    char folder[NETWORK_PATH];
    enum status status = onnx_parse(file->bytes, file->size, &test.model, err);
    int light = strncmp(file->path, "light/", 6) == 0;
    int sets = 0;
    for (; status == STATUS_OK && !light; sets++) {
        char probe[NETWORK_PATH + 16];
        snprintf(folder, sizeof folder, "%.*s/test_data_set_%d/",
                 (int)(strrchr(file->path, '/') - file->path), file->path, sets);
        snprintf(probe, sizeof probe, "%soutput_0.pb", folder);
        if (!find_file(probe))
            break;
        status = run_data(&test, folder, 0, err);
    }
    if (status == STATUS_OK && light) {
        snprintf(folder, sizeof folder, "%.*s_", (int)(strlen(file->path) - strlen(".onnx")),
                 file->path);
        status = run_data(&test, folder, 1, err);
        sets = 1;
    }
    if (status == STATUS_OK && sets == 0)
        status = error_set(err, STATUS_DAMAGED, "no data");
    model_free(test.model);
    arena_free(test.arena);
    return status;
}

/* "node/test_add/model.onnx" is test "node/test_add". */
static void check(const struct file *file)
{
    struct error err = {0};
    char name[NETWORK_PATH], space[ERROR_TEXT];
    const char *end = strstr(file->path, "/model.onnx"), *reason;
    enum status status;
    snprintf(name, sizeof name, "%.*s",
             (int)(end ? (size_t)(end - file->path) : strlen(file->path)), file->path);
    reason = skip_reason(name, space);
    status = run_test(file, &err);
    if (reason && status != STATUS_OK)
        skip(name, reason);
    else if (reason)
        ok(0, "%s passes: take it off onnx_suite_skips.txt", name);
    else if (!ok(status == STATUS_OK, "%s", name))
        printf("#   %s\n", err.text);
}

int main(void)
{
    const char *shared = getenv("SHARED"), *source = getenv("SRCDIR");
    char path[4096];
    size_t size;
    struct error err;
    snprintf(path, sizeof path, "%s/tests/nn/onnx_suite_skips.txt", source ? source : ".");
    if (io_slurp(path, 1 << 20, &skips, &size, &err) != STATUS_OK)
        skips = NULL;
    snprintf(path, sizeof path, "%s/data/onnx-tests/onnx-tests.tar.gz",
             shared ? shared : "../shared");
    if (!load_archive(path)) {
        skip("the operator tests of the ONNX project", "no onnx-tests.tar.gz in the shared data");
        free(skips);
        return tap_done();
    }
    for (size_t i = 0; i < file_count; i++)
        if (strstr(files[i].path, ".onnx"))
            check(&files[i]);
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].path);
        free(files[i].bytes);
    }
    free(skips);
    return tap_done();
}
