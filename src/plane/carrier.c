#include "plane/carrier.h"

#include <string.h>

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
