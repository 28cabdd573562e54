/* What charon may say, in pieces of any size (the first byte of each piece, 0 being 256), to a line
 * that has asked for things: each is answered once, whatever comes. */
#include "plane/vici_line.h"

#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ASKS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct vici_line *line;
static unsigned asked, told, openings, closings;

static void answered(void *of, enum vici_outcome outcome, struct slice message)
{
    struct slice value;
    (void)of;
    assert(outcome == VICI_ANSWERED || message.size == 0 || outcome == VICI_REFUSED);
    assert(vici_message_check(message));
    if (vici_find(message, "success", &value))
        assert(value.data + value.size <= message.data + message.size);
    told++;
}

static void heard(void *of, struct slice name, struct slice message)
{
    (void)of;
    assert(name.size <= VICI_NAME_MAX && vici_message_check(message));
}

static void opened(void *of)
{
    static const uint8_t request[] = {0, 0, 0, 4, VICI_REQUEST, 2, 'g', 'o'};
    (void)of;
    openings++;
    for (unsigned i = 0; i < ASKS; i++)
        asked += vici_line_ask(line, (struct slice){request, sizeof request},
                               i % 2 ? "list-sa" : NULL, heard, answered, NULL);
    assert(asked == ASKS);
}

static void closed(void *of)
{
    (void)of;
    closings++;
}

static const struct vici_ears EARS = {NULL, opened, closed, heard};

static void turn(uv_loop_t *loop)
{
    for (int i = 0; i < 3; i++)
        uv_run(loop, UV_RUN_NOWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uv_loop_t loop;
    int pair[2];
    assert(uv_loop_init(&loop) == 0);
    assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    asked = told = openings = closings = 0;
    line = vici_line_over(&loop, pair[0], &EARS);
    assert(line);
    vici_line_want(line, "ike-updown");
    turn(&loop);
    while (size > 1) {
        size_t piece = bytes[0] ? bytes[0] : 256;
        piece = piece < size - 1 ? piece : size - 1;
        ssize_t sent = send(pair[1], bytes + 1, piece, MSG_NOSIGNAL | MSG_DONTWAIT);
        turn(&loop);
        if (sent < 0)
            break;
        bytes += 1 + piece;
        size -= 1 + piece;
    }
    close(pair[1]);
    turn(&loop);
    assert(told == asked && openings == closings && !vici_line_is_open(line));
    vici_line_destroy(line);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert(uv_loop_close(&loop) == 0);
    return 0;
}
