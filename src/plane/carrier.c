#include "plane/carrier.h"

#include "plane/endpoint.h"
#include "plane/forwarding.h"
#include "plane/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- its life -- */

static bool make_inner(struct carrier *carrier, struct trouble *ret_trouble)
{
    if (mkdir(ENDPOINT_FOLDER, 0755) && errno != EEXIST)
        return trouble_is(ret_trouble, errno, "%s", ENDPOINT_FOLDER);
    carrier->space = carrier->spec.together ? NULL : carrier->inner;
    carrier->made_inner = carrier->space && !space_exists(carrier->inner);
    return (!carrier->space || inner_make(carrier->space, ret_trouble)) &&
           rtnetlink_open(&carrier->inner_kernel, carrier->space, ret_trouble) &&
           rtnetlink_open(&carrier->outer_kernel, NULL, ret_trouble);
}

struct carrier *carrier_begin(size_t size, const struct carrier_acts *acts,
                              const struct carrier_spec *spec, const struct carrier_ears *ears,
                              char *why)
{
    struct trouble trouble = {0};
    struct carrier *carrier = calloc(1, size);
    if (!carrier || uv_timer_init(spec->loop, &carrier->repair)) {
        snprintf(why, ORDER_SENTENCE_BYTES, "no memory for the tunnels");
        free(carrier);
        return NULL;
    }
    carrier->acts = acts;
    carrier->spec = *spec;
    carrier->ears = *ears;
    carrier->repair.data = carrier;
    carrier->outer_kernel.fd = carrier->inner_kernel.fd = -1;
    name_inner(spec->gateway, carrier->inner);
    if (make_inner(carrier, &trouble))
        return carrier;
    snprintf(why, ORDER_SENTENCE_BYTES, "%s", trouble.sentence);
    carrier_end(carrier);
    return NULL;
}

static void closed(uv_handle_t *timer)
{
    free(timer->data);
}

void carrier_end(struct carrier *carrier)
{
    rtnetlink_close(&carrier->inner_kernel);
    rtnetlink_close(&carrier->outer_kernel);
    if (carrier->made_inner && !carrier->settled)
        space_remove(carrier->inner, NULL);
    uv_close((uv_handle_t *)&carrier->repair, closed);
}

void carrier_settle(struct carrier *carrier, uint64_t every_ms, uv_timer_cb look)
{
    carrier->settled = carrier->lines_wanted = true;
    forwarding_sweep(ENDPOINT_FOLDER, carrier->spec.gateway);
    look(&carrier->repair);
    uv_timer_start(&carrier->repair, look, every_ms, every_ms);
}

void carrier_remove_lines(struct carrier *carrier, bool outer_too)
{
    struct trouble trouble;
    if ((outer_too || !carrier->space) && !firewall_remove(NULL, carrier->inner, &trouble))
        carrier->ears.trouble(carrier->ears.of, "", trouble.sentence);
    if (carrier->space && !firewall_remove(carrier->space, carrier->inner, &trouble))
        carrier->ears.trouble(carrier->ears.of, "", trouble.sentence);
}

void carrier_take_down(struct carrier *carrier)
{
    struct trouble trouble;
    carrier->acts->clear(carrier);
    forwarding_sweep(ENDPOINT_FOLDER, carrier->spec.gateway);
    if (carrier->space && !space_remove(carrier->inner, &trouble))
        carrier->ears.trouble(carrier->ears.of, "", trouble.sentence);
    rmdir(ENDPOINT_FOLDER); /* when it is the last gateway's */
    carrier->ears.gone(carrier->ears.of);
}

void carrier_complain(struct carrier *carrier, const char *sentence)
{
    if (strncmp(carrier->trouble, sentence, sizeof carrier->trouble - 1) == 0)
        return;
    snprintf(carrier->trouble, sizeof carrier->trouble, "%s", sentence);
    carrier->ears.trouble(carrier->ears.of, "", sentence);
}

/* -- the firewall's lines -- */

bool carrier_wants_lines(struct carrier *carrier, bool outer_too)
{
    const char *table = carrier->inner;
    if (!carrier->settled)
        return false;
    return carrier->lines_wanted || !firewall_stays(carrier->space, table, &carrier->inner_seen) ||
           (outer_too && !firewall_stays(NULL, table, &carrier->outer_seen));
}

void carrier_has_lines(struct carrier *carrier, bool outer_too)
{
    carrier->lines_wanted = false;
    firewall_see(carrier->space, carrier->inner, &carrier->inner_seen);
    if (outer_too)
        firewall_see(NULL, carrier->inner, &carrier->outer_seen);
}

/* -- reports -- */

void carrier_report(const struct charon *charon, const struct plane_tunnel *tunnel,
                    const char *device, struct report_tunnel *ret_said)
{
    const struct tunnel_status *status = charon ? charon_status(charon, tunnel->name) : NULL;
    *ret_said = (struct report_tunnel){.cause = TUNNEL_CAUSE_NONE};
    memcpy(ret_said->name, tunnel->name, sizeof ret_said->name);
    snprintf(ret_said->device, sizeof ret_said->device, "%s", device);
    if (!status)
        return;
    ret_said->cause = status->cause;
    ret_said->up = status->up && *device;
    ret_said->up_count = status->up_count;
    ret_said->failures = status->failures;
    ret_said->since_us = status->since_us;
    ret_said->ike = charon_sa(charon, tunnel->name)->number;
    ret_said->pair = charon_sa(charon, tunnel->name)->child;
}

void carrier_add(struct charon_totals *totals, const struct charon_sa *sa)
{
    uint64_t present[4] = {sa->bytes_in, sa->bytes_out, sa->packets_in, sa->packets_out};
    for (int i = 0; i < 4; i++) {
        if (sa->spi_in != totals->spi)
            totals->before[i] += totals->present[i];
        totals->present[i] = present[i];
    }
    totals->spi = sa->spi_in;
}

bool carrier_count(const struct charon *charon, const char *name, struct charon_totals *totals,
                   struct report_counters *ret_counters)
{
    const struct charon_sa *sa = charon_sa(charon, name);
    if (!sa)
        return false;
    carrier_add(totals, sa);
    *ret_counters = (struct report_counters){.bytes_in = totals->before[0] + totals->present[0],
                                             .bytes_out = totals->before[1] + totals->present[1],
                                             .packets_in = totals->before[2] + totals->present[2],
                                             .packets_out = totals->before[3] + totals->present[3],
                                             .established_s = sa->established_s,
                                             .rekey_s = sa->rekey_s,
                                             .peer = sa->peer,
                                             .ike_version = sa->ike_version,
                                             .nat_t = sa->nat_t};
    snprintf(ret_counters->name, sizeof ret_counters->name, "%s", name);
    memcpy(ret_counters->ike, sa->ike_algorithms, sizeof ret_counters->ike);
    memcpy(ret_counters->esp, sa->esp_algorithms, sizeof ret_counters->esp);
    return true;
}
