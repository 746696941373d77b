#include "tools/published.h"

#include "base/number.h"
#include "base/sha256.h"
#include "table/tsv.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COLUMN_NAME, COLUMN_SIZE, COLUMN_SUM, COLUMN_RECIPE = 4, COLUMN_NOTE = 7, COLUMNS };

/* The folder of this program, with a slash, or "" when the system does not tell. */
static void program_folder(char folder[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    folder[length > 0 ? length : 0] = '\0';
    folder[strrchr(folder, '/') ? strrchr(folder, '/') - folder + 1 : 0] = '\0';
}

/* 0: there is none. */
static int find_table(char path[2 * PATH_MAX])
{
    static const char *const places[] = {"../share/imgutils/models", "../../models"};
    const char *said = getenv("IMGUTILS_MODELS");
    char folder[PATH_MAX];
    if (said && *said) {
        snprintf(path, 2 * PATH_MAX, "%s/public.tsv", said);
        return 1;
    }
    program_folder(folder);
    for (size_t i = 0; *folder && i < sizeof places / sizeof *places; i++) {
        snprintf(path, 2 * PATH_MAX, "%s%s/public.tsv", folder, places[i]);
        if (access(path, R_OK) == 0)
            return 1;
    }
    return 0;
}

/* The SHA-256 of the file. */
static enum status sum_of(const char *path, char sum[SHA256_HEX], struct error *err)
{
    enum { PIECE = 1 << 16 };
    struct sha256 sha;
    unsigned char *piece = malloc(PIECE);
    enum status status = STATUS_OK;
    size_t got = PIECE;
    int file = piece ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (!piece)
        return error_memory(err);
    if (file < 0)
        status = error_errno(err, "%s", path);
    sha256_init(&sha);
    while (status == STATUS_OK && got == PIECE) {
        status = io_read(file, path, piece, PIECE, &got, err);
        if (status == STATUS_OK)
            sha256_update(&sha, piece, got);
    }
    if (file >= 0)
        close(file);
    free(piece);
    sha256_final(&sha, sum);
    return status;
}

/* What is looked for, and what the table says of it. */
struct search {
    const char *path; /* of the model */
    int64_t size;
    char sum[SHA256_HEX]; /* "" before it was wanted */
    char name[128];       /* "" when it is not there */
    char note[256];
    char *recipe; /* NULL when it has none */
};

/* Is it the row's model? STATUS_END when it is. */
static enum status compare(struct search *search, const struct tsv_row *row, struct error *err)
{
    int64_t size;
    enum status status = STATUS_OK;
    if (row->count < COLUMNS ||
        number_integer(row->fields[COLUMN_SIZE], 0, INT64_MAX, &size, NULL) != STATUS_OK ||
        size != search->size)
        return STATUS_OK;
    if (!*search->sum)
        status = sum_of(search->path, search->sum, err);
    if (status != STATUS_OK || strcmp(row->fields[COLUMN_SUM], search->sum) != 0)
        return status;
    snprintf(search->name, sizeof search->name, "%s", row->fields[COLUMN_NAME]);
    snprintf(search->note, sizeof search->note, "%s", row->fields[COLUMN_NOTE]);
    if (*row->fields[COLUMN_RECIPE] && !(search->recipe = strdup(row->fields[COLUMN_RECIPE])))
        return error_memory(err);
    return STATUS_END;
}

static enum status look_up(struct search *search, char *table, struct error *err)
{
    struct tsv *tsv;
    struct tsv_row row;
    enum status status = tsv_open(&table, 1, &tsv, err);
    if (status != STATUS_OK)
        return status;
    while ((status = tsv_next(tsv, &row, err)) == STATUS_OK &&
           (status = compare(search, &row, err)) == STATUS_OK)
        ;
    tsv_free(tsv);
    return status == STATUS_END ? STATUS_OK : status;
}

void published_recipe(struct tool *tool, const char *path, struct model *model,
                      char why[PUBLISHED_WHY])
{
    struct error err;
    struct stat file;
    struct search search = {.path = path};
    char table[2 * PATH_MAX], ignored[PUBLISHED_WHY];
    why = why ? why : ignored;
    *why = '\0';
    if (model_get_metadata(model, MODEL_RECIPE))
        return;
    if (stat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return;
    search.size = (int64_t)file.st_size;
    if (!find_table(table)) {
        snprintf(why, PUBLISHED_WHY,
                 "no table of published models (public.tsv) was found; "
                 "IMGUTILS_MODELS can name its folder");
        return;
    }
    if (look_up(&search, table, &err) != STATUS_OK)
        tool_die(tool, &err);
    if (search.recipe && model_set_metadata(model, MODEL_RECIPE, search.recipe) < 0) {
        error_memory(&err);
        tool_die(tool, &err);
    }
    if (search.recipe)
        tool_say(tool, "%s is the published model %s: its recipe is that of %s", path, search.name,
                 table);
    else if (*search.name)
        snprintf(why, PUBLISHED_WHY, "it is the published model %s: %s", search.name, search.note);
    else
        snprintf(why, PUBLISHED_WHY, "it is none of the published models in %.300s", table);
    free(search.recipe);
}
