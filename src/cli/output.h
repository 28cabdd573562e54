/* Standard output, which remembers why it could not be written.
 *
 * A stream of stdio keeps that writing failed, not why: errno is another's by the time an answer of
 * many pieces ends. */
#pragma once

#include <stdio.h>

struct output {
    int file;
    int error; /* errno of the first write that failed; 0: none did */
};

/* A stream that writes to the file, which stays open, buffered as stdio has it: by lines on a
 * terminal. The output is borrowed for as long as the stream is. NULL: no memory. */
FILE *output_open(struct output *output, int file) __attribute__((warn_unused_result));
