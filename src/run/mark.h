/* A file that is there while the daemon lives, and after it has ended without a word: it says to
 * the next start that neighbors may still keep what they were told (RFC 4724). It lies beside the
 * journal, and counts only until the machine starts anew. */
#pragma once

#include <stdbool.h>

/* An earlier life of this boot has left it in the folder. */
bool mark_is_left(const char *folder);
/* 0, or errno. */
int mark_put(const char *folder) __attribute__((warn_unused_result));
/* Everybody has been told that this is the end. */
void mark_remove(const char *folder);
