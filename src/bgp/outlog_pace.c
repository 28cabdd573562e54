/* The log as a paced member reads it.
 *
 * RFC 4271 9.2.1.1 bounds how often a neighbor is told of one destination. Withdrawals go at once
 * (RFC 1771 9.2.1.1 said so in words, and a route that is gone should not be used for an interval
 * longer); announcements are passed over, and only the batch before the first of them is
 * remembered. When they are released, a walk tells every prefix that has changed since, once, as it
 * then is. What was withdrawn meanwhile is told again by the walk, if nothing replaced it: rightly,
 * and seldom. */
#include "bgp/outlog_members.h"
#include "bgp/outlog_pieces.h"
#include "wire/bgp_attr.h"

#include <string.h>

/* An UPDATE that announces nothing: of IPv4 it has no attributes, of IPv6 none but the one that
 * withdraws. */
static bool only_withdraws(const uint8_t *message)
{
    enum { FLAGS_CODE = 2 };
    const uint8_t *at = message + BGP_HEADER_BYTES;
    size_t withdrawn = (size_t)at[0] << 8 | at[1];
    at += 2 + withdrawn;
    size_t attributes = (size_t)at[0] << 8 | at[1];
    at += 2;
    return attributes < FLAGS_CODE || at[1] == BGP_CODE_MP_UNREACH;
}

static void hold(struct outlog_member *member)
{
    if (!member->holds)
        member->held_since = member->told;
    member->holds = true;
}

void pace_read_log(const struct outlog *outlog, struct outlog_member *member, struct writer *writer)
{
    const struct outlog_group *group = group_at(outlog, member->group);
    while (member->left > 0 || enter_segment(outlog, group, member)) {
        const uint8_t *from = bytes_at(outlog, group, member->at);
        struct frame frame;
        memcpy(&frame, from, sizeof frame);
        if (!only_withdraws(from + sizeof frame)) {
            hold(member);
        } else {
            if (frame.size > writer->cap - writer->size)
                return;
            memcpy(writer->data + writer->size, from + sizeof frame, frame.size);
            writer->size += frame.size;
        }
        member->at += sizeof frame + frame.size;
        member->left -= (uint32_t)sizeof frame + frame.size;
    }
}
