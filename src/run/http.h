/* libmicrohttpd, loaded when metrics are asked for, and otherwise not: it brings GnuTLS, whose
 * relocated pages alone are 2.7 MB of resident memory, for as long as the process lives. Its header
 * is needed to build, the library only to tell metrics. */
#pragma once

#include <microhttpd.h>

/* The soname whose header this was built with; another one may call things otherwise. */
#define HTTP_LIBRARY "libmicrohttpd.so.12"

struct http {
#define FUNCTION(name) __typeof__(MHD_##name) *name;
#include "run/http.def"
#undef FUNCTION
};

/* Loads it, the first time; it stays. Before privileges are sealed (run/privileges.h): the loader
 * opens files. NULL: it is not there, or lacks something; then *ret_why says what, until the next
 * call. */
const struct http *http_load(const char **ret_why);
