/* source/static/no_xar: for programs that need no library (`make static`). xar archives would bring
 * libxml2 and ICU into them, 35 MB; this stands in the place of libarchive's reader and writer of
 * them, so that a xar is refused as a kind that is not known. */
#include <archive.h>

int archive_read_support_format_xar(struct archive *archive)
{
    (void)archive;
    return ARCHIVE_WARN;
}

int archive_write_set_format_xar(struct archive *archive)
{
    (void)archive;
    return ARCHIVE_FATAL;
}
