/* What no neighbor should send: noise, and messages with a few bytes changed. The session lives or
 * ends with a well-formed NOTIFICATION, and begins again as if nothing had been. */
#include "bgp/session_rig.h"

static struct rig rig;
static struct prng prng;

static void begin(void)
{
    struct session_config config = rig_config();
    config.restart_s = 120;
    rig_init(&rig, &config);
}

/* A session that went down says why in exactly one NOTIFICATION, its last message. */
static void check_farewell(enum bgp_slot which)
{
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK(rig.session.last_reason != BGP_DOWN_NONE);
    if (rig.session.last_reason == BGP_DOWN_NOTIFICATION) {
        CHECK(!session_has_bytes(&rig.session, which)); /* theirs is not answered */
        return;
    }
    uint8_t bytes[2 * BGP_MESSAGE_MAX];
    size_t size = session_pull(&rig.session, &rig.budget, which, bytes, sizeof bytes);
    struct bgp_frame frame = {0};
    struct bgp_error error;
    for (size_t at = 0; at < size; at += frame.size_bytes) {
        struct slice rest = {bytes + at, size - at};
        CHECK(frame.type != BGP_NOTIFICATION);
        CHECK_EQUAL(bgp_frame(rest, &frame, &error), BGP_FRAME_WHOLE);
        if (frame.size_bytes == 0)
            return;
    }
    CHECK_EQUAL(frame.type, BGP_NOTIFICATION);
    CHECK_EQUAL(frame.body.data[0], rig.session.last_code);
    CHECK_EQUAL(frame.body.data[1], rig.session.last_subcode);
}

static void hear_all(enum bgp_slot which, struct slice bytes)
{
    while (bytes.size > 0) {
        size_t piece = 1 + prng_below(&prng, bytes.size);
        size_t taken =
            session_bytes(&rig.session, rig_turn(&rig), which, (struct slice){bytes.data, piece});
        CHECK(taken > 0 && taken <= piece);
        if (taken == 0)
            return;
        bytes.data += taken;
        bytes.size -= taken;
    }
}

static void to_phase(uint64_t phase)
{
    if (phase == 0)
        to_open_sent(&rig, BGP_OUT);
    else if (phase == 1)
        to_open_confirm(&rig, BGP_OUT);
    else
        to_established(&rig, BGP_OUT);
}

static void a_million_random_bytes(void)
{
    prng = prng_seed(3);
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t bytes[1000];
        for (unsigned at = 0; at < sizeof bytes; at++)
            bytes[at] = (uint8_t)prng_next(&prng);
        begin();
        to_phase(prng_below(&prng, 3));
        hear_all(BGP_OUT, (struct slice){bytes, sizeof bytes});
        CHECK_EQUAL(rig.session.last_code, BGP_ERROR_HEADER);
        check_farewell(BGP_OUT);
        rig_done(&rig);
    }
}

/* Right headers around anything. */
static void a_million_bytes_in_messages(void)
{
    prng = prng_seed(4);
    for (unsigned i = 0; i < 10000; i++) {
        uint8_t bytes[BGP_HEADER_BYTES + 180];
        size_t size = BGP_HEADER_BYTES + prng_below(&prng, 180);
        memset(bytes, 0xff, BGP_MARKER_BYTES);
        bytes[16] = 0;
        bytes[17] = (uint8_t)size;
        bytes[18] = (uint8_t)(1 + prng_below(&prng, 5));
        for (size_t at = BGP_HEADER_BYTES; at < size; at++)
            bytes[at] = (uint8_t)prng_next(&prng);
        begin();
        to_phase(prng_below(&prng, 3));
        hear_all(BGP_OUT, (struct slice){bytes, size});
        if (rig.session.state == SESSION_IDLE)
            check_farewell(BGP_OUT);
        rig_done(&rig);
    }
}

/* A good conversation, one to three of its bytes changed. */
static void mutations_end_well(void)
{
    prng = prng_seed(5);
    unsigned survived = 0;
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t bytes[512];
        struct writer writer = writer_over(bytes, sizeof bytes);
        writer_bytes(&writer, open_of_peer());
        for (unsigned n = 0; n < 3; n++)
            writer_bytes(&writer, keepalive());
        writer_bytes(&writer, end_of_rib());
        writer_bytes(&writer, refresh(1, BGP_REFRESH_REQUEST, 1));
        writer_bytes(&writer, refresh(1, BGP_REFRESH_BEGIN, 1));
        writer_bytes(&writer, end_of_rib());
        writer_bytes(&writer, refresh(1, BGP_REFRESH_END, 1));
        writer_bytes(&writer, keepalive());
        for (uint64_t n = 1 + prng_below(&prng, 3); n > 0; n--)
            bytes[prng_below(&prng, writer.size)] ^= (uint8_t)(1u << prng_below(&prng, 8));
        begin();
        to_open_sent(&rig, BGP_OUT);
        hear_all(BGP_OUT, writer_slice(&writer));
        survived += rig.session.state == SESSION_ESTABLISHED;
        if (rig.session.state == SESSION_IDLE)
            check_farewell(BGP_OUT);
        if (rig.session.state == SESSION_IDLE) { /* and the next conversation is a good one */
            at_us(&rig, 1 * S);
            to_established(&rig, BGP_OUT);
        }
        rig_done(&rig);
    }
    CHECK(survived > 100 && survived < 95000);
}

int main(void)
{
    TEST(a_million_random_bytes);
    TEST(a_million_bytes_in_messages);
    TEST(mutations_end_well);
    return harness_done();
}
