/* What the shared objects of this folder have in common. They are loaded before the C library into
 * programs under test, where nobody would notice one that does nothing: whatever is wrong with
 * what they are told ends the program, with one sentence, before its main().
 */
#pragma once

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 1, 2))) static _Noreturn void refuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vdprintf(2, format, args);
    va_end(args);
    abort();
}

/* What the environment says under this name. */
static inline const char *told(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        refuse("%s is not set, which says what this preloaded object shall do\n", name);
    return value;
}

/* The function that would be called if there were no shim. */
static inline void *next_of(const char *name)
{
    void *next = dlsym(RTLD_NEXT, name);
    if (!next)
        refuse("%s stands in for a function that no library behind it has\n", name);
    return next;
}

#define NEXT(name) ((__typeof__(&name))next_of(#name))
