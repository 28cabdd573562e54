/* A network's story, run to its end or to a moment of it. */
#pragma once

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/tunnel_words.h"
#include "sim/sim.h"

enum play_verdict {
    PLAY_STABLE,   /* settled, every tunnel up */
    PLAY_DEGRADED, /* settled, or stopped, with a tunnel down */
    PLAY_UNSTABLE, /* goes round for ever */
    PLAY_UP,       /* stopped at a moment, every tunnel up then */
    PLAY_UNKNOWN,  /* neither settled nor repeating within the limit */
};

struct play {
    struct network *network;
    struct world *world;
    struct sim *sim;
    enum sim_end end;
    enum play_verdict verdict;
};

/* --limit; 0: not given. false: the mistake has been told. */
bool play_limit(struct cli *cli, const struct arguments *arguments, int64_t *ret_limit_us)
    __attribute__((warn_unused_result));

/* until_us < 0: to where it can be said how it ends. Takes the network, whatever comes of it; then
 * play_done. A broken invariant is told, and CLI_WORLD. */
enum cli_exit play_take(struct cli *cli, struct network *network, uint64_t seed, int64_t until_us,
                        struct play *ret_play) __attribute__((warn_unused_result));
/* limit_us: virtual time at which the run ends at the latest; 0: the simulator's own. */
enum cli_exit play_take_within(struct cli *cli, struct network *network, uint64_t seed,
                               int64_t until_us, int64_t limit_us, struct play *ret_play)
    __attribute__((warn_unused_result));
/* Nothing has run yet; then play_run, whatever comes of it, then play_done. */
enum cli_exit play_build(struct cli *cli, struct network *network, struct play *ret_play)
    __attribute__((warn_unused_result));
enum cli_exit play_run(struct cli *cli, struct play *play, const struct sim_options *options,
                       int64_t until_us) __attribute__((warn_unused_result));
void play_done(struct play *play);

const char *play_verdict_name(enum play_verdict verdict); /* "unstable" */
const char *play_end_name(enum sim_end end);              /* "repeats" */
/* CLI_FOUND when a tunnel is down or goes up and down. */
enum cli_exit play_exit(const struct play *play);

/* A tunnel at the run's end. */
struct tunnel_sight play_tunnel(const struct play *play, int tunnel);

/* The verdict as a headline, with its newline: "FILE: UNSTABLE  vpn-vyatta/1 ..." */
void play_headline(const struct play *play, const char *name, const struct screen *screen);
