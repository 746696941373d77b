/* The table: headings and rows. */
#include "stats/plot/training.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

static const char *const headings[TRAINING_COLUMNS] = {
    "epoch",
    "step",
    "loss",
    "accuracy",
    "rate",
    "images_per_second",
    "validation_loss",
    "validation_accuracy",
};

static size_t place_of(const char *heading, char *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i], heading) == 0)
            return i + 1;
    return 0;
}

int training_is_header(char *const *fields, size_t count)
{
    return place_of(headings[TRAINING_STEP], fields, count) &&
           place_of(headings[TRAINING_LOSS], fields, count);
}

static enum status take_header(struct training_log *log, char *const *fields, size_t count,
                               struct error *err)
{
    static const enum training_column needed[] = {TRAINING_STEP, TRAINING_LOSS};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!place_of(headings[needed[i]], fields, count))
            return error_set(err, STATUS_DAMAGED,
                             "no column '%s' among the headings: expected the table that imgtrain "
                             "--log writes",
                             headings[needed[i]]);
    for (int i = 0; i < TRAINING_COLUMNS; i++)
        log->place[i] = place_of(headings[i], fields, count);
    log->columns = count;
    return STATUS_OK;
}

static enum status take_value(const char *text, enum training_column column, double *value,
                              struct error *err)
{
    *value = (double)NAN;
    if (!*text && column != TRAINING_STEP)
        return STATUS_OK;
    if (number_real(text, value, NULL) != STATUS_OK)
        return error_set(err, STATUS_DAMAGED, "'%.64s' in column %s is no number", text,
                         headings[column]);
    if (column == TRAINING_STEP && *value < 0)
        return error_set(err, STATUS_DAMAGED, "step %.64s is below 0", text);
    return STATUS_OK;
}

size_t training_count(const struct training_log *log)
{
    return log->rows.size / sizeof(struct training_row);
}

enum status training_add(struct training_log *log, char *const *fields, size_t count,
                         struct error *err)
{
    const struct training_row *rows = (const struct training_row *)log->rows.data;
    struct training_row row;
    if (log->columns == 0)
        return take_header(log, fields, count, err);
    if (training_is_header(fields, count)) /* of the next part of a training */
        return take_header(log, fields, count, err);
    if (count != log->columns)
        return error_set(err, STATUS_DAMAGED, "the row has %zu column%s, and the headings %zu",
                         count, count == 1 ? "" : "s", log->columns);
    for (int i = 0; i < TRAINING_COLUMNS; i++) {
        const char *text = log->place[i] ? fields[log->place[i] - 1] : "";
        TRY(take_value(text, (enum training_column)i, &row.value[i], err));
    }
    while (log->rows.size &&
           rows[training_count(log) - 1].value[TRAINING_STEP] >= row.value[TRAINING_STEP])
        log->rows.size -= sizeof row;
    return buffer_append(&log->rows, &row, sizeof row, err);
}

void training_free(struct training_log *log)
{
    buffer_free(&log->rows);
}
