/* SIGINT, as a question that may be asked between two runs: the first one asks the program to end
 * with what it knows, a second one ends it at once. */
#pragma once

#include <stdbool.h>

/* From now on SIGINT is heard, and answered with a line on this file (-1: in silence) that says
 * what happens then, such as "ends after the run at hand"; even if whoever started the program had
 * it blocked; not where it is ignored, as it is for a shell's background jobs. At most 60 bytes. */
void interrupt_listen(int file, const char *what);
void interrupt_forget(void); /* as it was before interrupt_listen */
bool interrupt_heard(void);  /* since interrupt_listen */
