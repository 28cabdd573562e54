/* The daemon: what it consists of, how it comes up and how it ends. */
#pragma once

#include "run/bfd_sockets.h"
#include "run/control.h"
#include "run/journal.h"
#include "run/kernel_table.h"
#include "run/links.h"
#include "run/listeners.h"
#include "run/metrics.h"
#include "run/notify.h"
#include "run/numbers.h"
#include "run/plan.h"
#include "run/quota.h"
#include "run/recent.h"
#include "run/tunnels.h"
#include "run/vpc_entries.h"

#define ALARM_IS_OVER INT64_MIN /* no deadline is that */

struct daemon {
    struct run_options options;
    FILE *out, *err;
    struct plan *plan;
    struct numbers numbers;
    struct platform_profile profile; /* the engine's, whatever file is the last */
    struct engine *engine;
    struct journal journal;
    struct links links;
    struct listeners listeners;
    struct bfd_sockets bfd;
    struct recent recent;
    struct quota quota; /* of the log */
    struct kernel_table kernel;
    uint64_t kernel_refused; /* as the log has told */
    struct control control;
    struct notify notify;
    struct tunnels tunnels;
    struct metrics metrics;
    struct vpc_entries vpc_entries;

    uv_loop_t loop;
    uv_check_t check; /* a round, when libuv has said who is ready */
    uv_idle_t busy;   /* while it runs, libuv does not wait */
    uv_timer_t alarm; /* the next deadline; rounded up to the timer's milliseconds */
    uv_signal_t signals[4];
    bool is_busy;
    int64_t alarm_at_us; /* INT64_MAX: not set; ALARM_IS_OVER: it has rung */

    int64_t now_us;     /* monotonic; the round's */
    int64_t pulse_us;   /* when BFD was last looked at */
    int64_t wake_at_us; /* the engine's wish */
    int64_t began_us, began_wall_us;
    bool asked; /* somebody waits for an answer */
    bool more;  /* the engine's: there is something to decide */
    bool stopping;
    bool marked;          /* our mark lies beside the journal (run/mark.h) */
    int64_t stop_at_us;   /* then at the latest */
    enum run_exit status; /* with which it ends */

    uint64_t round_count, longest_round_us;
    uint64_t reloads[2]; /* of the file: refused, taken */
};

enum { STOP_US = 3000000 }; /* for farewells */

/* Brings everything up, or nothing. */
enum run_exit daemon_start(struct daemon *daemon, const struct run_options *options, FILE *out,
                           FILE *err) __attribute__((warn_unused_result));
/* Until it is to end. */
void daemon_run(struct daemon *daemon);
/* Farewells to all neighbors; the loop ends when they are out, or after STOP_US. */
void daemon_stop(struct daemon *daemon);
/* Without a word to anybody: tunnels and routes stay for the next start. */
void daemon_leave(struct daemon *daemon, enum run_exit status);
void daemon_done(struct daemon *daemon);
/* The plan is another: tells the kernel's table which interfaces there are. */
void daemon_ports(struct daemon *daemon);

int64_t clock_us(void);      /* monotonic */
int64_t clock_wall_us(void); /* since 1970: to show, never to reckon with */

/* Whose journal it is, as things are now. */
struct journal_subject daemon_subject(const struct daemon *daemon);

/* A line of the log: key=value. Nothing when --quiet. */
void daemon_log(struct daemon *daemon, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
