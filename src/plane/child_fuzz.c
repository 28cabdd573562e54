/* Whatever stands in a stat file or in a record: nothing outside is read, a start is a number that
 * stands there, and a record is written as it was read. */
#define _GNU_SOURCE /* memmem */

#include "plane/child.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_start(const char *text, size_t size)
{
    char number[32];
    uint64_t start = child_start_in(text, size);
    int length = snprintf(number, sizeof number, "%llu", (unsigned long long)start);
    assert(start == 0 || memmem(text, size, number, (size_t)length));
    assert(start == 0 || memchr(text, ')', size));
}

/* Zeros in front of a number are taken, and not written. */
static void check_record(const char *text, size_t size)
{
    char again[64];
    pid_t pid = 0, pid_again = 0;
    uint64_t start = 0, start_again = 0;
    if (!child_record_in(text, size, &pid, &start)) {
        assert(pid == 0 && start == 0);
        return;
    }
    int length = snprintf(again, sizeof again, "%d %llu\n", (int)pid, (unsigned long long)start);
    assert(pid > 0 && start > 0 && (size_t)length <= size);
    assert(child_record_in(again, (size_t)length, &pid_again, &start_again));
    assert(pid_again == pid && start_again == start);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *exact = malloc(size ? size : 1);
    assert(exact);
    memcpy(exact, bytes, size);
    check_start(exact, size);
    check_record(exact, size);
    free(exact);
    return 0;
}
