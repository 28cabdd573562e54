/* One keeper for a gateway on a machine. Two would call the same things by the same names, each
 * mend what the other has made, and one take down what the other needs.
 *
 * It is a lock on a file (flock): it goes with whoever holds it, however that ends. Only one that
 * was killed leaves the file behind, and the next one takes it. */
#pragma once

#include "plane/plane.h"
#include "plane/trouble.h"

struct claim {
    int fd;
    char path[PLANE_PATH_BYTES];
};

/* folder: made if it is missing. One who is about to leave is waited for, so long at most. False:
 * another keeper has the gateway, or the file cannot be had. */
bool claim_take(struct claim *claim, const char *folder, const char *gateway, int wait_ms,
                struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The same for anything else that only one gateway may have, called by a key with an '@' in it,
 * which no gateway's name has. False: error EWOULDBLOCK and ret_holder, who has it in words ("the
 * gateway vgw-a"), or the file cannot be had. */
enum { CLAIM_HOLDER_BYTES = 128 };
bool claim_key(struct claim *claim, const char *folder, const char *key, const char *gateway,
               int wait_ms, char ret_holder[CLAIM_HOLDER_BYTES], struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* Files of keys that a killed one has left. */
void claim_sweep(const char *folder);

/* The file goes, and the folder, if it was the last thing in it; also where tunnels stay, which
 * need no lock. */
void claim_leave(struct claim *claim);
