/* nn/train/data/rows: a data set as rows of floats, many at a time, for one who goes through all of
 * it again and again.
 *
 * What is in a file comes by one large read for a block of samples; samples that are floats already
 * are used where they lie, in memory or in what was read. */
#ifndef NN_TRAIN_DATA_ROWS_H
#define NN_TRAIN_DATA_ROWS_H

#include "nn/train/data/dataset.h"

struct rows;
/* For `workers` threads that fetch up to `most` samples at once. The data set must outlive it. */
enum status rows_new(const struct dataset *dataset, int workers, size_t most, struct rows **rows,
                     struct error *err);
/* row[i] is sample first + i, channel by channel as ONNX's Flatten makes it, i < count <= most;
 * good until the worker's next call. Different workers may fetch at the same time. */
enum status rows_fetch(struct rows *rows, int worker, size_t first, size_t count, const float **row,
                       struct error *err);
const struct dataset *rows_dataset(const struct rows *rows);
void rows_free(struct rows *rows);

#endif
