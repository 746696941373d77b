/* What bytes are, by their first ones. */
#include "source_internal.h"

#include "base/number.h"
#include "base/text.h"
#include "stream/format.h"

#include <string.h>

/* Pictures that imgprep refuses are pictures too: they get an error record there, and are not lost.
 */
static const struct {
    size_t at, size;
    const char *bytes;
} picture_marks[] = {
    {0, 3, "\xff\xd8\xff"},              /* JPEG */
    {0, 8, "\x89PNG\r\n\x1a\n"},         /* PNG */
    {0, 6, "GIF87a"},                    /* GIF */
    {0, 6, "GIF89a"},                    /* GIF */
    {8, 4, "WEBP"},                      /* WebP, in RIFF */
    {0, 4, "II*\0"},                     /* TIFF */
    {0, 4, "MM\0*"},                     /* TIFF */
    {0, 12, "\0\0\0\x0cjP  \r\n\x87\n"}, /* JPEG 2000 */
    {0, 12, "\0\0\0\x0cJXL \r\n\x87\n"}, /* JPEG XL */
    {4, 8, "ftypavif"},                  /* AVIF */
    {4, 8, "ftypheic"},                  /* HEIF */
    {4, 8, "ftypmif1"},                  /* HEIF */
};

/* The archives and compressed files that people put into archives and folders. */
static const struct {
    size_t size;
    const char *bytes;
} archive_marks[] = {
    {4, "PK\3\4"},             /* zip */
    {6, "7z\xbc\xaf\x27\x1c"}, /* 7z */
    {4, "Rar!"},               /* rar */
    {2, "\x1f\x8b"},           /* gzip */
    {3, "BZh"},                /* bzip2 */
    {6, "\xfd\x37zXZ\0"},      /* xz */
    {4, "\x28\xb5\x2f\xfd"},   /* zstd */
};

/* "P5" and white space or a comment. */
static int is_pnm(const unsigned char *head, size_t size)
{
    return size >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' && head[2] &&
           strchr(" \t\r\n#", head[2]);
}

/* "BM" is two letters only: the reserved words must be zero and the second header's size one that
 * exists. */
static int is_bmp(const unsigned char *head, size_t size)
{
    return size >= 18 && head[0] == 'B' && head[1] == 'M' && get_le32(head + 6) == 0 &&
           get_le32(head + 14) >= 12 && get_le32(head + 14) <= 256;
}

/* Two zero bytes, a type, a rank of 1 to 4. */
static int is_idx(const unsigned char *head, size_t size)
{
    return size >= 8 && head[0] == 0 && head[1] == 0 &&
           (head[2] == 8 || (head[2] >= 9 && head[2] <= 14)) && head[3] >= 1 && head[3] <= 4;
}

enum content content_of(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof picture_marks / sizeof *picture_marks; i++)
        if (size >= picture_marks[i].at + picture_marks[i].size &&
            memcmp(head + picture_marks[i].at, picture_marks[i].bytes, picture_marks[i].size) == 0)
            return CONTENT_PICTURE;
    if (is_pnm(head, size) || is_bmp(head, size))
        return CONTENT_PICTURE;
    if (size >= sizeof format_sync && memcmp(head, format_sync, sizeof format_sync) == 0)
        return CONTENT_STREAM;
    return is_idx(head, size) ? CONTENT_IDX : CONTENT_UNKNOWN;
}

int is_archive(const char *name, const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof archive_marks / sizeof *archive_marks; i++)
        if (size >= archive_marks[i].size &&
            memcmp(head, archive_marks[i].bytes, archive_marks[i].size) == 0)
            return 1;
    return text_ends_with(name, ".tar"); /* its mark stands behind what we see */
}

int name_of_picture(const char *name)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".jpe",  ".jfif", ".png",  ".pnm",
                                          ".pbm", ".pgm",  ".ppm",  ".pam",  ".gif",  ".bmp",
                                          ".tif", ".tiff", ".webp", ".jp2",  ".heic", ".avif"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(name, endings[i]))
            return 1;
    return 0;
}

int name_of_cifar(const char *name, int64_t size)
{
    return (text_ends_with(name, ".bin") || text_ends_with(name, ".bin.gz")) &&
           (size < 0 || (size > 0 && size % CIFAR_RECORD == 0));
}

const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
