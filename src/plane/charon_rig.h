/* A charon of a test, over a player of charon-systemd. */
#pragma once

#include "plane/charon_player_rig.h"

/* -- the test's side -- */

static uv_loop_t rig_loop;
static struct charon *rig_charon;
static struct charon_spec rig_spec;
static char rig_story[2048];
static bool rig_goes; /* charon_go as soon as it is READY */
static unsigned rig_counts;

RIG_UNUSED static void rig_note(const char *one, const char *two)
{
    size_t size = strlen(rig_story);
    snprintf(rig_story + size, sizeof rig_story - size, "%s%s%s", size ? " " : "", one, two);
}

static void rig_changed(void *of, enum charon_state state, bool adopted)
{
    (void)of;
    if (state == CHARON_READY)
        rig_note(adopted ? "adopted" : "ready", "");
    else if (state == CHARON_DOWN)
        rig_note("down", "");
    if (state == CHARON_READY && rig_goes)
        charon_go(rig_charon);
}

static void rig_heard(void *of, const char *tunnel, enum tunnel_cause cause)
{
    (void)of;
    rig_note(strcmp(tunnel, "vpn-a/1") == 0 ? "" : "other:", tunnel_cause_word(cause));
}

static void rig_counted(void *of)
{
    (void)of;
    rig_counts++;
}

static void rig_trouble(void *of, const char *tunnel, const char *sentence)
{
    (void)of;
    rig_note(tunnel, ": ");
    rig_note(sentence, "");
}

static const struct charon_ears RIG_EARS = {NULL,        rig_changed, rig_heard,
                                            rig_counted, rig_trouble, NULL};

/* A charon that was not started yet; its folder is not there yet, either, the first time. */
RIG_UNUSED static void rig_begin(void)
{
    snprintf(rig_folder, sizeof rig_folder, "/tmp/sekisho-charon-%d", (int)getpid());
    CHECK_EQUAL(uv_loop_init(&rig_loop), 0);
    rig_spec = (struct charon_spec){
        .userspace = true, .watch = {1000000, 1000000, 3}, .program = "/proc/self/exe"};
    snprintf(rig_spec.folder, sizeof rig_spec.folder, "%s", rig_folder);
    rig_story[0] = '\0';
    rig_goes = true;
    rig_counts = 0;
    rig_charon = charon_create(&rig_loop, &rig_spec, &RIG_EARS);
    CHECK(rig_charon != NULL);
}

RIG_UNUSED static void rig_end_loop(void)
{
    uv_run(&rig_loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&rig_loop), 0);
}

/* Ours ends, the player goes on. */
RIG_UNUSED static void rig_leave(void)
{
    charon_leave(rig_charon);
    rig_end_loop();
}

RIG_UNUSED static void rig_end(void)
{
    static const char *const files[] = {"sas", "event", "refuse", "asked", "new", "pem", "keys"};
    for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(rig_path(files[i]));
    charon_stop(rig_charon);
    rig_end_loop();
    CHECK(access(rig_folder, F_OK) != 0);
}

RIG_UNUSED static bool rig_start(void)
{
    char why[CHARON_WHY_BYTES] = "";
    int error = charon_start(rig_charon, why);
    if (error)
        printf("# %s\n", why);
    return error == 0;
}

RIG_UNUSED static struct plane_tunnel rig_tunnel(void)
{
    return (struct plane_tunnel){
        .name = "vpn-a/1",
        .outside = 0xcb0071e1,
        .peer = 0xc633640a,
        .options = tunnel_options_standard,
        .watch = {1000000, 1000000, 3},
        .psk = "pL4c3h0ld3r",
    };
}

RIG_UNUSED static void rig_want(const struct plane_tunnel *tunnel)
{
    char why[CHARON_WHY_BYTES] = "";
    CHECK(charon_want(rig_charon, tunnel, 0, why));
    CHECK_TEXT(why, "");
}

/* Runs the loop until it is so; patience is generous, and only spent when it never is. */
#define RIG_UNTIL(claim)                                                                           \
    do {                                                                                           \
        for (int turn = 0; turn < RIG_TURNS && !(claim); turn++) {                                 \
            uv_run(&rig_loop, UV_RUN_NOWAIT);                                                      \
            poll(NULL, 0, RIG_TURN_MS);                                                            \
        }                                                                                          \
        CHECK(claim);                                                                              \
    } while (0)

RIG_UNUSED static bool rig_told(const char *story)
{
    return strcmp(rig_story, story) == 0;
}

/* How often it was asked for this. */
RIG_UNUSED static unsigned rig_asked(const char *words)
{
    unsigned count = 0;
    for (const char *at = rig_read("asked"); (at = strstr(at, words)); at++)
        count++;
    return count;
}

/* A list that is asked for from now on has been read. */
RIG_UNUSED static void rig_count(void)
{
    unsigned before = rig_counts;
    charon_count(rig_charon);
    RIG_UNTIL(rig_counts > before);
}
