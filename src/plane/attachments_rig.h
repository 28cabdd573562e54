/* Attachments of a gateway whose outer namespace is the test's own, and a loop that turns until
 * they are as they shall be. */
#pragma once

#include "plane/attachments.h"

#include "plane/devices.h"
#include "plane/ping_rig.h"

#include <linux/sched.h>
#include <sys/syscall.h>

enum { ATTACHED_TRIES = 60000, ATTACHED_TOLD = 64 };

#define RIG_UNUSED __attribute__((unused))

RIG_UNUSED static uv_loop_t rig_loop;
RIG_UNUSED static struct report_attachment rig_told[ATTACHED_TOLD];
RIG_UNUSED static size_t rig_told_count;
RIG_UNUSED static char rig_trouble[ORDER_SENTENCE_BYTES];

RIG_UNUSED static bool rig_changed(void *of, const struct report_attachment *said)
{
    size_t at = 0;
    (void)of;
    while (at < rig_told_count && strcmp(rig_told[at].name, said->name) != 0)
        at++;
    if (at == rig_told_count && rig_told_count < ATTACHED_TOLD)
        rig_told_count++;
    rig_told[at] = *said;
    return true;
}

RIG_UNUSED static void rig_heard_trouble(void *of, const char *name, const char *sentence)
{
    (void)of;
    printf("# %s: %s\n", name, sentence);
    snprintf(rig_trouble, sizeof rig_trouble, "%s", sentence);
}

/* What it was told of last; all zero: nothing. */
RIG_UNUSED static struct report_attachment rig_said(const char *name)
{
    static const struct report_attachment nothing;
    for (size_t i = 0; i < rig_told_count; i++) {
        if (strcmp(rig_told[i].name, name) == 0)
            return rig_told[i];
    }
    return nothing;
}

/* The names of a gateway are of the test, too; here it lives in namespaces called sekisho. */
static inline struct rig_name rig_gateway(const char *name)
{
    return rig(name);
}

RIG_UNUSED static struct attachments *rig_attachments(const char *gateway)
{
    const struct attachments_ears ears = {NULL, rig_changed, rig_heard_trouble};
    struct attachments *all = attachments_create(&rig_loop, rig_gateway(gateway).text, &ears);
    CHECK(all != NULL);
    return all;
}

RIG_UNUSED static void rig_wake(uv_timer_t *timer)
{
    (void)timer;
}

/* Turns the loop until the condition holds, which the kernel's news bring about. */
#define UNTIL(condition)                                                                           \
    do {                                                                                           \
        uv_timer_t pulse_;                                                                         \
        uv_timer_init(&rig_loop, &pulse_);                                                         \
        uv_timer_start(&pulse_, rig_wake, 10, 10);                                                 \
        for (int try_ = 0; try_ < ATTACHED_TRIES / 10 && !(condition); try_++)                     \
            uv_run(&rig_loop, UV_RUN_ONCE);                                                        \
        uv_close((uv_handle_t *)&pulse_, NULL);                                                    \
        uv_run(&rig_loop, UV_RUN_NOWAIT);                                                          \
        CHECK(condition);                                                                          \
    } while (0)

RIG_UNUSED static void rig_sweep_gateway(const char *name, void *context)
{
    const char *at = strstr(name, RIG_PREFIX);
    long pid = at ? strtol(at + strlen(RIG_PREFIX), NULL, 10) : 0;
    if (pid > 0 && (rig_is_dead(pid) || pid == *(long *)context))
        space_remove(name, NULL);
}

/* Of tests that were killed, and of this one. */
static inline void rig_sweep_gateways(void)
{
    long own = (long)getpid();
    space_each("sekisho", rig_sweep_gateway, &own, NULL);
}

/* The test's own namespace is the outer one from here on. */
static inline void rig_go_out(void)
{
    int fd = space_open(rig("outer").text, &trouble);
    CHECK(fd >= 0 && syscall(SYS_setns, fd, CLONE_NEWNET) == 0);
    close(fd);
}

static inline struct plane_attachment rig_wanted(enum plane_attachment_kind kind, const char *name,
                                                 const char *vpc, const char *line)
{
    struct plane_attachment wanted = {.kind = (uint8_t)kind};
    snprintf(wanted.name, sizeof wanted.name, "%s", name);
    snprintf(wanted.vpc, sizeof wanted.vpc, "%s", vpc);
    snprintf(wanted.line, sizeof wanted.line, "%s", line);
    return wanted;
}
