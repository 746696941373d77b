/* Bytes through libarchive: opened, looked at, decompressed, walked member by member. */
#include "source_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    INPUT_BLOCK = 1 << 20, /* large reads: each costs a round trip on a network file system */
    INPUT_KEPT = 64 * 1024,
};

/* Member names must not depend on the user's locale: libarchive converts them to the thread's, so
 * that is UTF-8 meanwhile. Returns the locale to go back to. */
static locale_t enter_locale(const struct input *input)
{
    return input->utf8 ? uselocale(input->utf8) : (locale_t)0;
}

static void leave_locale(locale_t before)
{
    if (before)
        uselocale(before);
}

/* Keeps the end of the block before its place: libarchive may not have taken it yet. */
static void keep_end(struct input *input)
{
    size_t all = input->kept + input->got, kept = all < INPUT_KEPT ? all : INPUT_KEPT;
    memmove(input->block - kept, input->block + input->got - kept, kept);
    input->kept = kept;
    input->got = 0;
}

int64_t input_more(struct input *input, const void **bytes)
{
    ssize_t got = (ssize_t)input->held;
    input->held = 0;
    *bytes = input->block;
    if (got == 0)
        keep_end(input);
    while (got == 0) {
        got = read(input->fd, input->block, INPUT_BLOCK);
        if (got >= 0)
            break;
        if (errno != EINTR) {
            input->read_errno = errno;
            return -1;
        }
        got = 0;
    }
    input->got = (size_t)got;
    input->offset += got;
    return got;
}

static la_ssize_t read_block(struct archive *archive, void *context, const void **bytes)
{
    la_ssize_t got = input_more(context, bytes);
    if (got >= 0)
        return got;
    archive_set_error(archive, errno, "cannot read");
    return ARCHIVE_FATAL;
}

static la_int64_t seek_block(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct input *input = context;
    off_t at;
    input->held = input->kept = input->got = 0;
    at = lseek(input->fd, offset, whence);
    if (at < 0) {
        archive_set_error(archive, errno, "cannot seek");
        return ARCHIVE_FATAL;
    }
    input->offset = at;
    return at;
}

