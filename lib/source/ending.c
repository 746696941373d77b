/* What stands behind the end of an archive. libarchive stops there, or knows only the last of two
 * that were joined; the rest would be lost in silence. */
#include "source_internal.h"

#include <archive.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ZIP_TAIL = 16 * 1024, /* libarchive looks for the end record of a file no further back */
    ZIP_END = 22,         /* bytes of it, without its comment */
    SEVEN_HEAD = 32,
};

/* The bytes of the input from some place on, first those that libarchive has seen already. */
struct rest {
    struct input *input;
    const unsigned char *at, *end;
};

/* 0: they are not known any more. That cannot be, as libarchive is today. */
static int rest_from(struct rest *rest, struct input *input, int64_t from)
{
    int64_t known = (int64_t)(input->kept + input->got), back = input->offset - from;
    if (back < 0 || back > known)
        return 0;
    *rest = (struct rest){
        .input = input, .at = input->block + input->got - back, .end = input->block + input->got};
    return 1;
}

/* -1: no more. */
static int next_byte(struct rest *rest)
{
    if (rest->at == rest->end) {
        const void *bytes;
        int64_t got = input_more(rest->input, &bytes);
        if (got <= 0)
            return -1;
        rest->at = bytes;
        rest->end = rest->at + got;
    }
    return *rest->at++;
}

/* The next `size` bytes as a number, little-endian. */
static uint64_t next_number(struct rest *rest, int size)
{
    uint64_t number = 0;
    for (int i = 0; i < size; i++)
        number |= (uint64_t)(next_byte(rest) & 0xff) << 8 * i;
    return number;
}

static void skip_bytes(struct rest *rest, uint64_t count)
{
    while (count-- && next_byte(rest) >= 0)
        ;
}

static enum status tell_rest(const struct input *input, const char *what, struct error *err)
{
    return error_set(err, STATUS_DAMAGED,
                     "%s: more bytes stand behind the end of the %s and were not read: give each "
                     "archive as an operand of its own",
                     input->name, what);
}

/* Nothing but zeros, which pad an archive? */
static enum status check_rest(struct rest *rest, const char *what, struct error *err)
{
    int byte;
    while ((byte = next_byte(rest)) == 0)
        ;
    if (rest->input->read_errno) {
        errno = rest->input->read_errno;
        return error_errno(err, "cannot read %s", rest->input->name);
    }
    return byte < 0 ? STATUS_END : tell_rest(rest->input, what, err);
}

/* The number behind "PK" of the next record, as libarchive looks for it; -1: none comes. */
static int next_zip_record(struct rest *rest)
{
    uint32_t last = 0;
    int byte;
    while ((byte = next_byte(rest)) >= 0) {
        last = last << 8 | (uint32_t)byte;
        if (last == 0x504b0102 || last == 0x504b0506 || last == 0x504b0606)
            return (int)(last & 0xffff);
    }
    return -1;
}

/* Front to back, libarchive stops at a zip's directory: goes over that, to the end record. */
static enum status zip_rest(struct rest *rest, struct error *err)
{
    int record;
    while ((record = next_zip_record(rest)) >= 0) {
        uint64_t size;
        if (record == 0x0102) { /* a member: its name, extra field and comment */
            skip_bytes(rest, 24);
            size = next_number(rest, 2);
            size += next_number(rest, 2);
            size += next_number(rest, 2);
            skip_bytes(rest, 12 + size);
        } else if (record == 0x0606) { /* the 64 bit end record, before the end record */
            size = next_number(rest, 8);
            skip_bytes(rest, size);
        } else {
            skip_bytes(rest, 16);
            size = next_number(rest, 2);
            skip_bytes(rest, size);
            return check_rest(rest, "zip", err);
        }
    }
    if (rest->input->read_errno)
        return check_rest(rest, "zip", err);
    return error_set(err, STATUS_DAMAGED, "%s: ends without the end record of a zip: cut off?",
                     rest->input->name);
}

