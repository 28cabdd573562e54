/* All that an import has to say, for the head of the file and for a machine. */
#pragma once

#include "import/draft.h"

/* The comment at the head of the file: what was read, and the remarks by their subjects. */
void summary_comment(struct draft *draft, const struct import *import);

/* How far the network, when it is run, has what the export shows; the caller owns it. */
char *summary_compared(const struct import *import);
/* What a subject's chapter is called: "What is assumed". */
const char *summary_title(enum import_subject subject);
/* A remark as a sentence with its place; the caller owns it. */
char *summary_sentence(const struct import_remark *remark);
