#include "bgp/inbox.h"

#include <assert.h>
#include <string.h>

/* Only of a header that bgp_frame did not find bad. */
static size_t message_size(const uint8_t *header)
{
    return (size_t)header[BGP_MARKER_BYTES] << 8 | header[BGP_MARKER_BYTES + 1];
}

void inbox_clear(struct inbox *inbox, struct budget *budget)
{
    if (inbox->block)
        budget_put(budget, inbox->block, message_size(inbox->block));
    *inbox = (struct inbox){0};
}

/* A message of which a whole header has come moves into a block of its own. */
static bool start_block(struct inbox *inbox, struct budget *budget, struct slice beginning)
{
    inbox->block = budget_get(budget, message_size(beginning.data));
    if (!inbox->block)
        return false;
    memcpy(inbox->block, beginning.data, beginning.size);
    inbox->block_size = (uint16_t)beginning.size;
    return true;
}

static enum inbox_verdict judge(struct slice stream, struct slice *ret_message,
                                struct bgp_error *ret_error)
{
    struct bgp_frame frame;
    switch (bgp_frame(stream, &frame, ret_error)) {
    case BGP_FRAME_WHOLE:
        *ret_message = (struct slice){stream.data, frame.size_bytes};
        return INBOX_MESSAGE;
    case BGP_FRAME_BAD:
        return INBOX_BAD;
    case BGP_FRAME_SHORT:
        break;
    }
    return INBOX_MORE;
}

/* Nothing is stored: the usual case. */
static enum inbox_verdict take_fresh(struct inbox *inbox, struct budget *budget, struct slice bytes,
                                     size_t *ret_taken, struct slice *ret_message,
                                     struct bgp_error *ret_error)
{
    enum inbox_verdict verdict = judge(bytes, ret_message, ret_error);
    *ret_taken = verdict == INBOX_MESSAGE ? ret_message->size : bytes.size;
    if (verdict != INBOX_MORE || bytes.size == 0)
        return verdict;
    if (bytes.size >= BGP_HEADER_BYTES)
        return start_block(inbox, budget, bytes) ? INBOX_MORE : INBOX_NO_MEMORY;
    memcpy(inbox->head, bytes.data, bytes.size);
    inbox->head_size = (uint8_t)bytes.size;
    return INBOX_MORE;
}

/* A header was cut: it is completed first, and may be all there is (KEEPALIVE). */
static enum inbox_verdict take_head(struct inbox *inbox, struct budget *budget, struct slice bytes,
                                    size_t *ret_taken, struct slice *ret_message,
                                    struct bgp_error *ret_error)
{
    size_t missing = BGP_HEADER_BYTES - (size_t)inbox->head_size;
    size_t part = bytes.size < missing ? bytes.size : missing;
    if (part > 0)
        memcpy(inbox->head + inbox->head_size, bytes.data, part);
    inbox->head_size = (uint8_t)(inbox->head_size + part);
    *ret_taken = part;
    struct slice head = {inbox->head, inbox->head_size};
    enum inbox_verdict verdict = judge(head, ret_message, ret_error);
    if (verdict == INBOX_MESSAGE)
        inbox->head_size = 0;
    if (verdict == INBOX_MORE && head.size == BGP_HEADER_BYTES)
        return start_block(inbox, budget, head) ? INBOX_MORE : INBOX_NO_MEMORY;
    return verdict;
}

static enum inbox_verdict take_rest(struct inbox *inbox, struct slice bytes, size_t *ret_taken,
                                    struct slice *ret_message, struct bgp_error *ret_error)
{
    size_t missing = message_size(inbox->block) - inbox->block_size;
    size_t part = bytes.size < missing ? bytes.size : missing;
    if (part > 0)
        memcpy(inbox->block + inbox->block_size, bytes.data, part);
    inbox->block_size = (uint16_t)(inbox->block_size + part);
    *ret_taken += part;
    return judge((struct slice){inbox->block, inbox->block_size}, ret_message, ret_error);
}

enum inbox_verdict inbox_take(struct inbox *inbox, struct budget *budget, struct slice bytes,
                              size_t *ret_taken, struct slice *ret_message,
                              struct bgp_error *ret_error)
{
    *ret_taken = 0;
    if (inbox->block && inbox->block_size == message_size(inbox->block))
        inbox_clear(inbox, budget); /* its message has been looked at */
    if (!inbox->block && inbox->head_size == 0)
        return take_fresh(inbox, budget, bytes, ret_taken, ret_message, ret_error);
    if (!inbox->block) {
        enum inbox_verdict verdict =
            take_head(inbox, budget, bytes, ret_taken, ret_message, ret_error);
        if (verdict != INBOX_MORE || !inbox->block)
            return verdict;
    }
    bytes.data += *ret_taken;
    bytes.size -= *ret_taken;
    return take_rest(inbox, bytes, ret_taken, ret_message, ret_error);
}