static uint64_t number_at(const unsigned char *bytes, int size)
{
    uint64_t number = 0;
    for (int i = size; i-- > 0;)
        number = number << 8 | bytes[i];
    return number;
}

static enum status check_zeros(const struct input *input, const unsigned char *bytes, size_t size,
                               const char *what, struct error *err)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return tell_rest(input, what, err);
    return STATUS_END;
}

static int is_directory_at(const struct input *input, int64_t at)
{
    unsigned char mark[4];
    return at >= 0 && pread(input->fd, mark, 4, at) == 4 && memcmp(mark, "PK\1\2", 4) == 0;
}

/* A zip that is a file is read by the end record at its end. *found = 0: there is none. */
static enum status zip_file_rest(struct input *input, int *found, struct error *err)
{
    unsigned char tail[ZIP_TAIL];
    struct stat info;
    int64_t size = fstat(input->fd, &info) == 0 ? info.st_size : 0;
    int64_t start = size > ZIP_TAIL ? size - ZIP_TAIL : 0;
    int64_t got = pread(input->fd, tail, (size_t)(size - start), start), end = got - ZIP_END;
    int64_t directory, comment;
    while (end >= 0 && memcmp(tail + end, "PK\5\6", 4) != 0)
        end--;
    *found = end >= 0;
    if (end < 0)
        return STATUS_END;
    directory = start + end - (int64_t)number_at(tail + end + 12, 4);
    comment = (int64_t)number_at(tail + end + 20, 2);
    /* all places in a zip are told from its beginning: one that stands behind something is moved */
    if (directory != (int64_t)number_at(tail + end + 16, 4) && is_directory_at(input, directory))
        return error_set(err, STATUS_DAMAGED,
                         "%s: only the last of the archives joined in it was read: give each as an "
                         "operand of its own",
                         input->name);
    end += ZIP_END + comment;
    return end < got ? check_zeros(input, tail + end, (size_t)(got - end), "zip", err) : STATUS_END;
}

/* A 7z, always a file, says in its head where it ends. */
static enum status seven_rest(struct input *input, struct error *err)
{
    unsigned char head[SEVEN_HEAD];
    struct rest rest;
    int64_t end;
    if (pread(input->fd, head, sizeof head, 0) != sizeof head || head[0] != '7')
        return STATUS_END;
    end = SEVEN_HEAD + (int64_t)(number_at(head + 12, 8) + number_at(head + 20, 8));
    if (lseek(input->fd, end, SEEK_SET) != end)
        return STATUS_END;
    input->offset = end;
    input->kept = input->got = 0;
    return rest_from(&rest, input, end) ? check_rest(&rest, "7z", err) : STATUS_END;
}

enum status input_rest(struct input *input, struct error *err)
{
    struct archive *archive = input->archive;
    int format = archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK, found = 0;
    int packed = archive_filter_count(archive) > 1;
    struct rest rest;
    enum status status = STATUS_END;
    /* of what is compressed the end of the compression is seen; only a tar is read as far as that
     */
    if (packed && format != ARCHIVE_FORMAT_TAR)
        return STATUS_END;
    if (format == ARCHIVE_FORMAT_7ZIP && input->seekable)
        return seven_rest(input, err);
    if (format == ARCHIVE_FORMAT_ZIP && !input->zip)
        return STATUS_END; /* a program that unpacks itself: its zip stands behind it */
    if (format == ARCHIVE_FORMAT_ZIP && input->seekable)
        status = zip_file_rest(input, &found, err);
    if (found || !rest_from(&rest, input, archive_filter_bytes(archive, packed ? -1 : 0)))
        return status;
    if (format == ARCHIVE_FORMAT_ZIP)
        return zip_rest(&rest, err);
    if (format == ARCHIVE_FORMAT_CPIO)
        return check_rest(&rest, "cpio", err);
    if (packed)
        return check_rest(&rest, "compressed tar", err);
    return STATUS_END;
}
