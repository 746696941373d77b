#include "image/augment.h"

#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void add(char text[AUGMENT_TEXT], const char *format,
                                                      ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, AUGMENT_TEXT - length, format, arguments);
    va_end(arguments);
}

static void add_real(char text[AUGMENT_TEXT], const char *name, float value)
{
    char number[NUMBER_TEXT];
    add(text, "%s=%s ", name, number_format(value, number));
}

const char *augment_describe(const struct augment *augment, const struct augment_change *change,
                             char text[AUGMENT_TEXT])
{
    text[0] = '\0';
    if (augment->brightness > 0)
        add_real(text, "brightness", change->brightness);
    if (augment->contrast > 0)
        add_real(text, "contrast", change->contrast);
    if (augment->saturation > 0)
        add_real(text, "saturation", change->saturation);
    if (augment->turn)
        add(text, "turns=%d ", change->turns);
    if (augment->rotate > 0)
        add_real(text, "angle", (float)change->angle);
    if (augment->flip)
        add(text, "flip=%d ", change->flip);
    if (augment->crop || augment->shift || augment->resized_crop > 0)
        add(text, "window=%dx%d%+d%+d ", change->window_width, change->window_height, change->left,
            change->top);
    if (augment->cutout)
        add(text, "cutout=%dx%d%+d%+d ", augment->cutout, augment->cutout, change->cut_left,
            change->cut_top);
    if (*text)
        text[strlen(text) - 1] = '\0';
    return text;
}
