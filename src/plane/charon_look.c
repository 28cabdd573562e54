#include "plane/charon_parts.h"

#include <string.h>

/* -- the log -- */

static void remember_number(struct charon *charon, const struct charon_line *line)
{
    struct charon_number *place = &charon->numbers[charon->number_count++ % CHARON_NUMBERS];
    *place = (struct charon_number){line->number, line->peer};
}

static ip_addr peer_of_number(const struct charon *charon, uint32_t number)
{
    for (unsigned i = 0; i < CHARON_NUMBERS; i++)
        if (number != 0 && charon->numbers[i].number == number)
            return charon->numbers[i].peer;
    return 0;
}

/* Whose line it is: by name, by the address behind its number, or because there is but one tunnel
 * that it can be of. */
static struct charon_tunnel *owner_of(const struct charon *charon, const struct charon_line *line)
{
    if (line->tunnel[0])
        return charon_tunnel_called(charon, line->tunnel);
    ip_addr peer = peer_of_number(charon, line->number);
    struct charon_tunnel *found = NULL;
    for (unsigned i = 0; i < charon->tunnel_count && peer != 0; i++) {
        ip_addr wanted = charon->tunnels[i]->wanted.peer;
        if (wanted != peer && wanted != 0)
            continue;
        if (found)
            return NULL;
        found = charon->tunnels[i];
    }
    return found;
}

void charon_log_line(void *of, struct slice text)
{
    struct charon *charon = of;
    struct charon_line line = charon_line_read(text);
    if (line.kind == CHARON_LINE_PEER)
        remember_number(charon, &line);
    else if (line.kind == CHARON_LINE_MOVED)
        charon_look(charon);
    if (line.kind == CHARON_LINE_NOTHING)
        return;
    struct charon_tunnel *tunnel = owner_of(charon, &line);
    if (!tunnel)
        return;
    bool former_first = tunnel->former_first;
    charon_tell(charon, tunnel, charon_tunnel_line(tunnel, &line, charon_now_us()));
    if (former_first != tunnel->former_first)
        charon_load(charon, tunnel);
}

/* -- the list of SAs -- */

static void heard_sa(void *of, struct slice name, struct slice message)
{
    struct charon *charon = of;
    char called[PLANE_NAME_BYTES];
    struct charon_sa sa;
    (void)name;
    if (!charon_sa_read(message, called, &sa))
        return;
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, called);
    if (tunnel)
        charon_sa_join(&tunnel->fresh, &sa);
}

static void heard_all(void *of, enum vici_outcome outcome, struct slice message)
{
    struct charon *charon = of;
    bool counted = charon->count_listing;
    (void)message;
    charon->listing = charon->count_listing = false;
    if (outcome != VICI_ANSWERED)
        return;
    tail_read(charon->log); /* what explains the list was written before it */
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        struct charon_tunnel *tunnel = charon->tunnels[i];
        if (charon_tunnel_doubts(tunnel, &tunnel->fresh))
            charon->list_again = true;
        else
            charon_tell(charon, tunnel,
                        charon_tunnel_seen(tunnel, &tunnel->fresh, charon_now_us()));
    }
    if (counted)
        charon->ears.counted(charon->ears.of);
    if (charon->list_again || charon->count_asked)
        charon_look(charon);
}

/* Asks for the list; when one is on its way, for another behind it, since that one may be older
 * than what there is to see. */
void charon_look(struct charon *charon)
{
    uint8_t room[64];
    struct writer writer = writer_over(room, sizeof room);
    if (!charon->going || charon->listing) {
        charon->list_again = charon->going;
        return;
    }
    vici_begin(&writer, VICI_REQUEST, "list-sas");
    vici_end(&writer);
    for (unsigned i = 0; i < charon->tunnel_count; i++)
        charon->tunnels[i]->fresh = (struct charon_sa){0};
    charon->listing =
        vici_line_ask(charon->line, writer_slice(&writer), "list-sa", heard_sa, heard_all, charon);
    charon->list_again = false;
    charon->count_listing = charon->count_asked && charon->listing;
    charon->count_asked = charon->count_asked && !charon->listing;
}
