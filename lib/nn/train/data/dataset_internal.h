/* Inside nn/train/data: what a data set is. dataset.c reads it in, dataset_fetch.c gives samples
 * out. */
#ifndef NN_TRAIN_DATA_DATASET_INTERNAL_H
#define NN_TRAIN_DATA_DATASET_INTERNAL_H

#include "nn/train/data/dataset.h"

enum { TABLE_CHANNELS = 4 };

struct name {
    char *text;
    int first; /* its number in order of appearance */
};

struct dataset {
    enum element_type type;
    struct shape shape;
    struct dims dims;
    int chw;
    struct buffer recipe; /* NUL-terminated */
    struct buffer node;   /* likewise */
    size_t sample;        /* bytes of one */
    size_t count;
    struct buffer labels; /* int32_t, of one sample after the other: order of appearance while
                             reading, then the place; -1 - place where it is not known */
    struct buffer ends;   /* size_t per sample: behind its last label; empty: one label each */
    struct name *names;   /* sorted */
    size_t name_count, name_room;
    size_t label_count; /* the names, of a validation set those of the training set */
    struct dataset_skipped skipped;
    uint64_t checksum;

    struct buffer bytes; /* the samples, while they fit */
    int64_t memory;
    int fd; /* else: where they are; -1 */
    const char *path;
    struct buffer
        offsets; /* uint64_t per sample, in a stream file; empty: sample i is at i * sample */

    unsigned char **scratch; /* per worker: one sample */
    int workers;
    float table[TABLE_CHANNELS][256];
    int table_channels;
};

/* dataset.c. The first record says what all are, and `like`, where not NULL, instead of it. */
enum status dataset_begin(struct dataset *dataset, const struct record *record,
                          const struct dataset *like, struct error *err);
/* STATUS_USAGE: another type, shape or recipe; STATUS_DAMAGED: a number that is none. */
enum status dataset_check(const struct dataset *dataset, const struct record *record,
                          struct error *err);
enum status dataset_check_finite(const struct dataset *dataset, const struct record *record,
                                 struct error *err);
/* Where the label is or would be among the sorted ones. */
size_t dataset_find_label(const struct dataset *dataset, const char *text, int *found);
/* Adds it, unless it is there; *number counts labels in the order in which they were added. */
enum status dataset_add_label(struct dataset *dataset, const char *text, int *number,
                              struct error *err);

/* dataset_fetch.c. Where a sample begins in the file; and `size` bytes of the file. */
uint64_t dataset_offset(const struct dataset *dataset, size_t sample);
enum status dataset_pread(const struct dataset *dataset, uint64_t offset, size_t size, void *bytes,
                          struct error *err);
size_t dataset_area(const struct dataset *dataset); /* pixels; 1 for a vector */
/* The stored bytes are already the floats wanted, channel by channel (chw) or pixel by pixel. */
int dataset_is_plain(const struct dataset *dataset, int chw);
void dataset_convert(const struct dataset *dataset, const unsigned char *bytes, int chw,
                     float *pixels);

#endif