/* All but mtree, which has no bytes of its own and would open any file that it names. */
static void support_formats(struct archive *archive)
{
    archive_read_support_format_7zip(archive);
    archive_read_support_format_ar(archive);
    archive_read_support_format_cab(archive);
    archive_read_support_format_cpio(archive);
    archive_read_support_format_empty(archive);
    archive_read_support_format_iso9660(archive);
    archive_read_support_format_lha(archive);
    archive_read_support_format_rar(archive);
    archive_read_support_format_rar5(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_gnutar(archive);
    archive_read_support_format_warc(archive);
    archive_read_support_format_xar(archive);
    archive_read_support_format_zip(archive);
    /* `cat a.tar b.tar` is both, not the first of them */
    archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
}

/* Puts libarchive's reason into err, with the input's name unless it is only about one member. */
static enum status archive_failed(struct input *input, enum status status, const char *what,
                                  struct error *err)
{
    const char *text = archive_error_string(input->archive);
    if (input->read_errno) {
        errno = input->read_errno;
        return error_errno(err, "cannot read %s", input->name);
    }
    if (!text)
        text = "cannot be read";
    if (status == STATUS_FAILED)
        return error_set(err, status, "%s", text);
    if (!input->seekable && strstr(text, "seek"))
        text = "this format cannot be read from a pipe: give the file";
    return error_set(err, status, "%s: %s%s%s", input->name, what, *what ? ": " : "", text);
}

/* Reads ahead until there is enough to see what it is. */
static enum status look(struct input *input, struct error *err)
{
    while (input->held < CONTENT_HEAD) {
        ssize_t got = read(input->fd, input->block + input->held, INPUT_BLOCK - input->held);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read %s", input->name);
        if (got == 0)
            break;
        input->held += (size_t)got;
    }
    if (input->held == 0)
        return error_set(err, STATUS_DAMAGED, "%s is empty", input->name);
    input->zip = input->held > 2 && memcmp(input->block, "PK", 2) == 0;
    return STATUS_OK;
}

static enum status fill_head(struct input *input, struct error *err)
{
    input->head_size = input->head_at = 0;
    return input_read(input, input->head, sizeof input->head, &input->head_size, err);
}

/* Meets the first member: that of an archive is kept for input_member, raw bytes are the only one.
 */
static enum status meet_first(struct input *input, struct error *err)
{
    input->next = archive_read_next_header(input->archive, &input->entry);
    input->met = 1;
    if (input->next == ARCHIVE_EOF && archive_format(input->archive) == ARCHIVE_FORMAT_EMPTY)
        return error_set(err, STATUS_DAMAGED, "%s holds nothing", input->name);
    if (input->next == ARCHIVE_FATAL || input->next == ARCHIVE_FAILED)
        return archive_failed(input, STATUS_DAMAGED, "", err);
    input->raw = input->next != ARCHIVE_EOF && archive_format(input->archive) == ARCHIVE_FORMAT_RAW;
    return input->raw ? fill_head(input, err) : STATUS_OK;
}

static enum status open_archive(struct input *input, enum source_format format, struct error *err)
{
    enum content content = content_of(input->block, input->held);
    struct archive *archive = input->archive = archive_read_new();
    if (!archive)
        return error_memory(err);
    /* what is known by its own mark is not offered to libarchive's guesses */
    if (content == CONTENT_UNKNOWN || format == SOURCE_ARCHIVE)
        archive_read_support_filter_all(archive);
    if ((content == CONTENT_UNKNOWN && format == SOURCE_AUTO) || format == SOURCE_ARCHIVE)
        support_formats(archive);
    if (format != SOURCE_ARCHIVE)
        archive_read_support_format_raw(archive);
    archive_read_set_callback_data(archive, input);
    archive_read_set_read_callback(archive, read_block);
    if (input->seekable)
        archive_read_set_seek_callback(archive, seek_block);
    if (archive_read_open1(archive) != ARCHIVE_OK)
        return archive_failed(input, STATUS_DAMAGED, "", err);
    return meet_first(input, err);
}

enum status input_open(const char *path, enum source_format format, struct input **opened,
                       struct error *err)
{
    int standard = strcmp(path, "-") == 0;
    struct input *input = memory_array(1, sizeof *input);
    enum status status = STATUS_OK;
    locale_t before;
    *opened = NULL;
    if (!input)
        return error_memory(err);
    input->name = standard ? "standard input" : path;
    input->fd = -1;
    input->owns_fd = !standard;
    input->memory = malloc(INPUT_KEPT + INPUT_BLOCK);
    if (!input->memory) {
        input_free(input);
        return error_memory(err);
    }
    input->block = input->memory + INPUT_KEPT;
    input->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    input->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0)
        status = error_errno(err, "cannot open %s", path);
    if (status == STATUS_OK) {
        input->seekable = lseek(input->fd, 0, SEEK_CUR) == 0;
        status = look(input, err);
    }
    before = enter_locale(input);
    if (status == STATUS_OK)
        status = open_archive(input, format, err);
    leave_locale(before);
    if (status == STATUS_OK)
        *opened = input;
    else
        input_free(input);
    return status;
}

/* A tar that ends without its end mark was cut off between two members. The mark is at the last
 * header's place, and its bytes were consumed. */
