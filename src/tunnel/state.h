/* How a tunnel is: up or down, since when, and why; kept for each end by whoever watches it. The
 * two tunnels of a connection are two of these, and nothing here prefers one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum tunnel_cause {
#define CAUSE(name, word, effect, sentence, reference) TUNNEL_CAUSE_##name,
#include "tunnel/cause.def"
#undef CAUSE
    TUNNEL_CAUSES
};

const char *tunnel_cause_word(enum tunnel_cause cause);
const char *tunnel_cause_sentence(enum tunnel_cause cause);
const char *tunnel_cause_reference(enum tunnel_cause cause);

struct tunnel_status {
    bool up;
    uint8_t cause;    /* enum tunnel_cause: of the last change, or what was heard since: of the last
                         failure while down, of SAs that cannot be replaced while up */
    int64_t since_us; /* of the last change */
    uint32_t up_count; /* times it came up */
    uint32_t failures; /* attempts that failed since it went down */
};

enum tunnel_change { TUNNEL_SAME, TUNNEL_UP, TUNNEL_DOWN };

/* Down, never up. */
void tunnel_status_init(struct tunnel_status *status, int64_t now_us);

/* Something was heard of the tunnel; what that makes of it is the cause's. Says whether it changed:
 * being told the same twice changes nothing, and a failed attempt of a tunnel that is down only
 * replaces its cause, as a refusal (REKEY_REFUSED) does of one that is up. */
enum tunnel_change tunnel_report(struct tunnel_status *status, enum tunnel_cause cause,
                                 int64_t now_us);

/* What AWS's telemetry says (VgwTelemetry: status and statusMessage). */
enum tunnel_message {
    TUNNEL_SAYS_NOTHING,       /* "" */
    TUNNEL_SAYS_IPSEC_IS_DOWN, /* "IPSEC IS DOWN" */
    TUNNEL_SAYS_IPSEC_IS_UP,   /* "IPSEC IS UP": but BGP is not. An assumption: AWS shows it in its
                                  console and documents it nowhere */
    TUNNEL_SAYS_BGP_ROUTES,    /* "5 BGP ROUTES", with the count of accepted routes */
};

struct tunnel_telemetry {
    bool up; /* a tunnel with BGP is up when BGP is Established */
    enum tunnel_message message;
};

struct tunnel_telemetry tunnel_telemetry_of(const struct tunnel_status *status, bool has_bgp,
                                            bool established);
