#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status(error_set)(struct error *err, enum status status, const char *format, ...)
{
    if (err) {
        va_list arguments;
        char text[ERROR_TEXT]; /* an argument may be err->text itself */
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        memcpy(err->text, text, sizeof text);
        err->status = status;
    }
    return status;
}

enum status(error_errno)(struct error *err, const char *format, ...)
{
    int code = errno;
    enum status status = code == EPIPE ? STATUS_CLOSED : STATUS_SYSTEM;
    if (err) {
        va_list arguments;
        char reason[256];
        size_t used;
        va_start(arguments, format);
        vsnprintf(err->text, sizeof err->text, format, arguments);
        va_end(arguments);
        used = strlen(err->text);
        if (strerror_r(code, reason, sizeof reason) != 0)
            snprintf(reason, sizeof reason, "error %d", code);
        snprintf(err->text + used, sizeof err->text - used, ": %s", reason);
        err->status = status;
    }
    return status;
}

enum status(error_memory)(struct error *err)
{
    return error_set(err, STATUS_SYSTEM, "out of memory");
}

enum status error_prefix(struct error *err, const char *format, ...)
{
    va_list arguments;
    char text[ERROR_TEXT];
    size_t used;
    if (!err)
        return STATUS_SYSTEM;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    used = strlen(text);
    snprintf(text + used, sizeof text - used, ": %.*s", (int)(sizeof text - 3), err->text);
    memcpy(err->text, text, sizeof text);
    return err->status;
}
