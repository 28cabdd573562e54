/* "did you mean": which of the words that would have been right is nearest to the one written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SUGGEST_LENGTH_MAX = 64 };

/* How many letters must be changed, added, left out or exchanged with their neighbor (the optimal
 * string alignment distance), case apart; beyond most, any number above it. */
unsigned suggest_distance(const char *left, const char *right, unsigned most);

/* Keeps the nearest of the words offered, the first among equals. */
struct suggestion {
    const char *wrong;
    const char *nearest; /* NULL: none near enough */
    unsigned distance;
    size_t index; /* the caller's number of it */
};

struct suggestion suggest_for(const char *wrong);
void suggest_offer(struct suggestion *suggestion, const char *word, size_t index);
