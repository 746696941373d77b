/* nn/train/data/dataset: labelled tensors of a stream, any of which can be fetched at any time, as
 * shuffling needs it.
 *
 * A stream is read once from front to back. What fits into the memory allowed stays there; beyond
 * that a regular file is read again at the record's offset, and anything else (a pipe, several
 * files) is kept in an unnamed temporary file in $TMPDIR. All records must be tensors of the same
 * type, shape, recipe and node.
 */
#ifndef NN_TRAIN_DATA_DATASET_H
#define NN_TRAIN_DATA_DATASET_H

#include "nn/train/train.h"
#include "stream/reader.h"

struct dataset;

struct dataset_options {
    int64_t memory;      /* bytes of tensors kept in memory */
    int workers;         /* how many threads will fetch */
    const char **labels; /* the labels that there are, in any order; NULL: those found. No matter
                            with `like` */
    size_t label_count;
    int sets;         /* a label is a set of names (stream/label_set.h); else one name */
    const char *name; /* of the one file, for messages; NULL: none, or several */
    const char *path; /* the one regular file that the reader reads; NULL: a pipe or several */
    const struct dataset
        *like; /* the training set, for validation: its labels, type, shape and recipe; or NULL */
    void *context;                                   /* for progress */
    void (*progress)(void *context, size_t records); /* NULL: none; called now and then */
};

/* What was left out, and why. */
struct dataset_skipped {
    size_t errors;          /* error records */
    size_t unlabelled;      /* tensors without a label */
    size_t unknown;         /* tensors whose label the training set, or `labels`, does not have */
    char first_unknown[64]; /* that label */
};

/* Reads to the end. STATUS_USAGE: records that do not belong together, or nothing that can be used;
 * STATUS_DAMAGED: the stream is not whole, and nobody should learn from half of it; or a number is
 * NaN or infinite. */
enum status dataset_read(struct reader *reader, const struct dataset_options *options,
                         struct dataset **dataset, struct error *err);
/* A data set of a fixed number of places, for samples that come and go. It has these labels, and
 * the first record says what all are. */
enum status dataset_places(const struct record *first, const char *const *labels,
                           size_t label_count, size_t places, struct dataset **dataset,
                           struct error *err);
/* Puts the sample of the record at a place, where another may have been. STATUS_FAILED says why it
 * is left out, and dataset_skipped counts it. */
enum status dataset_put(struct dataset *dataset, size_t place, const struct record *record,
                        struct error *err);
void dataset_copy(struct dataset *dataset, size_t from, size_t to);
/* The record of a place: a tensor with its label, and without a key. */
enum status dataset_get(const struct dataset *dataset, size_t place, struct record *record,
                        struct error *err);
void dataset_free(struct dataset *dataset);
/* Lets the samples go: none is left, and what is said of them all, the labels among it, stays. */
void dataset_forget(struct dataset *dataset);

size_t dataset_count(const struct dataset *dataset);
/* Channels, height, width; height 0 when the records are plain vectors. */
struct dims dataset_dims(const struct dataset *dataset);
const char *dataset_recipe(const struct dataset *dataset); /* "" when there is none */
/* The node of a network whose values they are, where they are features; else "". */
const char *dataset_node(const struct dataset *dataset);
struct dataset_skipped dataset_skipped(const struct dataset *dataset);
/* Of all records read, with their keys and attributes, in their order. */
uint64_t dataset_checksum(const struct dataset *dataset);
/* Labels in byte order of their names; their places are the classes. */
size_t dataset_label_count(const struct dataset *dataset);
const char *dataset_label(const struct dataset *dataset, size_t class);
/* The place of the sample's label, where labels are names. */
int dataset_class(const struct dataset *dataset, size_t sample);
/* What a network is to say of the sample: for each label 1 or 0; -1 where it is not known. */
void dataset_target(const struct dataset *dataset, size_t sample, float *target);

/* u8 pixels become table[channel][pixel] (the recipe's mean and scale); without a table, and f32,
 * they stay. At most 4 channels. */
void dataset_set_table(struct dataset *dataset, const float (*table)[256], int channels);
/* The elements are channel by channel (CHW); otherwise pixel by pixel. Guessed from the shape until
 * it is said. */
void dataset_set_layout(struct dataset *dataset, int chw);

/* Sample as height x width x channels. Different workers may fetch at the same time. */
enum status dataset_fetch(const struct dataset *dataset, int worker, size_t sample, float *pixels,
                          struct error *err);

#endif
