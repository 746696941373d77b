/* Our side of tests/conformance/networks.py: runs a model on tensors, in one session.
 *
 *     engine [-iprx] [-b BATCH] [-s HEIGHTxWIDTH] MODEL [INPUT OUTPUT]...
 *
 * Each INPUT holds the model's one input, and its first output goes to OUTPUT: a line with type and
 * shape, "f32 2x3x224x224", and the elements. -i: the f32 input is pictures, given one by one, as
 * imgclassify does (-p: and their channels stand last); -r: by the reference operators; -x: exact,
 * without Winograd. */
#include "base/io.h"
#include "base/memory.h"
#include "nn/net.h"
#include "nn/onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUTS_MAX = 64, PICTURES_MAX = 64 };

/* "f32 2x3" and the elements, in memory that stays allocated. */
static enum status read_tensor(const char *path, struct tensor *tensor, struct error *err)
{
    char *text, *end, *word;
    size_t size;
    TRY(io_slurp(path, (size_t)1 << 32, &text, &size, err));
    end = memchr(text, '\n', size);
    word = strchr(text, ' ');
    if (!end || !word || word > end)
        return error_set(err, STATUS_DAMAGED, "%s: no tensor", path);
    *end = *word++ = '\0';
    tensor->type = element_parse(text);
    for (tensor->shape.rank = 0; *word && tensor->shape.rank < SHAPE_RANK_MAX;
         word += strspn(word, "x"))
        tensor->shape.dim[tensor->shape.rank++] = strtoll(word, &word, 10);
    tensor->data = memory_array(size, 1);
    if (!tensor->data)
        return error_memory(err);
    memcpy(tensor->data, end + 1, size - (size_t)(end + 1 - text));
    free(text);
    return STATUS_OK;
}

static enum status write_tensor(const char *path, const struct tensor *tensor, struct error *err)
{
    char shape[SHAPE_TEXT];
    FILE *file = fopen(path, "wb");
    size_t bytes = (size_t)shape_bytes(&tensor->shape, tensor->type);
    if (!file)
        return error_errno(err, "%s", path);
    fprintf(file, "%s %s\n", element_name(tensor->type), shape_format(&tensor->shape, shape));
    if (fwrite(tensor->data, 1, bytes, file) != bytes || fclose(file) != 0)
        return error_errno(err, "%s", path);
    return STATUS_OK;
}

static enum status run(struct session *session, const struct tensor *input, int pictures, int hwc,
                       struct tensor *outputs, struct error *err)
{
    struct tensor picture[PICTURES_MAX];
    size_t count = (size_t)input->shape.dim[0];
    if (!pictures)
        return session_run(session, input, 1, outputs, err);
    if (count > PICTURES_MAX || input->shape.rank != 4)
        return error_set(err, STATUS_USAGE, "no pictures");
    for (size_t i = 0; i < count; i++) {
        picture[i] = *input;
        picture[i].shape.rank = 3;
        memmove(picture[i].shape.dim, input->shape.dim + 1, 3 * sizeof input->shape.dim[0]);
        picture[i].data = (float *)input->data + (size_t)shape_count(&picture[i].shape) * i;
    }
    return session_run_images(session, picture, hwc, NULL, count, outputs, err);
}

static enum status run_all(struct session *session, char **files, int pictures, int hwc,
                           struct error *err)
{
    struct tensor input, outputs[OUTPUTS_MAX];
    for (; files[0] && files[1]; files += 2) {
        TRY(read_tensor(files[0], &input, err));
        TRY(run(session, &input, pictures, hwc, outputs, err));
        TRY(write_tensor(files[1], &outputs[0], err));
        free(input.data);
    }
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    struct net_options options = {0};
    struct model *model = NULL;
    struct net *net = NULL;
    struct session *session = NULL;
    struct error err;
    enum status status;
    int letter, pictures = 0, hwc = 0;
    while ((letter = getopt(argc, argv, "b:ips:rx")) != -1) {
        if (letter == 'b')
            options.batch = atoi(optarg);
        else if (letter == 's')
            sscanf(optarg, "%dx%d", &options.height, &options.width);
        else if (letter == 'r')
            options.reference = 1;
        else if (letter == 'x')
            options.exact = 1;
        else if (letter == 'i' || letter == 'p')
            pictures = 1, hwc = letter == 'p';
        else
            return 2;
    }
    if (optind >= argc)
        return 2;
    status = onnx_load(argv[optind], &model, &err);
    if (status == STATUS_OK)
        status = net_new(model, &options, &net, &err);
    if (status == STATUS_OK && net_output_count(net) > OUTPUTS_MAX)
        status = error_set(&err, STATUS_FAILED, "too many outputs");
    if (status == STATUS_OK)
        status = session_new(net, &session, &err);
    if (status == STATUS_OK)
        status = run_all(session, argv + optind + 1, pictures, hwc, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "engine: %s\n", err.text);
    session_free(session);
    net_free(net);
    model_free(model);
    return status != STATUS_OK;
}
