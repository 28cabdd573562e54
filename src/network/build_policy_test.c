#include "network/build_rig.h"

static void a_connections_policy_is_the_gateways(void)
{
    struct rig rig = rig_build(
        rig_with(rig_site, "    tunnels:",
                 "    accept: [{prefix: 10.20.0.0/16, le: 24}]\n    refuse_default: true\n"
                 "    on_import: {local_preference: 200}\n    on_export: {prepend: 2}\n"
                 "    limits: {received: 7, over: refuse, warn_percent: 50}\n    tunnels:"));
    const struct event_attachment *attachment =
        &rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment;
    CHECK(attachment->refuse_default && attachment->limit_refuses_alone);
    CHECK(attachment->prefix_limit == 7 && attachment->warn_percent == 50);
    const struct event_filter *filter = &rig_told(&rig, "vgw", EVENT_FILTER, 0)->filter;
    CHECK(filter->allowed && !filter->export && !filter->permit_rest && filter->count == 1);
    CHECK(filter->rules[0].permit && filter->rules[0].ge == 16 && filter->rules[0].le == 24);
    const struct event_policy *in = &rig_told(&rig, "vgw", EVENT_POLICY, 0)->policy;
    const struct event_policy *out = &rig_told(&rig, "vgw", EVENT_POLICY, 1)->policy;
    CHECK(!in->export && in->edit.has_local_pref && in->edit.local_pref == 200);
    CHECK(out->export && out->edit.prepend == 2 && out->attachment == 1);
    CHECK_EQUAL(rig_count(&rig, "site", EVENT_POLICY), 0);
    rig_done(&rig);
}

static void a_routers_policy_is_towards_one_neighbor(void)
{
    struct rig rig = rig_build(
        rig_with(rig_site, "announce: [10.20.0.0/16]}",
                 "announce: [10.20.0.0/16], neighbors: [{address: 169.254.10.1, accept: [], "
                 "on_import: {local_preference: 90}, limits: {received: 3}}, "
                 "{address: 198.51.100.1, on_import: {local_preference: 300}}]}\n"
                 "    underlay: {asn: 64701, announce: [0.0.0.0/0]}"));
    CHECK_EQUAL(rig_count(&rig, "vgw", EVENT_POLICY), 0);
    const struct event_attachment *tunnel =
        &rig_told(&rig, "site", EVENT_ATTACHMENT, 0)->attachment;
    CHECK(tunnel->prefix_limit == 3 && !tunnel->limit_refuses_alone && !tunnel->warn_percent);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_ATTACHMENT, 1)->attachment.prefix_limit, 0);
    const struct event_filter *filter = &rig_told(&rig, "site", EVENT_FILTER, 0)->filter;
    CHECK(filter->allowed && filter->count == 0 && !filter->permit_rest); /* nothing at all */
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_POLICY, 0)->policy.edit.local_pref, 90);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_POLICY, 1)->policy.edit.local_pref, 300);
    CHECK_EQUAL(rig_told(&rig, "site", EVENT_POLICY, 1)->policy.attachment, 2);
    rig_done(&rig);
}

static void a_gateway_may_want_a_policy_of_every_attachment(void)
{
    struct rig rig = rig_build(
        rig_with(rig_site, "platform: sekisho", "platform: sekisho, default_policy: refuse"));
    CHECK(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.policy_required);
    CHECK(!rig_told(&rig, "site", EVENT_ATTACHMENT, 0)->attachment.policy_required);
    rig_done(&rig);
}

static void nothing_said_is_nothing_told(void)
{
    struct rig rig = rig_build(rig_site);
    CHECK_EQUAL(rig_count(&rig, "vgw", EVENT_POLICY) + rig_count(&rig, "vgw", EVENT_FILTER), 0);
    CHECK_EQUAL(rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.warn_percent, 0);
    CHECK(!rig_told(&rig, "vgw", EVENT_ATTACHMENT, 0)->attachment.policy_required);
    rig_done(&rig);
}

int main(void)
{
    TEST(a_connections_policy_is_the_gateways);
    TEST(a_routers_policy_is_towards_one_neighbor);
    TEST(a_gateway_may_want_a_policy_of_every_attachment);
    TEST(nothing_said_is_nothing_told);
    return harness_done();
}
