/* What the files of this room share: an operand opened as an iterator, the input below it, and
 * small helpers. */
#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H

#include "source/source.h"

#include <locale.h>
#include <stddef.h>

/* ---- magic.c: what bytes are ---- */

enum content { CONTENT_UNKNOWN, CONTENT_PICTURE, CONTENT_IDX, CONTENT_STREAM };
enum { CONTENT_HEAD = 32 }; /* bytes that content_of wants to see, fewer when there are no more */

enum content content_of(const unsigned char *head, size_t size);
/* An archive or a compressed file? */
int is_archive(const char *name, const unsigned char *head, size_t size);
/* Does the name claim to be a picture (.jpg, .png ...)? */
int name_of_picture(const char *name);
/* Could a file of that name and size (-1: unknown) be a CIFAR-10 batch? The bytes have no mark. */
int name_of_cifar(const char *name, int64_t size);
/* After the last slash. */
const char *base_name(const char *path);

/* ---- input.c: bytes through libarchive ---- */

struct archive;
struct archive_entry;

/* A file or standard input, decompressed; either an archive whose members are walked, or raw bytes.
 */
struct input {
    const char *name; /* for messages; "standard input" for "-" */
    int fd;
    int owns_fd, seekable;
    locale_t utf8;
    unsigned char *memory; /* INPUT_KEPT and INPUT_BLOCK bytes */
    unsigned char *block;  /* the latter: what was read last */
    size_t held;           /* of the block, read ahead to look at and not yet given to libarchive */
    size_t kept;           /* bytes that stand before the block, in the input as in memory */
    size_t got;            /* bytes in the block, given to libarchive */
    int64_t offset;        /* of the block's end in the input */
    int zip;               /* it begins as a zip does */
    struct archive *archive;
    struct archive_entry *entry; /* the current member; libarchive's */
    int next, met;  /* libarchive's answer to the last header; met: it waits for input_member */
    int read_errno; /* the file could not be read: the system's fault, not the archive's */
    int raw;        /* no container: the bytes are the only member */
    int fatal;      /* libarchive cannot go on */
    unsigned char head[CONTENT_HEAD]; /* the first bytes of the current member, pushed back */
    size_t head_size, head_at;
};

/* STATUS_SYSTEM: cannot be opened; STATUS_DAMAGED: empty, or (for SOURCE_ARCHIVE) no archive. A raw
 * input stands at its first byte with `head` filled; an archive stands before its first member. */
enum status input_open(const char *path, enum source_format format, struct input **input,
                       struct error *err);
/* The next member of an archive, `head` filled unless `unreadable` says why not (STATUS_OK with its
 * text in err). STATUS_END; STATUS_DAMAGED: call again for what follows. */
enum status input_member(struct input *input, int *unreadable, struct error *err);
const char *input_member_name(struct input *input, char spare[64]);
int64_t input_member_size(const struct input *input); /* -1: unknown */
/* NULL for a regular file, else what it is. */
const char *input_member_odd(const struct input *input);
/* Up to size bytes of the member, fewer only at its end. STATUS_FAILED: this member cannot be read,
 * others can; STATUS_DAMAGED: nothing more can. */
enum status input_read(struct input *input, void *bytes, size_t size, size_t *got,
                       struct error *err);
/* The rest of the member behind buffer->size; STATUS_FAILED beyond `limit` bytes too. */
enum status input_read_all(struct input *input, uint64_t limit, struct buffer *buffer,
                           struct error *err);
/* The next bytes for libarchive, 0 at the end; -1: read_errno says why not. */
int64_t input_more(struct input *input, const void **bytes);
void input_free(struct input *input);

/* ---- ending.c: what stands behind the end of an archive ---- */

/* After the last member. STATUS_END: the zip, 7z, cpio or compressed tar is whole and nothing but
 * zeros follow it (other kinds are not looked at); STATUS_DAMAGED; STATUS_SYSTEM. */
enum status input_rest(struct input *input, struct error *err);

/* ---- one operand ---- */

struct context {
    const struct source_options *options;
    struct source_counts *counts;
};

/* An operand opened. next fills the record with kind, key (the name within the operand), payload
 * and, where the operand itself says it, label; statuses as source_next. */
