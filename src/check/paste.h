/* One step of a remedy being told, line by line; and the lines for changes at gateways. */
#pragma once

#include "check/parts.h"

struct paste {
    struct check *check;
    const struct network *network;
    struct check_step *step;
};

void paste_line(struct paste *paste, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Those of the changes that are of one family; the check owns them. */
struct change *paste_of_family(struct paste *paste, const struct change *changes, size_t count,
                               bool six, size_t *ret_count);
/* Of changes to one router: is this the first one with its prefix, or its neighbor? */
bool paste_is_new_prefix(const struct change *changes, size_t at);
bool paste_is_new_neighbor(const struct change *changes, size_t at);
/* A static route of a connection goes. */
void paste_stop_static(struct paste *paste, const struct change *change);
/* A gateway's number cannot be changed: a new gateway takes its place. */
void paste_gateway(struct paste *paste, const struct change *change);
/* A new connection that speaks BGP. */
void paste_connection(struct paste *paste, const struct change *change);
/* Static routes of one connection, which is built anew if it is not static yet. */
void paste_statics(struct paste *paste, const struct change *changes, size_t count);
/* Is the change a rule of a gateway's filter on an attachment? */
bool paste_is_attachments(const struct change *change);
/* Such rules of one attachment. */
void paste_attachment_filter(struct paste *paste, const struct change *changes, size_t count);
/* Where, and in one line what: the gateway refuses from an attachment. */
const char *paste_refused(struct paste *paste, const struct change *change, const char *prefixes);