static int tar_lacks_end(struct archive *archive)
{
    return (archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR &&
           archive_filter_bytes(archive, 0) <= archive_read_header_position(archive);
}

/* One header, or a run of damaged blocks up to the next good one. */
static enum status next_header(struct input *input, struct error *err)
{
    if (!input->met)
        input->next = archive_read_next_header(input->archive, &input->entry);
    input->met = 0;
    if (input->next == ARCHIVE_RETRY) {
        archive_failed(input, STATUS_DAMAGED, "", err);
        while (input->next == ARCHIVE_RETRY)
            input->next = archive_read_next_header(input->archive, &input->entry);
        input->met = 1;
        return STATUS_DAMAGED;
    }
    if (input->next == ARCHIVE_EOF) {
        input->fatal = 1;
        if (tar_lacks_end(input->archive))
            return error_set(err, STATUS_DAMAGED,
                             "%s: ends without the end mark of a tar: cut off?", input->name);
        return input_rest(input, err);
    }
    if (input->next == ARCHIVE_OK || input->next == ARCHIVE_WARN)
        return STATUS_OK;
    input->fatal = 1;
    return archive_failed(input, STATUS_DAMAGED, "", err);
}

enum status input_member(struct input *input, int *unreadable, struct error *err)
{
    enum status status;
    locale_t before;
    *unreadable = 0;
    input->head_size = input->head_at = 0;
    if (input->fatal)
        return STATUS_END;
    before = enter_locale(input);
    status = next_header(input, err);
    if (status == STATUS_OK && !input_member_odd(input)) {
        status = fill_head(input, err);
        if (status == STATUS_FAILED) {
            *unreadable = 1;
            status = STATUS_OK;
        }
    }
    leave_locale(before);
    return status;
}

const char *input_member_name(struct input *input, char spare[64])
{
    const char *name;
    locale_t before = enter_locale(input);
    name = archive_entry_pathname(input->entry);
    if (!name)
        name = archive_entry_pathname_utf8(input->entry);
    leave_locale(before);
    if (!name || !*name) {
        snprintf(spare, 64, "member-%d", archive_file_count(input->archive));
        return spare;
    }
    while (name[0] == '.' && name[1] == '/' && name[2])
        name += 2;
    return name;
}

int64_t input_member_size(const struct input *input)
{
    return archive_entry_size_is_set(input->entry) ? archive_entry_size(input->entry) : -1;
}

const char *input_member_odd(const struct input *input)
{
    if (archive_entry_hardlink(input->entry))
        return "a hard link";
    switch (archive_entry_filetype(input->entry)) {
    case AE_IFREG:
    case 0:
        return NULL;
    case AE_IFDIR:
        return "a folder";
    case AE_IFLNK:
        return "a symbolic link";
    default:
        return "a device, pipe or socket";
    }
}

enum status input_read(struct input *input, void *bytes, size_t size, size_t *got,
                       struct error *err)
{
    unsigned char *to = bytes;
    size_t ahead = input->head_size - input->head_at;
    *got = ahead < size ? ahead : size;
    memcpy(to, input->head + input->head_at, *got);
    input->head_at += *got;
    while (*got < size) {
        la_ssize_t count = archive_read_data(input->archive, to + *got, size - *got);
        if (count < 0) {
            char spare[64];
            int fatal = count == ARCHIVE_FATAL;
            input->fatal |= fatal;
            return archive_failed(input, fatal ? STATUS_DAMAGED : STATUS_FAILED,
                                  input->raw ? "" : input_member_name(input, spare), err);
        }
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return STATUS_OK;
}

enum status input_read_all(struct input *input, uint64_t limit, struct buffer *buffer,
                           struct error *err)
{
    enum { STEP = 64 * 1024 };
    size_t got = STEP;
    while (got == STEP) {
        enum status status = buffer_reserve(buffer, STEP, err);
        if (status == STATUS_OK)
            status = input_read(input, buffer->data + buffer->size, STEP, &got, err);
        if (status != STATUS_OK)
            return status;
        buffer->size += got;
        if (buffer->size > limit)
            return error_set(err, STATUS_FAILED, "more than %llu bytes", (unsigned long long)limit);
    }
    return STATUS_OK;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    archive_read_free(input->archive);
    if (input->owns_fd && input->fd >= 0)
        close(input->fd);
    if (input->utf8)
        freelocale(input->utf8);
    free(input->memory);
    free(input);
}