struct items {
    const struct context *context;
    struct input *input; /* its own; NULL for a folder */
    const char *path;    /* the operand */
    char joint;          /* between operand and name: ':' or '/'; 0: the operand is the name */
    int passes;          /* its records are passed on as they are */
    enum status (*next)(struct items *items, struct record *record, struct error *err);
    void (*free)(struct items *items);
};

/* `size` zeroed bytes that begin with these items; NULL when memory is short, and then the input is
 * freed too. */
void *items_new(size_t size, const struct items *items);
/* Frees the input and the items: what `free` does, at its end. */
void items_free(struct items *items);

/* Each takes the input over, also when it fails. */
enum status archive_items(struct input *input, const struct context *context, struct items **items,
                          struct error *err);
enum status idx_items(struct input *input, const struct context *context, const char *path,
                      struct items **items, struct error *err);
enum status cifar_items(struct input *input, const struct context *context, const char *path,
                        struct items **items, struct error *err);
enum status picture_items(struct input *input, const struct context *context, const char *path,
                          struct items **items, struct error *err);
enum status stream_items(struct input *input, const struct context *context, struct items **items,
                         struct error *err);
enum status folder_items(const char *path, const struct context *context, struct items **items,
                         struct error *err);

/* Counts a member that is passed over and tells the listener. */
void skip_member(const struct context *context, uint64_t *counter, const char *key,
                 const char *why);
/* record_set_key; a name longer than RECORD_KEY_MAX is cut and told apart by a hash. */
enum status set_key(struct record *record, const char *name, struct error *err);
/* The record becomes an encoded picture named so, or the error record of it. */
enum status begin_picture(struct record *record, const char *name, struct error *err);
enum status fail_picture(const struct context *context, struct record *record, const char *name,
                         const char *reason, struct error *err);
/* What to do with a member or file whose first bytes are known: 1 give it out, 0 skip it (done,
 * counted), -1 it claims to be a picture and is none (`why` says so). */
int judge_picture(const struct context *context, const char *name, const unsigned char *head,
                  size_t size, char why[128]);

/* ---- cifar.c: also for batches inside archives ---- */

enum { CIFAR_PIXELS = 32 * 32, CIFAR_RECORD = 1 + 3 * CIFAR_PIXELS, CIFAR_CLASSES = 10 };

struct cifar {
    int64_t number; /* of the next picture */
    char names[CIFAR_CLASSES][64];
    int named; /* names come from a batches.meta.txt */
};
void cifar_start(struct cifar *cifar);
/* The names in a batches.meta.txt, one a line. */
void cifar_names(struct cifar *cifar, const char *text);
/* The next picture; STATUS_END at the batch's end; `batch` NULL, or a name to stand before the
 * number. */
enum status cifar_next(struct cifar *cifar, struct input *input, const char *batch,
                       struct record *record, struct error *err);

/* ---- label.c ---- */

struct labeller;
enum status labeller_new(const struct source_options *options, struct labeller **labeller,
                         struct error *err);
/* Sets the record's label by the rule, or removes it; path is what the folder rule looks at. */
enum status labeller_apply(const struct labeller *labeller, struct record *record, const char *path,
                           struct error *err);
void labeller_free(struct labeller *labeller);

/* Is the member a label of the kind that the rule looks for: NAME.cls, or for LABEL_SIDECAR also
 * NAME.txt? */
int name_of_sidecar(enum label_rule rule, const char *name);
/* Does the sidecar belong to the picture? 2: same name but for the last suffix; 1: the sidecar is
 * KEY.cls and the picture's file name up to the first dot is KEY (WebDataset); 0: no. */
int sidecar_match(const char *sidecar, const char *picture);
/* Labels the record with the file beside the picture file, if there is one. */
enum status sidecar_beside(enum label_rule rule, const char *path, struct record *record,
                           struct error *err);
/* Cuts a label file's text to its first line, without blanks around it. */
char *sidecar_label(char *text);
enum { SIDECAR_MAX = 64 * 1024 };

/* ---- unique.c: the names seen ---- */

struct names;
struct names *names_new(void);
/* STATUS_OK and *fresh = 1 when the name is new (it is then remembered). */
enum status names_add(struct names *names, const char *name, int *fresh, struct error *err);
void names_free(struct names *names);

#endif
