#include "run/http.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

/* POSIX has dlsym return a pointer to an object for a function; C knows no conversion. */
static bool find(void *library, const char *name, void *ret_function)
{
    void *found = dlsym(library, name);
    *(void **)ret_function = found;
    return found != NULL;
}

const struct http *http_load(const char **ret_why)
{
    static struct http http;
    static bool loaded;
    if (loaded)
        return &http;
    void *library = dlopen(HTTP_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    bool whole = library != NULL;
#define FUNCTION(name) whole = whole && find(library, "MHD_" #name, &http.name);
#include "run/http.def"
#undef FUNCTION
    if (!whole) {
        *ret_why = dlerror(); /* dlclose would take its words along */
        return NULL;
    }
    loaded = true;
    return &http;
}
