/* If this fails, each picture costs an allocation of ours: the memory of the picture before is not
 * used again. What the decoders' libraries allocate for themselves is theirs: they call malloc, and
 * ours calls anything else. */
#include "image/prep.h"

#include "tests/image/pictures.h"
#include "tests/tap.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

#include <errno.h>

/* The C library's own, under the names by which a program may replace the others. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static long plain, others;

void *malloc(size_t size)
{
    plain++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    others++;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    others++;
    return __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size)
{
    others++;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void **result, size_t alignment, size_t size)
{
    others++;
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}

static const char *const recipes[] = {
    "dct=islow upsampling=fancy resize=short:20:truncate filter=pil-bilinear crop=16x16:even "
    "colour=rgb type=u8 layout=hwc scale=1 mean=0 std=1",
    "dct=islow upsampling=fancy decoding=fast exif=apply background=1,2,3 resize=fit:30x20:even "
    "filter=pil-bicubic pad=9 crop=none colour=bgr type=f32 layout=chw scale=1 mean=0 std=1",
};

static void prepare(struct prep *prep, struct file file, int boxed)
{
    static unsigned char to[30 * 20 * 3 * sizeof(float)];
    static const struct box box = {0.1, 0.2, 0.9, 0.7};
    struct prep_picture picture;
    struct error err;
    if (prep_read(prep, file.bytes, file.size, boxed ? &box : NULL, &picture, &err) != STATUS_OK ||
        prep_write(prep, to, &err) != STATUS_OK)
        ok(0, "%s", err.text);
}

enum { FILES = 7 };

int main(void)
{
    struct picture large = picture_noise(150, 90, 3, 1), small = picture_noise(40, 64, 3, 2);
    struct jpeg_kind usual = {JCS_RGB, JCS_UNKNOWN, 3, 0, 0, NULL, 2, 2}, progressive = usual;
    static unsigned char raw[] = "P6 30 40 255\n", grey[] = "P5 99 30 255\n";
    struct file files[FILES] = {{NULL, 0}};
    struct decode_options options;
    progressive.progressive = 1;
    files[0] = (struct file){malloc(4000), 13 + 30 * 40 * 3};
    files[1] = (struct file){malloc(4000), 13 + 99 * 30};
    memcpy(files[0].bytes, raw, 13);
    memcpy(files[1].bytes, grey, 13);
    files[2] = jpeg_of(large.pixels.data, 150, 90, usual);
    files[3] = jpeg_of(small.pixels.data, 40, 64, usual);
    files[4] = jpeg_of(large.pixels.data, 150, 90, progressive);
    files[5] = png_of(large.pixels.data, 150, 90, 450, 8, PNG_COLOR_TYPE_RGB, 0, 0);
    files[6] = png_of(small.pixels.data, 40, 64, 120, 8, PNG_COLOR_TYPE_RGB, 1, 0);
    decode_init(&options);
    for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++) {
        struct recipe recipe;
        struct prep *prep = NULL;
        long ours, pnm;
        recipe_parse(recipes[r], &recipe, NULL);
        prep_new(&recipe, &options, &prep, NULL);
        for (int i = 0; i < 2 * FILES; i++)
            prepare(prep, files[i / 2], i % 2);
        ours = others;
        pnm = plain;
        for (int i = 0; i < 100; i++)
            prepare(prep, files[i % 2], i % 3 == 0);
        same_int(plain - pnm, 0, "allocations of 100 PNM pictures");
        for (int i = 0; i < 100; i++)
            prepare(prep, files[i % FILES], i % 3 == 0);
        same_int(others - ours, 0, "allocations of ours for 200 pictures of all formats");
        prep_free(prep);
    }
    ok(plain > 0 && others > 0, "allocations are seen (%ld, %ld)", plain, others);
    for (int i = 0; i < FILES; i++)
        free(files[i].bytes);
    picture_free(&large);
    picture_free(&small);
    return tap_done();
}

#else

int main(void)
{
    skip("allocations of a picture", "malloc cannot be replaced here");
    return tap_done();
}

#endif
