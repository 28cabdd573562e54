/* One at a time starts or takes down a lab of a name: a file beside its folder, locked as long as
 * that takes. The kernel takes the lock back from whoever is killed. */
#pragma once

#include "lab/running.h"

struct lock {
    int fd;
    char path[LAB_PATH_BYTES];
};

/* Waits at most wait_ms for another one to end. Makes the folder of all labs. */
bool lock_take(const char *name, int wait_ms, struct lock *ret_lock, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
void lock_let_go(struct lock *lock);
/* And the file, and the folders of all labs when there is no other. */
void lock_remove(struct lock *lock);
