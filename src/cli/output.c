#define _GNU_SOURCE /* fopencookie */
#include "cli/output.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/* All of it, or it has failed: stdio takes less for a failure. */
static ssize_t write_on(void *cookie, const char *bytes, size_t size)
{
    struct output *output = cookie;
    size_t done = 0;
    while (done < size) {
        ssize_t written = write(output->file, bytes + done, size - done);
        if (written >= 0) {
            done += (size_t)written;
        } else if (errno != EINTR) {
            output->error = output->error ? output->error : errno;
            return 0;
        }
    }
    return (ssize_t)size;
}

FILE *output_open(struct output *output, int file)
{
    static const cookie_io_functions_t only_writes = {.write = write_on};
    *output = (struct output){.file = file};
    FILE *out = fopencookie(output, "w", only_writes);
    if (out)
        setvbuf(out, NULL, isatty(file) ? _IOLBF : _IOFBF, BUFSIZ);
    return out;
}
