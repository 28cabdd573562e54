/* What the keeper does for whoever speaks for the gateway. The process that speaks is the one that
 * reads what neighbors send, so it is believed as long as nobody else has spoken to it: until the
 * first SETTLED. What was named by then is what the file's author named, and it is the measure of
 * what comes later:
 *
 *     outside addresses   those named at first, and what lies in the pools of the command line: a
 *                         route to one of them leads away from the host
 *     files               in folders in which a file was named at first: they are read as root
 *     names               any, as long as no two are called the same on this machine, and not more
 *                         tunnels than PERMIT_TUNNELS
 *
 * The gateway asks the same question about a file that it reads again, so that its author hears of
 * it before anything changes; the keeper asks because it does not believe. */
#pragma once

#include "plane/names.h"
#include "plane/orders.h"

enum { PERMIT_TUNNELS = 512, PERMIT_FOLDERS = 1024, PERMIT_POOLS = 16 };

struct permit_pools {
    struct prefix items[PERMIT_POOLS];
    size_t count;
};

struct permit;

/* pools NULL: none; copied. NULL: no memory. */
struct permit *permit_create(const char *gateway, const struct permit_pools *pools);
struct permit *permit_copy(const struct permit *permit); /* NULL: no memory */
void permit_destroy(struct permit *permit);              /* NULL is fine */

/* May this be wanted, anew or again? false: no, and the sentence says why and nothing has changed.
 * psk_file "": none. */
bool permit_want(struct permit *permit, const struct plane_tunnel *tunnel, const char *psk_file,
                 char sentence[ORDER_SENTENCE_BYTES]) __attribute__((warn_unused_result));
void permit_unwant(struct permit *permit, const char *name);
/* From now on only what was named. */
void permit_settle(struct permit *permit);

bool permit_has(const struct permit *permit, const char *name);
