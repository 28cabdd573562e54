/* Where memory comes from. The core never calls malloc: whoever starts an engine hands it an
 * allocator and a budget, and going over the budget is a refusal, not a crash (design: a neighbor
 * that would exceed it is answered with Cease 6/8, RFC 4486). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct alloc {
    void *ctx;
    void *(*get)(void *ctx, size_t size_bytes); /* NULL when there is none */
    void (*put)(void *ctx, void *block, size_t size_bytes);
};

/* Counts what one owner (an engine) has taken. limit_bytes 0 means no limit. */
struct budget {
    struct alloc alloc;
    size_t limit_bytes;
    size_t used_bytes;
    size_t peak_bytes;
};

void budget_init(struct budget *budget, struct alloc alloc, size_t limit_bytes);

/* A zeroed block, or NULL when the limit or the allocator says no. */
void *budget_get(struct budget *budget, size_t size_bytes) __attribute__((warn_unused_result));
void budget_put(struct budget *budget, void *block, size_t size_bytes); /* block may be NULL */
