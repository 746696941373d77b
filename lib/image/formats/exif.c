#include "image/formats/exif.h"

#include <string.h>

enum { TAG_ORIENTATION = 274, TYPE_SHORT = 3, TYPE_LONG = 4, ENTRY = 12 };

/* A number of so many bytes in the byte order of the file. */
static uint32_t number(const unsigned char *bytes, int count, int big)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[big ? i : count - 1 - i];
    return value;
}

int exif_orientation(const unsigned char *tiff, size_t size)
{
    int big = size >= 8 && memcmp(tiff, "MM\0*", 4) == 0;
    size_t at, entries;
    if (!big && (size < 8 || memcmp(tiff, "II*\0", 4) != 0))
        return EXIF_UPRIGHT;
    at = number(tiff + 4, 4, big);
    if (at > size - 2)
        return EXIF_UPRIGHT;
    entries = number(tiff + at, 2, big);
    for (at += 2; entries > 0 && size - at >= ENTRY; entries--, at += ENTRY) {
        const unsigned char *entry = tiff + at;
        uint32_t type = number(entry + 2, 2, big), value;
        if (number(entry, 2, big) != TAG_ORIENTATION)
            continue;
        value = number(entry + 8, type == TYPE_LONG ? 4 : 2, big);
        return (type == TYPE_SHORT || type == TYPE_LONG) && value >= 1 && value <= 8 ? (int)value
                                                                                     : EXIF_UPRIGHT;
    }
    return EXIF_UPRIGHT;
}

/* Every orientation is: the stored columns backwards or not, the stored rows backwards or not, then
 * columns and rows exchanged or not. */
static const struct {
    unsigned char columns_back, rows_back, exchanged;
} turns[9] = {
    [1] = {0, 0, 0}, [2] = {1, 0, 0}, [3] = {1, 1, 0}, [4] = {0, 1, 0},
    [5] = {0, 0, 1}, [6] = {0, 1, 1}, [7] = {1, 1, 1}, [8] = {1, 0, 1},
};

int exif_is_sideways(int orientation)
{
    return turns[orientation].exchanged;
}

static struct window exchange(struct window window)
{
    return (struct window){window.y, window.x, window.height, window.width};
}

/* In a picture of width x height. Its own inverse. */
static struct window reverse(struct window window, int orientation, int width, int height)
{
    if (turns[orientation].columns_back)
        window.x = width - window.x - window.width;
    if (turns[orientation].rows_back)
        window.y = height - window.y - window.height;
    return window;
}

struct window exif_stored(const struct window *window, int orientation, int width, int height)
{
    if (turns[orientation].exchanged)
        return reverse(exchange(*window), orientation, height, width);
    return reverse(*window, orientation, width, height);
}

enum status exif_turn(const struct picture *stored, int orientation, struct picture *upright,
                      struct error *err)
{
    int sideways = turns[orientation].exchanged, channels = stored->channels;
    struct window part = reverse(stored->part, orientation, stored->width, stored->height);
    const unsigned char *first = stored->pixels.data;
    ptrdiff_t across = channels, down = (ptrdiff_t)picture_stride(stored), swap;
    unsigned char *to;
    if (turns[orientation].columns_back) {
        first += (stored->part.width - 1) * across;
        across = -across;
    }
    if (turns[orientation].rows_back) {
        first += (stored->part.height - 1) * down;
        down = -down;
    }
    if (sideways) {
        part = exchange(part);
        swap = across;
        across = down;
        down = swap;
    }
    TRY(picture_resize(upright, sideways ? stored->height : stored->width,
                       sideways ? stored->width : stored->height, &part, channels, err));
    to = upright->pixels.data;
    for (int y = 0; y < part.height; y++, first += down)
        for (int x = 0; x < part.width; x++)
            for (int c = 0; c < channels; c++)
                *to++ = first[x * across + c];
    return STATUS_OK;
}
