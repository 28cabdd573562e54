/* A neighbor's stream: cut into messages, each decoded; what can be written again must come back.
 * Whatever the bytes, the walk ends and nothing is read outside of them. */
#include "wire/bgp_message.h"
#include "wire/bgp_nlri.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void open_again(struct slice body)
{
    struct bgp_open open, again;
    struct bgp_error error;
    memset(&open, 0, sizeof open);
    memset(&again, 0, sizeof again);
    if (!bgp_open_decode(body, &open, &error)) {
        assert(error.code == BGP_ERROR_OPEN);
        return;
    }
    uint8_t room[BGP_OPEN_MAX];
    struct writer writer = writer_over(room, sizeof room);
    bgp_open_encode(&open, &writer);
    struct bgp_frame frame;
    assert(!writer.failed);
    assert(bgp_frame(writer_slice(&writer), &frame, &error) == BGP_FRAME_WHOLE);
    assert(bgp_open_decode(frame.body, &again, &error));
    assert(again.unknown_count == 0);
    assert(bgp_open_as(&open) == bgp_open_as(&again));
    assert(open.identifier == again.identifier && open.hold_time_s == again.hold_time_s);
    assert(open.family_count == again.family_count);
    assert(memcmp(open.families, again.families, sizeof open.families) == 0);
    assert(open.graceful_restart == again.graceful_restart);
    assert(open.restart_family_count == again.restart_family_count);
}

static void notification_again(struct slice body)
{
    struct bgp_notification notification = bgp_notification_decode(body);
    assert(notification.text.size <= BGP_SHUTDOWN_TEXT_MAX);
    uint8_t room[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(room, sizeof room);
    struct bgp_error error = {notification.code, notification.subcode, notification.data};
    bgp_notification_encode(error, &writer);
    struct slice written = writer_slice(&writer);
    assert(!writer.failed && written.size == BGP_HEADER_BYTES + body.size);
    assert(memcmp(written.data + BGP_HEADER_BYTES, body.data, body.size) == 0);
}

static void refresh_again(struct slice message)
{
    struct bgp_refresh refresh;
    struct bgp_error error;
    if (!bgp_refresh_decode(message, &refresh, &error)) {
        assert(error.code == BGP_ERROR_REFRESH && slice_equal(error.data, message));
        return;
    }
    uint8_t room[BGP_REFRESH_BYTES];
    struct writer writer = writer_over(room, sizeof room);
    bgp_refresh_encode(refresh, &writer);
    assert(!writer.failed);
    assert(memcmp(room + BGP_HEADER_BYTES, message.data + BGP_HEADER_BYTES, 4) == 0);
}

/* A right field, written anew, has the same prefixes in as many bytes. */
static void prefixes_again(struct slice field)
{
    size_t count;
    if (!bgp_nlri_check(field, false, &count))
        return;
    uint8_t room[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(room, sizeof room);
    struct cursor cursor = cursor_over(field);
    struct prefix prefix, again;
    for (size_t i = 0; i < count; i++) {
        assert(bgp_nlri_next(&cursor, false, &prefix));
        assert(prefix.len <= 32 && (prefix.addr & ~ip_mask_four(prefix.len)) == 0);
        bgp_nlri_encode(&writer, &prefix);
    }
    assert(!bgp_nlri_next(&cursor, false, &prefix) && !cursor.failed);
    assert(!writer.failed && writer.size == field.size);
    struct cursor first = cursor_over(field), second = cursor_over(writer_slice(&writer));
    while (bgp_nlri_next(&first, false, &prefix))
        assert(bgp_nlri_next(&second, false, &again) && prefix_equal(prefix, again));
}

static void fields_again(struct slice body)
{
    struct bgp_update_fields fields;
    struct bgp_error error;
    if (!bgp_update_split(body, &fields, &error)) {
        assert(error.code == BGP_ERROR_UPDATE && error.subcode == BGP_UPDATE_MALFORMED_LIST);
        return;
    }
    assert(fields.withdrawn.size + fields.attributes.size + fields.nlri.size + 4 == body.size);
    prefixes_again(fields.withdrawn);
    prefixes_again(fields.nlri);
}

static void message_again(const struct bgp_frame *frame, struct slice message)
{
    switch (frame->type) {
    case BGP_OPEN:
        open_again(frame->body);
        break;
    case BGP_UPDATE:
        fields_again(frame->body);
        break;
    case BGP_NOTIFICATION:
        notification_again(frame->body);
        break;
    case BGP_KEEPALIVE:
        assert(frame->body.size == 0);
        break;
    case BGP_ROUTE_REFRESH:
        refresh_again(message);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice stream = {bytes, size};
    struct bgp_frame frame;
    struct bgp_error error;
    enum bgp_frame_verdict verdict;
    while ((verdict = bgp_frame(stream, &frame, &error)) == BGP_FRAME_WHOLE) {
        assert(frame.size_bytes >= BGP_HEADER_BYTES && frame.size_bytes <= stream.size);
        assert(frame.body.size + BGP_HEADER_BYTES == frame.size_bytes);
        message_again(&frame, (struct slice){stream.data, frame.size_bytes});
        stream.data += frame.size_bytes;
        stream.size -= frame.size_bytes;
    }
    assert(verdict == BGP_FRAME_BAD ? error.code == BGP_ERROR_HEADER
                                    : stream.size < BGP_MESSAGE_MAX);
    return 0;
}
