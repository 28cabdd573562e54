#include "lab/build.h"

#include "lab/apply.h"
#include "lab/chains.h"
#include "plane/devices.h"
#include "plane/firewall.h"
#include "plane/sysctl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TABLE     "sekisho-lab"
#define PROVIDERS "sekisho-providers"

/* -- namespaces and links -- */

static bool set_all(const char *space, const char *const settings[], size_t count,
                    const char *value, struct trouble *ret_trouble)
{
    for (size_t i = 0; i < count; i++) {
        if (!sysctl_put(space, settings[i], value, ret_trouble))
            return false;
    }
    return true;
}

/* The way back may differ from the way there, so nobody asks by which way a packet ought to come
 * (rp_filter); a router that answers for whatever lies behind it hears also those whose addresses
 * its default behind would make its own (accept_local); and a host that has several links on one
 * range redirects nobody. */
static bool make_space(const struct lab_space *space, struct trouble *ret_trouble)
{
    static const char *const forwarding[] = {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"};
    static const char *const accepts[] = {"net/ipv4/conf/all/accept_local"};
    static const char *const off[] = {
        "net/ipv4/conf/all/rp_filter", "net/ipv4/conf/default/rp_filter",
        "net/ipv4/conf/all/send_redirects", "net/ipv4/conf/default/send_redirects"};
    return space_make(space->name, ret_trouble) && set_all(space->name, off, 4, "0", ret_trouble) &&
           set_all(space->name, accepts, 1, "1", ret_trouble) &&
           (!space->forwards || set_all(space->name, forwarding, 2, "1", ret_trouble));
}

static bool finish_leg(const struct lab_plan *plan, struct rtnetlink *kernels,
                       const struct lab_leg *leg, struct trouble *ret_trouble)
{
    char path[96];
    struct rtnetlink *kernel = &kernels[leg->space];
    snprintf(path, sizeof path, "net/ipv4/conf/%s/proxy_arp", leg->device);
    return (!leg->in_vrf || device_into(kernel, leg->device, LAB_VRF, ret_trouble)) &&
           (!leg->answers || sysctl_put(plan->spaces[leg->space].name, path, "1", ret_trouble)) &&
           device_up(kernel, leg->device, true, ret_trouble);
}

static bool make_link(const struct lab_plan *plan, struct rtnetlink *kernels,
                      const struct lab_link *link, struct trouble *ret_trouble)
{
    const struct lab_leg *legs = link->legs;
    bool (*make)(struct rtnetlink *, const char *, struct rtnetlink *, const char *,
                 struct trouble *) = link->line ? device_line : device_veth;
    return make(&kernels[legs[0].space], legs[0].device, &kernels[legs[1].space], legs[1].device,
                ret_trouble) &&
           finish_leg(plan, kernels, &legs[0], ret_trouble) &&
           finish_leg(plan, kernels, &legs[1], ret_trouble);
}

/* -- what is in them -- */

static bool make_rule(struct rtnetlink *kernel, const struct lab_rule *said,
                      struct trouble *ret_trouble)
{
    if (said->local_hosts)
        return rule_local_hosts(kernel, ret_trouble);
    struct plane_rule rule = {.in = said->device[0] ? said->device : NULL,
                              .table = said->table,
                              .priority = said->priority};
    struct plane_rule six = rule;
    six.six = six.from.six = six.to.six = true;
    return rule_put(kernel, &rule, ret_trouble) && rule_put(kernel, &six, ret_trouble);
}

static bool make_route(struct rtnetlink *kernel, const struct lab_route *said,
                       struct trouble *ret_trouble)
{
    struct plane_route route = said->route;
    route.device = said->device;
    return route_put(kernel, &route, ret_trouble);
}

static bool make_nats(const struct lab_plan *plan, int space, struct trouble *ret_trouble)
{
    struct firewall_nat *nats = calloc(plan->nat_count + 1, sizeof *nats);
    struct firewall firewall = {.table = TABLE, .nats = nats};
    assert(nats);
    for (size_t i = 0; i < plan->nat_count; i++) {
        if (plan->nats[i].space == space)
            nats[firewall.nat_count++] = (struct firewall_nat){
                .elastic = plan->nats[i].elastic,
                .inner = plan->nats[i].inner,
                .device = plan->nats[i].device[0] ? plan->nats[i].device : NULL,
                .peer = plan->nats[i].peer};
    }
    bool done =
        firewall.nat_count == 0 || firewall_put(plan->spaces[space].name, &firewall, ret_trouble);
    free(nats);
    return done;
}

/* What sites' providers do not let out. */
static bool make_providers(const struct lab_plan *plan, struct trouble *ret_trouble)
{
    char *chains = NULL;
    size_t size = 0, count = 0;
    FILE *out = open_memstream(&chains, &size);
    assert(out);
    fputs("  chain out { type filter hook prerouting priority -500;\n", out);
    for (size_t i = 0; i < 2 * plan->link_count; i++) {
        const struct lab_leg *leg = &plan->links[i / 2].legs[i % 2];
        char bytes[2 * IP_TEXT_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        if (leg->own == 0)
            continue;
        text_ip(&text, leg->own);
        text_add(&text, " ip daddr != ");
        text_prefix(&text, leg->range);
        fprintf(out, "   iifname \"%s\" ip saddr != %s drop;\n", leg->device, bytes);
        count++;
    }
    fputs("  }\n", out);
    fclose(out);
    assert(chains);
    bool done =
        count == 0 || chains_put(plan->spaces[plan->internet].name, PROVIDERS, chains, ret_trouble);
    free(chains);
    return done;
}

static bool make_vrf(const struct lab_space *space, struct rtnetlink *kernel,
                     struct trouble *ret_trouble)
{
    return !space->vrf || (device_vrf(kernel, LAB_VRF, LAB_VRF_TABLE, ret_trouble) &&
                           device_up(kernel, LAB_VRF, true, ret_trouble));
}

/* -- tunnels without IPsec -- */

/* Made where its outer packets leave, and moved to where its inner ones do. */
static bool make_end(const struct lab_plan *plan, const struct lab_bare *bare, int end,
                     struct trouble *ret_trouble)
{
    const struct tunnel_end *at = &plan->world->tunnels[bare->tunnel].ends[end];
    char local[IP_TEXT_BYTES], remote[IP_TEXT_BYTES], id[16], said[256] = "";
    struct text local_text = text_over(local, sizeof local);
    struct text remote_text = text_over(remote, sizeof remote);
    const char *device = bare->ends[end].device, *inner = plan->spaces[bare->ends[end].space].name;
    int made = end == TUNNEL_GATEWAY ? bare->outer : bare->ends[end].space;
    text_ip(&local_text, at->outer_local);
    text_ip(&remote_text, at->outer_remote);
    snprintf(id, sizeof id, "%d", bare->tunnel + 1);
    const char *const make[] = {"ip",     "link", "add",     device,        "type",
                                "vxlan",  "id",   id,        "local",       local,
                                "remote", remote, "dstport", LAB_BARE_PORT, NULL};
    const char *const move[] = {"ip", "link", "set", device, "netns", inner, NULL};
    const char *const up[] = {"ip", "link", "set", device, "up", NULL};
    if (lab_run_program(plan->spaces[made].name, make, said, sizeof said, ret_trouble) &&
        (made == bare->ends[end].space ||
         lab_run_program(plan->spaces[made].name, move, said, sizeof said, ret_trouble)) &&
        lab_run_program(inner, up, said, sizeof said, ret_trouble))
        return true;
    said[strcspn(said, "\n")] = '\0';
    return trouble_is(ret_trouble, 0, "%s, which has ipsec: none, cannot be made: %s",
                      plan->world->tunnels[bare->tunnel].id, said);
}

static bool make_bare(const struct lab_plan *plan, const struct lab_bare *bare,
                      struct trouble *ret_trouble)
{
    return make_end(plan, bare, TUNNEL_GATEWAY, ret_trouble) &&
           make_end(plan, bare, TUNNEL_CUSTOMER, ret_trouble);
}

static bool fill(const struct lab_plan *plan, struct rtnetlink *kernels,
                 struct trouble *ret_trouble)
{
    bool done = true;
    for (size_t i = 0; done && i < plan->space_count; i++)
        done = make_vrf(&plan->spaces[i], &kernels[i], ret_trouble);
    for (size_t i = 0; done && i < plan->link_count; i++)
        done = make_link(plan, kernels, &plan->links[i], ret_trouble);
    for (size_t i = 0; done && i < plan->bare_count; i++)
        done = make_bare(plan, &plan->bares[i], ret_trouble);
    for (size_t i = 0; done && i < plan->address_count; i++)
        done = address_put(&kernels[plan->addresses[i].space], plan->addresses[i].device,
                           &plan->addresses[i].address, ret_trouble);
    for (size_t i = 0; done && i < plan->route_count; i++)
        done = make_route(&kernels[plan->routes[i].space], &plan->routes[i], ret_trouble);
    for (size_t i = 0; done && i < plan->rule_count; i++)
        done = make_rule(&kernels[plan->rules[i].space], &plan->rules[i], ret_trouble);
    for (size_t i = 0; done && i < plan->space_count; i++)
        done = make_nats(plan, (int)i, ret_trouble);
    return done && make_providers(plan, ret_trouble);
}

bool lab_build(const struct lab_plan *plan, const char *name, struct trouble *ret_trouble)
{
    size_t opened = 0;
    bool done = true;
    struct rtnetlink *kernels = calloc(plan->space_count, sizeof *kernels);
    assert(kernels);
    while (done && opened < plan->space_count) {
        const struct lab_space *space = &plan->spaces[opened];
        done = make_space(space, ret_trouble) &&
               rtnetlink_open(&kernels[opened], space->name, ret_trouble);
        opened += done;
    }
    done = done && fill(plan, kernels, ret_trouble);
    for (size_t i = 0; i < opened; i++)
        rtnetlink_close(&kernels[i]);
    free(kernels);
    if (!done)
        lab_remove(name, NULL);
    return done;
}

/* -- and gone -- */

static void remove_one(const char *name, void *context)
{
    bool *all = context;
    *all = space_remove(name, NULL) && *all;
}

/* The lab's own, and VPCs' that its gateways make (plane_vpc_name). */
bool lab_each(const char *name, void (*function)(const char *space, void *context), void *context,
              struct trouble *ret_trouble)
{
    char own[NAME_SPACE_BYTES], of_gateways[NAME_SPACE_BYTES];
    lab_prefix(name, own);
    snprintf(of_gateways, sizeof of_gateways, "sekisho@lab-%s-", name);
    return space_each(own, function, context, ret_trouble) &&
           space_each(of_gateways, function, context, ret_trouble);
}

bool lab_remove(const char *name, struct trouble *ret_trouble)
{
    bool all = true;
    return lab_each(name, remove_one, &all, ret_trouble) &&
           (all ||
            trouble_is(ret_trouble, 0, "not every namespace of the lab %s can be removed", name));
}

static void count_one(const char *name, void *context)
{
    (void)name;
    (*(unsigned *)context)++;
}

unsigned lab_count(const char *name)
{
    unsigned count = 0;
    return lab_each(name, count_one, &count, NULL) ? count : 0;
}
