/* source: where encoded pictures come from. An iterator over the pictures of archives, folders,
 * file lists, IDX pairs, CIFAR-10 batches and streams, each as one record.
 *
 * What an operand is, is seen from its bytes, after decompression, not from its name. Everything
 * but a folder is read front to back in large blocks, from a file or from standard input; only zip,
 * 7z, ISO and the like, when they are files, are read with seeks, because libarchive needs that.
 *
 * A record has
 *   key      the picture's name, unique in this source. The member's path in its archive; the path
 * below the folder; the path of a picture given by itself; the number (from 00000) within an IDX or
 * CIFAR file. A leading "./" is cut. Members of several operands get "OPERAND:" (archives) or
 * "OPERAND/" (folders) before it. A name seen before gets "#2", "#3" ... behind it. Beyond
 * RECORD_KEY_MAX bytes its end becomes "~" and a hash. src      operand and member label    by the
 * label rule; absent when there is none payload  the encoded picture as it was found. IDX and CIFAR
 * pixels become PNM (P5, P6). and is an error record when a picture is known to be there but cannot
 * be read.
 *
 * Memory does not grow with the number of pictures, with these exceptions: the set of names seen
 * takes 2 MiB up to 196,608 names, beyond that 11 to 21 bytes a name; a folder's names are held
 * while it is walked; and libarchive keeps the directory of a seekable zip, 7z or ISO.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "stream/record.h"

#include <stdint.h>

enum source_format {
    SOURCE_AUTO,
    SOURCE_ARCHIVE, /* whatever libarchive knows */
    SOURCE_IDX,
    SOURCE_CIFAR,
    SOURCE_STREAM,
    SOURCE_PICTURE,
};
/* "auto", "archive", "idx", "cifar", "its", "picture". */
enum status source_format_parse(const char *name, enum source_format *format, struct error *err);

enum label_rule {
    LABEL_AUTO,    /* what the source carries (IDX, CIFAR, stream, KEY.cls beside KEY.jpg), else the
                      folder */
    LABEL_FOLDER,  /* the name of the folder that holds it */
    LABEL_PREFIX,  /* the file's name up to its first dot */
    LABEL_REGEX,   /* the first group of a POSIX extended regular expression matched against the key
                    */
    LABEL_SIDECAR, /* the first line of KEY.cls or KEY.txt beside it */
    LABEL_TABLE,   /* the row of a table: key TAB label */
    LABEL_NONE,
};

/* What was not given out, and why. */
struct source_counts {
    uint64_t records;    /* given out, error records too */
    uint64_t errors;     /* error records of ours among them */
    uint64_t unlabelled; /* pictures given out without a label */
    uint64_t others;     /* members that are no pictures */
    uint64_t archives;   /* members that are archives or compressed: not opened */
    uint64_t empty;      /* members of no bytes */
    uint64_t links;      /* links, devices, AppleDouble files ("._NAME") */
    uint64_t excluded;   /* by include and exclude patterns */
    uint64_t elsewhere;  /* in other shards */
    uint64_t losses;     /* damaged places */
    char reason[256];    /* the first loss in words */
};

struct source_options {
    char *const *operands; /* files, folders, "-" */
    size_t operand_count;
    const char *list;  /* a file of further operands, "-" for standard input; NULL */
    int list_nul;      /* they end in NUL instead of newline */
    const char *stage; /* the program's name, for error records */
    enum source_format format;
    enum label_rule label;
    const char *regex;      /* for LABEL_REGEX */
    const char *table;      /* a file, for LABEL_TABLE */
    const char *names;      /* a file: line n + 1 is the name of the label "n"; NULL */
    const char *idx_labels; /* the file of labels of the IDX operand; NULL: found by name */
    const char *const
        *include; /* fnmatch(3) patterns over the whole key: one must match, if there is one */
    size_t include_count;
    const char *const *exclude; /* none may match */
    size_t exclude_count;
    uint32_t shard, shards; /* picture number k (from 0, after the patterns) is in shard k % shards
                               + 1; 0: no shards */
    int except;             /* all but that shard */
    int limited;            /* at most `limit` records */
    uint64_t limit;
    uint64_t max_bytes; /* a larger picture becomes an error record; 0: 256 MiB */
    void *listener;
    /* Called for each member that is skipped, with the reason; may be NULL. */
    void (*skipped)(void *listener, const char *key, const char *why);
};

struct source;

/* The options and what they point to must outlive the source. STATUS_USAGE: options that make no
 * sense together, a bad regular expression; STATUS_SYSTEM: a table, list or operand that cannot be
 * opened. */
enum status source_open(const struct source_options *options, struct source **source,
                        struct error *err);
/* The next record. STATUS_OK; STATUS_END; STATUS_DAMAGED for a damaged or truncated place (told
 * once; call again for what follows it); STATUS_SYSTEM. The record is the caller's. */
enum status source_next(struct source *source, struct record *record, struct error *err);
const struct source_counts *source_counts(const struct source *source);
void source_free(struct source *source);

#endif
