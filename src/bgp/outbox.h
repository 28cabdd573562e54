/* What a session itself has to say on a connection, until it is pulled: OPEN, KEEPALIVE,
 * ROUTE-REFRESH, NOTIFICATION. Messages are kept as what they are and become bytes when they are
 * pulled, so an outbox costs nothing but for a NOTIFICATION's data. */
#pragma once

#include "base/alloc.h"
#include "base/slice.h"
#include "wire/bgp_message.h"

enum { OUTBOX_CAP = 4 }; /* each kind waits at most once */

/* Zeroed is empty. */
struct outbox {
    uint8_t *notice; /* the whole NOTIFICATION; NULL: none waits, or it has no data */
    uint16_t notice_size;
    uint8_t kinds[OUTBOX_CAP]; /* enum bgp_type, oldest first */
    uint8_t count;
    uint8_t code; /* of the NOTIFICATION */
    uint8_t subcode;
};

/* Appends one, unless one of its kind waits already or a NOTIFICATION does, which is the last. Not
 * for NOTIFICATION. */
void outbox_put(struct outbox *outbox, enum bgp_type type);

/* The last message of a connection. Without its data when the budget refuses. */
void outbox_put_notice(struct outbox *outbox, struct budget *budget, const struct bgp_error *error);
/* Cease 6/2 or 6/4 with the text of RFC 9003. */
void outbox_put_shutdown(struct outbox *outbox, struct budget *budget, uint8_t subcode,
                         struct slice text);

/* Writes as many whole messages as fit and forgets them; open is what to say where an OPEN waits,
 * and its families those of a refresh.
 */
size_t outbox_pull(struct outbox *outbox, struct budget *budget, const struct bgp_open *open,
                   uint8_t *data, size_t cap) __attribute__((warn_unused_result));

void outbox_clear(struct outbox *outbox, struct budget *budget);
