/* The other end of a VICI line, in the same program: what it was sent is read packet by packet, and
 * it answers what the test says. */
#pragma once

#include "plane/vici_line.h"

#include "tests/harness.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define VICI_UNUSED __attribute__((unused))

enum { VICI_RIG_BYTES = 4 + VICI_PACKET_MAX, VICI_RIG_PATIENCE_MS = 20000 };

struct vici_rig {
    int fd;
    uint8_t got[VICI_RIG_BYTES];
    size_t size;
};

/* Lets the loop do all that it can do at once. */
VICI_UNUSED static void vici_rig_turn(uv_loop_t *loop)
{
    for (int i = 0; i < 8; i++)
        uv_run(loop, UV_RUN_NOWAIT);
}

/* The next packet that came, while the loop runs; borrowed until the next call. */
VICI_UNUSED static bool vici_rig_hear(struct vici_rig *rig, uv_loop_t *loop,
                                      struct vici_packet *ret_packet)
{
    static uint8_t last[VICI_RIG_BYTES];
    struct vici_packet packet;
    for (int turns = 0; turns < 2000; turns++) {
        uv_run(loop, UV_RUN_NOWAIT);
        ssize_t size =
            recv(rig->fd, rig->got + rig->size, sizeof rig->got - rig->size, MSG_DONTWAIT);
        if (size > 0)
            rig->size += (size_t)size;
        memcpy(last, rig->got, rig->size);
        if (vici_packet((struct slice){last, rig->size}, &packet) != VICI_WHOLE) {
            struct pollfd wait = {.fd = rig->fd, .events = POLLIN};
            poll(&wait, 1, turns < 10 ? 0 : VICI_RIG_PATIENCE_MS / 2000);
            continue;
        }
        rig->size -= packet.size_bytes;
        memmove(rig->got, rig->got + packet.size_bytes, rig->size);
        *ret_packet = packet;
        return true;
    }
    return false;
}

/* Says one packet with one key and value in it ("": none). */
VICI_UNUSED static void vici_rig_say(struct vici_rig *rig, enum vici_packet_type type,
                                     const char *name, const char *key, const char *value)
{
    uint8_t room[512];
    struct writer writer = writer_over(room, sizeof room);
    vici_begin(&writer, type, name);
    if (key[0])
        vici_key_text(&writer, key, value);
    vici_end(&writer);
    CHECK_EQUAL(send(rig->fd, room, writer.size, MSG_NOSIGNAL), (ssize_t)writer.size);
}

VICI_UNUSED static struct slice vici_rig_request(const char *command)
{
    static uint8_t room[512];
    struct writer writer = writer_over(room, sizeof room);
    vici_begin(&writer, VICI_REQUEST, command);
    vici_end(&writer);
    return writer_slice(&writer);
}

/* Everything that is still open in the loop is closed by its owner; the loop then ends. */
VICI_UNUSED static void vici_rig_end_loop(uv_loop_t *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(loop), 0);
}
