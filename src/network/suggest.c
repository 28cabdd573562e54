#include "network/suggest.h"

#include <string.h>

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static unsigned least(unsigned left, unsigned right)
{
    return left < right ? left : right;
}

unsigned suggest_distance(const char *left, const char *right, unsigned most)
{
    size_t left_size = strlen(left), right_size = strlen(right);
    size_t apart = left_size > right_size ? left_size - right_size : right_size - left_size;
    if (apart > most || left_size > SUGGEST_LENGTH_MAX || right_size > SUGGEST_LENGTH_MAX)
        return most + 1;
    /* three rows of the usual table: the present one and the two above it */
    unsigned rows[3][SUGGEST_LENGTH_MAX + 1];
    for (unsigned j = 0; j <= right_size; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= left_size; i++) {
        unsigned *now = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= right_size; j++) {
            bool same = lower(left[i - 1]) == lower(right[j - 1]);
            now[j] = least(least(above[j], now[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(left[i - 1]) == lower(right[j - 2]) &&
                lower(left[i - 2]) == lower(right[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[left_size % 3][right_size];
}

/* A third of the word may be wrong, and never more than three letters: what is further away is
 * another word. */
static unsigned patience(const char *word)
{
    size_t size = strlen(word);
    return size >= 9 ? 3 : (unsigned)((size + 2) / 3);
}

struct suggestion suggest_for(const char *wrong)
{
    return (struct suggestion){.wrong = wrong, .distance = patience(wrong) + 1};
}

void suggest_offer(struct suggestion *suggestion, const char *word, size_t index)
{
    if (suggestion->distance == 0)
        return;
    unsigned distance = suggest_distance(suggestion->wrong, word, suggestion->distance - 1);
    if (distance < suggestion->distance && distance < strlen(word)) {
        suggestion->distance = distance;
        suggestion->nearest = word;
        suggestion->index = index;
    }
}
