#include "base/tar.h"

#include "base/folder.h"
#include "base/io.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

struct tar {
    struct archive *archive;
    int fd;
    const char *name;
    struct error error; /* of the write below libarchive */
    struct buffer path;
};

static la_ssize_t write_block(struct archive *archive, void *context, const void *bytes,
                              size_t size)
{
    struct tar *tar = context;
    if (io_write(tar->fd, tar->name, bytes, size, &tar->error) == STATUS_OK)
        return (la_ssize_t)size;
    archive_set_error(archive, EIO, "%s", tar->error.text);
    return -1;
}

static enum status check(struct tar *tar, int code, struct error *err)
{
    if (code >= ARCHIVE_OK)
        return STATUS_OK;
    if (tar->error.status == STATUS_OK)
        return error_set(err, STATUS_SYSTEM, "cannot write tar: %s",
                         archive_error_string(tar->archive));
    if (err)
        *err = tar->error;
    return tar->error.status;
}

enum status tar_open(int fd, const char *name, struct tar **made, struct error *err)
{
    struct tar *tar = memory_array(1, sizeof *tar);
    enum status status;
    *made = NULL;
    if (!tar || !(tar->archive = archive_write_new())) {
        free(tar);
        return error_memory(err);
    }
    tar->fd = fd;
    tar->name = name;
    /* GNU's form takes names of any length and bytes */
    status = check(tar, archive_write_set_format_gnutar(tar->archive), err);
    if (status == STATUS_OK)
        status = check(tar, archive_write_open(tar->archive, tar, NULL, write_block, NULL), err);
    if (status != STATUS_OK) {
        tar_free(tar);
        return status;
    }
    *made = tar;
    return STATUS_OK;
}

enum status tar_add(struct tar *tar, const char *name, const void *bytes, size_t size,
                    struct error *err)
{
    struct archive_entry *entry;
    enum status status = folder_path(name, &tar->path, err);
    if (status != STATUS_OK)
        return status;
    entry = archive_entry_new();
    if (!entry)
        return error_memory(err);
    archive_entry_set_pathname(entry, (const char *)tar->path.data);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    status = check(tar, archive_write_header(tar->archive, entry), err);
    archive_entry_free(entry);
    if (status == STATUS_OK && size && archive_write_data(tar->archive, bytes, size) < 0)
        status = check(tar, ARCHIVE_FATAL, err);
    return status;
}

enum status tar_end(struct tar *tar, struct error *err)
{
    return check(tar, archive_write_close(tar->archive), err);
}

void tar_free(struct tar *tar)
{
    if (!tar)
        return;
    archive_write_free(tar->archive);
    buffer_free(&tar->path);
    free(tar);
}
