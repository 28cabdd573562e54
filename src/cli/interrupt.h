/* SIGINT and SIGTERM, as a question that may be asked between two runs: the first one asks the
 * program to end with what it knows, a second one ends it at once. SIGHUP asks, too, however often
 * it comes: who closes a terminal sends it by the shell and by the kernel. */
#pragma once

#include <stdbool.h>

/* From now on they are heard, and answered with a line on this file (-1: in silence) that says
 * what happens then, such as "ends after the run at hand"; even if whoever started the program had
 * them blocked; not one that is ignored, as SIGINT is for a shell's background jobs, and SIGHUP by
 * nohup. At most 60 bytes. */
void interrupt_listen(int file, const char *what);
void interrupt_forget(void); /* as it was before interrupt_listen */
bool interrupt_heard(void);  /* since interrupt_listen */
