#include "bgp/outbox.h"

#include <assert.h>
#include <string.h>

static bool waits(const struct outbox *outbox, enum bgp_type type)
{
    for (unsigned i = 0; i < outbox->count; i++)
        if (outbox->kinds[i] == type)
            return true;
    return false;
}

static void append(struct outbox *outbox, enum bgp_type type)
{
    assert(outbox->count < OUTBOX_CAP);
    outbox->kinds[outbox->count++] = (uint8_t)type;
}

void outbox_put(struct outbox *outbox, enum bgp_type type)
{
    assert(type == BGP_OPEN || type == BGP_KEEPALIVE || type == BGP_ROUTE_REFRESH);
    if (!waits(outbox, type) && !waits(outbox, BGP_NOTIFICATION))
        append(outbox, type);
}

static void put_encoded(struct outbox *outbox, struct budget *budget, const struct writer *writer)
{
    assert(!writer->failed && writer->size >= BGP_NOTIFICATION_MIN);
    assert(!waits(outbox, BGP_NOTIFICATION));
    append(outbox, BGP_NOTIFICATION);
    outbox->code = writer->data[BGP_HEADER_BYTES];
    outbox->subcode = writer->data[BGP_HEADER_BYTES + 1];
    if (writer->size == BGP_NOTIFICATION_MIN)
        return;
    outbox->notice = budget_get(budget, writer->size);
    if (!outbox->notice)
        return;
    memcpy(outbox->notice, writer->data, writer->size);
    outbox->notice_size = (uint16_t)writer->size;
}

void outbox_put_notice(struct outbox *outbox, struct budget *budget, const struct bgp_error *error)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_notification_encode(*error, &writer);
    put_encoded(outbox, budget, &writer);
}

void outbox_put_shutdown(struct outbox *outbox, struct budget *budget, uint8_t subcode,
                         struct slice text)
{
    uint8_t bytes[BGP_NOTIFICATION_MIN + 1 + BGP_SHUTDOWN_TEXT_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_shutdown_encode(subcode, text, &writer);
    put_encoded(outbox, budget, &writer);
}

static void encode(const struct outbox *outbox, enum bgp_type type, const struct bgp_open *open,
                   struct writer *writer)
{
    switch (type) {
    case BGP_OPEN:
        bgp_open_encode(open, writer);
        break;
    case BGP_KEEPALIVE:
        bgp_keepalive_encode(writer);
        break;
    case BGP_ROUTE_REFRESH:
        for (unsigned i = 0; i < open->family_count; i++)
            bgp_refresh_encode((struct bgp_refresh){open->families[i].afi, BGP_REFRESH_REQUEST,
                                                    open->families[i].safi},
                               writer);
        break;
    case BGP_NOTIFICATION:
        if (outbox->notice)
            writer_bytes(writer, (struct slice){outbox->notice, outbox->notice_size});
        else
            bgp_notification_encode((struct bgp_error){outbox->code, outbox->subcode, {0}}, writer);
        break;
    case BGP_UPDATE:
        assert(false);
        break;
    }
}

size_t outbox_pull(struct outbox *outbox, struct budget *budget, const struct bgp_open *open,
                   uint8_t *data, size_t cap)
{
    size_t size = 0;
    unsigned pulled = 0;
    while (pulled < outbox->count) {
        struct writer writer = writer_over(data + size, cap - size);
        encode(outbox, outbox->kinds[pulled], open, &writer);
        if (writer.failed)
            break;
        size += writer.size;
        pulled++;
    }
    if (pulled == outbox->count) {
        outbox_clear(outbox, budget);
        return size;
    }
    outbox->count = (uint8_t)(outbox->count - pulled);
    memmove(outbox->kinds, outbox->kinds + pulled, outbox->count);
    return size;
}

void outbox_clear(struct outbox *outbox, struct budget *budget)
{
    budget_put(budget, outbox->notice, outbox->notice_size);
    *outbox = (struct outbox){0};
}
