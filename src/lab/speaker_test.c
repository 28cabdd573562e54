#include "lab/lab_rig.h"

static void a_router_is_what_its_engine_is_told(void)
{
    struct lab_rig *rig = lab_rig(rig_incident, "vyatta");
    const struct speaker *speaker = rig->speaker;
    CHECK_EQUAL(speaker->asn, 65000);
    CHECK_EQUAL(speaker->neighbor_count, 1);
    CHECK_EQUAL(speaker->neighbors[0].said->peer_asn, 10124);
    CHECK_TEXT(speaker->neighbors[0].device, "vti1");
    CHECK(speaker->neighbors[0].paired);
    CHECK(speaker_exchanges(&speaker->neighbors[0], false));
    CHECK(!speaker_exchanges(&speaker->neighbors[0], true));
    CHECK_EQUAL(speaker->announced_count, 1);
    CHECK_EQUAL(speaker->announced[0]->prefix.len, 16);
    lab_rig_done(rig);
}

static const struct event_route *dhcp_route(const struct speaker *speaker)
{
    for (size_t i = 0; i < speaker->route_count; i++) {
        if (speaker->routes[i]->source == ROUTE_DHCP)
            return speaker->routes[i];
    }
    return NULL;
}

/* On a Vyatta the DHCP client's default is the daemon's, with distance 210; where plain FRR runs it
 * is the kernel's, with the client's metric. */
static void who_brings_a_default_is_the_platforms(void)
{
    struct lab_rig *rig = lab_rig(rig_incident, "vyatta");
    const struct event_route *route = dhcp_route(rig->speaker);
    CHECK(route && speaker_source_of(rig->speaker, route) == SPEAKER_DAEMON);
    CHECK_EQUAL(speaker_distance(rig->speaker, route), 210);
    lab_rig_done(rig);
    rig = lab_rig(rig_site, "site");
    route = dhcp_route(rig->speaker);
    CHECK(route && speaker_source_of(rig->speaker, route) == SPEAKER_KERNEL);
    CHECK_EQUAL(speaker_metric(rig->speaker, route), 1024);
    lab_rig_done(rig);
}

int main(void)
{
    TEST(a_router_is_what_its_engine_is_told);
    TEST(who_brings_a_default_is_the_platforms);
    return harness_done();
}
