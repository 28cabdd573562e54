#include "plane/trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool trouble_is(struct trouble *ret_trouble, int error, const char *format, ...)
{
    if (!ret_trouble)
        return false;
    struct trouble made = {.error = error}; /* the arguments may be in *ret_trouble */
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(made.sentence, sizeof made.sentence, format, arguments);
    va_end(arguments);
    size_t at = size < 0 ? 0 : (size_t)size;
    if (error != 0 && at < sizeof made.sentence)
        snprintf(made.sentence + at, sizeof made.sentence - at, ": %s", strerror(error));
    *ret_trouble = made;
    return false;
}
