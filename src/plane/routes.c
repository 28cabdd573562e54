#include "plane/routes.h"

#include "plane/netlink_attrs.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

struct request {
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *header;
};

static void *begin(struct request *request, uint16_t type, uint16_t flags, size_t head_bytes)
{
    request->header = rtnetlink_begin(request->room, type, flags);
    return mnl_nlmsg_put_extra_header(request->header, head_bytes);
}

static uint8_t family(bool six)
{
    return six ? AF_INET6 : AF_INET;
}

static bool index_of(struct rtnetlink *here, const char *name, uint32_t *ret_index,
                     struct trouble *ret_trouble)
{
    struct rtnetlink_device device;
    int error = rtnetlink_device(here, name, &device);
    if (error != 0)
        return trouble_is(ret_trouble, error, "the device %s%s cannot be found", name, here->place);
    *ret_index = device.index;
    return true;
}

struct addr_text {
    char text[IP_TEXT_BYTES];
};

static struct addr_text text_of(ip_addr addr)
{
    struct addr_text out;
    struct text text = text_over(out.text, sizeof out.text);
    text_ip(&text, addr);
    return out;
}

struct prefix_text {
    char text[PREFIX_TEXT_BYTES];
};

static struct prefix_text text_of_range(struct prefix prefix)
{
    struct prefix_text out;
    struct text text = text_over(out.text, sizeof out.text);
    text_prefix(&text, prefix);
    return out;
}

/* -- reading back -- */

static bool each(struct rtnetlink *here, uint16_t type, size_t head_bytes, const char *what,
                 rtnetlink_hearer *hearer, void *context, struct trouble *ret_trouble)
{
    struct request request;
    struct ndmsg *head = begin(&request, type, 0, head_bytes);
    if (type == RTM_GETNEIGH)
        head->ndm_flags = NTF_PROXY;
    int error = rtnetlink_dump(here, request.header, hearer, context);
    return error == 0 ||
           trouble_is(ret_trouble, error, "the %s%s cannot be read", what, here->place);
}

bool address_each(struct rtnetlink *here, rtnetlink_hearer *hearer, void *context,
                  struct trouble *ret_trouble)
{
    return each(here, RTM_GETADDR, sizeof(struct ifaddrmsg), "addresses", hearer, context,
                ret_trouble);
}

struct of_table {
    uint32_t table;
    rtnetlink_hearer *hearer;
    void *context;
};

static void tell_of_table(const struct rtnetlink_said *said, void *context)
{
    const struct of_table *of = context;
    if (of->table == 0 || said->route.table == of->table)
        of->hearer(said, of->context);
}

bool route_each(struct rtnetlink *here, uint32_t table, rtnetlink_hearer *hearer, void *context,
                struct trouble *ret_trouble)
{
    struct of_table of = {table, hearer, context};
    return each(here, RTM_GETROUTE, sizeof(struct rtmsg), "routes", tell_of_table, &of,
                ret_trouble);
}

bool rule_each(struct rtnetlink *here, rtnetlink_hearer *hearer, void *context,
               struct trouble *ret_trouble)
{
    return each(here, RTM_GETRULE, sizeof(struct fib_rule_hdr), "rules", hearer, context,
                ret_trouble);
}

bool proxy_each(struct rtnetlink *here, rtnetlink_hearer *hearer, void *context,
                struct trouble *ret_trouble)
{
    return each(here, RTM_GETNEIGH, sizeof(struct ndmsg), "proxies", hearer, context, ret_trouble);
}

/* -- addresses -- */

static int change_address(struct rtnetlink *here, uint16_t type, uint32_t index,
                          const struct plane_address *address)
{
    struct request request;
    bool six = ip_is_six(address->addr);
    uint16_t flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_REPLACE : 0;
    struct ifaddrmsg *head = begin(&request, type, flags, sizeof *head);
    head->ifa_family = family(six);
    head->ifa_prefixlen = address->len;
    head->ifa_index = index;
    netlink_put_addr(request.header, IFA_LOCAL, address->addr, six);
    netlink_put_addr(request.header, IFA_ADDRESS, address->peer ? address->peer : address->addr,
                     six);
    if (type == RTM_NEWADDR && address->label)
        mnl_attr_put_strz(request.header, IFA_LABEL, address->label);
    if (type == RTM_NEWADDR && six)
        mnl_attr_put_u32(request.header, IFA_FLAGS, IFA_F_NODAD);
    return rtnetlink_change(here, request.header);
}

bool address_put(struct rtnetlink *here, const char *device, const struct plane_address *address,
                 struct trouble *ret_trouble)
{
    uint32_t index = 0;
    if (!index_of(here, device, &index, ret_trouble))
        return false;
    int error = change_address(here, RTM_NEWADDR, index, address);
    return error == 0 ||
           trouble_is(ret_trouble, error, "the device %s%s cannot have the address %s/%u", device,
                      here->place, text_of(address->addr).text, address->len);
}

bool address_remove(struct rtnetlink *here, const char *device, const struct plane_address *address,
                    struct trouble *ret_trouble)
{
    uint32_t index = 0;
    if (!index_of(here, device, &index, ret_trouble))
        return false;
    int error = change_address(here, RTM_DELADDR, index, address);
    return error == 0 || error == EADDRNOTAVAIL ||
           trouble_is(ret_trouble, error, "the address %s/%u cannot be taken from the device %s%s",
                      text_of(address->addr).text, address->len, device, here->place);
}

struct weeding {
    struct rtnetlink *here;
    uint32_t index;
    const struct plane_address *wanted;
    bool *there; /* of each that is wanted */
    size_t count;
    bool any_gone;
    int error;
};

/* fe80::/10, ::1 and 127.0.0.0/8. */
static bool is_kernels_own(const struct rtnetlink_address *address)
{
    if (!address->six)
        return ip_agree(false, 8, address->addr, 0x7f000000);
    return address->addr == 1 || ip_agree(true, 10, address->addr, (ip_addr)0xfe80 << 112);
}

static void weed(const struct rtnetlink_said *said, void *context)
{
    struct weeding *weeding = context;
    const struct rtnetlink_address *found = &said->address;
    if (found->index != weeding->index || is_kernels_own(found))
        return;
    for (size_t i = 0; i < weeding->count; i++) {
        const struct plane_address *wanted = &weeding->wanted[i];
        if (wanted->addr == found->addr && wanted->len == found->on.len &&
            wanted->peer == found->peer) {
            weeding->there[i] = true;
            return;
        }
    }
    struct plane_address other = {found->addr, found->on.len, found->peer, NULL};
    int error = change_address(weeding->here, RTM_DELADDR, weeding->index, &other);
    weeding->any_gone = true;
    if (error != 0 && error != EADDRNOTAVAIL) /* it went with another of its network */
        weeding->error = error;
}

/* What is there is not put again, which the kernel would tell everybody as news, us too: who looks
 * when there is news would look for ever. Unless one was taken away, with which others may have
 * gone, those of its network. */
static bool weed_and_put(struct weeding *weeding, const char *device, struct trouble *ret_trouble)
{
    struct rtnetlink *here = weeding->here;
    if (!index_of(here, device, &weeding->index, ret_trouble) ||
        !address_each(here, weed, weeding, ret_trouble))
        return false;
    if (weeding->error)
        return trouble_is(ret_trouble, weeding->error,
                          "the device %s%s cannot be rid of an address", device, here->place);
    for (size_t i = 0; i < weeding->count; i++) {
        bool stays = weeding->there[i] && !weeding->any_gone;
        if (!stays && !address_put(here, device, &weeding->wanted[i], ret_trouble))
            return false;
    }
    return true;
}

bool address_all(struct rtnetlink *here, const char *device, const struct plane_address *addresses,
                 size_t count, struct trouble *ret_trouble)
{
    struct weeding weeding = {.here = here,
                              .wanted = addresses,
                              .there = calloc(count + 1, sizeof(bool)),
                              .count = count};
    bool fine = weeding.there ? weed_and_put(&weeding, device, ret_trouble)
                              : trouble_is(ret_trouble, ENOMEM, "the addresses of the device %s%s",
                                           device, here->place);
    free(weeding.there);
    return fine;
}

/* -- routes -- */

static uint32_t table_of(const struct plane_route *route)
{
    return route->table ? route->table : ROUTES_MAIN_TABLE;
}

static bool has_device(const struct plane_route *route)
{
    return route->device && route->device[0];
}

static uint8_t type_of(const struct plane_route *route)
{
    if (route->kind == RTNETLINK_BLACKHOLE_ROUTE)
        return RTN_BLACKHOLE;
    if (route->kind == RTNETLINK_LOCAL_ROUTE)
        return RTN_LOCAL;
    return route->kind == RTNETLINK_UNREACHABLE_ROUTE ? RTN_UNREACHABLE : RTN_UNICAST;
}

static struct rtmsg *begin_route(struct request *request, uint16_t type, uint16_t flags,
                                 const struct plane_route *route)
{
    struct rtmsg *head = begin(request, type, flags, sizeof *head);
    head->rtm_family = family(route->to.six);
    head->rtm_dst_len = route->to.len;
    head->rtm_protocol = ROUTES_PROTOCOL;
    if (route->to.len > 0)
        netlink_put_addr(request->header, RTA_DST, route->to.addr, route->to.six);
    mnl_attr_put_u32(request->header, RTA_TABLE, table_of(route));
    if (route->metric)
        mnl_attr_put_u32(request->header, RTA_PRIORITY, route->metric);
    return head;
}

static void put_way(struct request *request, struct rtmsg *head, const struct plane_route *route,
                    uint32_t index)
{
    if (route->gateway)
        netlink_put_addr(request->header, RTA_GATEWAY, route->gateway, route->to.six);
    else if (!route->to.six)
        head->rtm_scope = RT_SCOPE_LINK;
    if (route->onlink)
        head->rtm_flags |= RTNH_F_ONLINK;
    if (index)
        mnl_attr_put_u32(request->header, RTA_OIF, index);
}

bool route_put(struct rtnetlink *here, const struct plane_route *route, struct trouble *ret_trouble)
{
    struct request request;
    uint32_t index = 0;
    if (has_device(route) && !index_of(here, route->device, &index, ret_trouble))
        return false;
    struct rtmsg *head = begin_route(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
    head->rtm_type = type_of(route);
    if (head->rtm_type == RTN_UNICAST)
        put_way(&request, head, route, index);
    if (head->rtm_type == RTN_LOCAL) {
        head->rtm_scope = RT_SCOPE_HOST;
        mnl_attr_put_u32(request.header, RTA_OIF, index);
    }
    if (route->source)
        netlink_put_addr(request.header, RTA_PREFSRC, route->source, route->to.six);
    int error = rtnetlink_change(here, request.header);
    return error == 0 ||
           trouble_is(ret_trouble, error, "the route to %s through %s in table %u%s cannot be set",
                      text_of_range(route->to).text, has_device(route) ? route->device : "nothing",
                      table_of(route), here->place);
}

bool route_remove(struct rtnetlink *here, const struct plane_route *route,
                  struct trouble *ret_trouble)
{
    struct request request;
    struct rtmsg *head = begin_route(&request, RTM_DELROUTE, 0, route);
    head->rtm_scope = RT_SCOPE_NOWHERE;
    int error = rtnetlink_change(here, request.header);
    return error == 0 || error == ESRCH ||
           trouble_is(ret_trouble, error, "the route to %s in table %u%s cannot be removed",
                      text_of_range(route->to).text, table_of(route), here->place);
}

struct clearing {
    struct rtnetlink *here;
    uint32_t least, most; /* of rules: priorities */
    bool done;
    struct trouble *ret_trouble;
};

static void clear_route(const struct rtnetlink_said *said, void *context)
{
    struct clearing *clearing = context;
    const struct rtnetlink_route *found = &said->route;
    if (found->protocol != ROUTES_PROTOCOL)
        return;
    struct plane_route route = {.to = found->to, .table = found->table, .metric = found->metric};
    clearing->done &= route_remove(clearing->here, &route, clearing->ret_trouble);
}

bool route_clear(struct rtnetlink *here, uint32_t table, struct trouble *ret_trouble)
{
    struct clearing clearing = {here, 0, 0, true, ret_trouble};
    return route_each(here, table, clear_route, &clearing, ret_trouble) && clearing.done;
}

struct pruning {
    struct rtnetlink *here;
    const struct plane_route *wanted;
    size_t count;
    bool done;
    struct trouble *ret_trouble;
};

static void prune_route(const struct rtnetlink_said *said, void *context)
{
    struct pruning *pruning = context;
    const struct rtnetlink_route *found = &said->route;
    for (size_t i = 0; i < pruning->count; i++) {
        const struct plane_route *wanted = &pruning->wanted[i];
        if (prefix_equal(wanted->to, found->to) &&
            (wanted->metric == found->metric || wanted->metric == 0)) /* IPv6's 0 is 1024 */
            return;
    }
    struct clearing clearing = {pruning->here, 0, 0, true, pruning->ret_trouble};
    clear_route(said, &clearing);
    pruning->done &= clearing.done;
}

bool route_all(struct rtnetlink *here, uint32_t table, const struct plane_route *routes,
               size_t count, struct trouble *ret_trouble)
{
    struct pruning pruning = {here, routes, count, true, ret_trouble};
    for (size_t i = 0; i < count; i++) {
        struct plane_route route = routes[i];
        route.table = table;
        if (!route_put(here, &route, ret_trouble))
            return false;
    }
    return route_each(here, table, prune_route, &pruning, ret_trouble) && pruning.done;
}

/* -- rules -- */

static void begin_rule(struct request *request, uint16_t type, uint16_t flags,
                       const struct plane_rule *rule)
{
    struct fib_rule_hdr *head = begin(request, type, flags, sizeof *head);
    head->family = family(rule->six);
    head->src_len = rule->from.len;
    head->dst_len = rule->to.len;
    head->action = rule->table ? FR_ACT_TO_TBL : FR_ACT_UNREACHABLE;
    if (rule->from.len > 0)
        netlink_put_addr(request->header, FRA_SRC, rule->from.addr, rule->six);
    if (rule->to.len > 0)
        netlink_put_addr(request->header, FRA_DST, rule->to.addr, rule->six);
    if (rule->in)
        mnl_attr_put_strz(request->header, FRA_IIFNAME, rule->in);
    if (rule->table)
        mnl_attr_put_u32(request->header, FRA_TABLE, rule->table);
    if (rule->hosts)
        mnl_attr_put_u32(request->header, FRA_SUPPRESS_PREFIXLEN, ip_bits(rule->six) - 1u);
    mnl_attr_put_u32(request->header, FRA_PRIORITY, rule->priority);
    mnl_attr_put_u8(request->header, FRA_PROTOCOL, ROUTES_PROTOCOL);
}

static bool same_rule(const struct rtnetlink_rule *found, const struct plane_rule *wanted)
{
    return found->six == wanted->six && found->priority == wanted->priority &&
           found->table == wanted->table && found->refuses == (wanted->table == 0) &&
           found->protocol == ROUTES_PROTOCOL && found->from.len == wanted->from.len &&
           found->from.addr == wanted->from.addr && found->to.len == wanted->to.len &&
           found->to.addr == wanted->to.addr &&
           strcmp(found->in, wanted->in ? wanted->in : "") == 0;
}

/* What is wanted and found, compared in one dump: the kernel would take a rule twice. */
struct comparing {
    const struct plane_rule *wanted;
    bool *found; /* of each that is wanted */
    size_t count;
    struct rtnetlink *here;
    uint32_t least, most; /* priorities of those that go when they are not wanted */
    int error;
};

static void compare_rule(const struct rtnetlink_said *said, void *context)
{
    struct comparing *comparing = context;
    for (size_t i = 0; i < comparing->count; i++)
        comparing->found[i] |= same_rule(&said->rule, &comparing->wanted[i]);
}

static int change_rule(struct rtnetlink *here, const struct plane_rule *rule, bool put)
{
    struct request request;
    begin_rule(&request, put ? RTM_NEWRULE : RTM_DELRULE, put ? NLM_F_CREATE : 0, rule);
    return rtnetlink_change(here, request.header);
}

static bool refused_rule(struct trouble *ret_trouble, int error, const struct rtnetlink *here,
                         const struct plane_rule *rule, const char *what)
{
    return trouble_is(ret_trouble, error, "the rule %u from %s%s cannot be %s", rule->priority,
                      rule->from.len > 0 ? text_of_range(rule->from).text : "all", here->place,
                      what);
}

bool rule_put(struct rtnetlink *here, const struct plane_rule *rule, struct trouble *ret_trouble)
{
    bool found = false;
    struct comparing comparing = {.wanted = rule, .found = &found, .count = 1};
    if (!rule_each(here, compare_rule, &comparing, ret_trouble))
        return false;
    int error = found ? 0 : change_rule(here, rule, true);
    return error == 0 || refused_rule(ret_trouble, error, here, rule, "set");
}

bool rule_remove(struct rtnetlink *here, const struct plane_rule *rule, struct trouble *ret_trouble)
{
    bool found = false;
    struct comparing comparing = {.wanted = rule, .found = &found, .count = 1};
    if (!rule_each(here, compare_rule, &comparing, ret_trouble))
        return false;
    int error = found ? change_rule(here, rule, false) : 0;
    return error == 0 || refused_rule(ret_trouble, error, here, rule, "removed");
}

/* The kernel's own rule comes first and asks for everything; it goes once ours is there. */
bool rule_local_hosts(struct rtnetlink *here, struct trouble *ret_trouble)
{
    struct plane_rule ours = {.table = RT_TABLE_LOCAL, .hosts = true, .priority = 1};
    if (!rule_put(here, &ours, ret_trouble))
        return false;
    struct request request;
    struct fib_rule_hdr *head = begin(&request, RTM_DELRULE, 0, sizeof *head);
    head->family = AF_INET;
    head->action = FR_ACT_TO_TBL;
    mnl_attr_put_u32(request.header, FRA_TABLE, RT_TABLE_LOCAL);
    mnl_attr_put_u32(request.header, FRA_PRIORITY, 0);
    struct plane_rule kernels = {.table = RT_TABLE_LOCAL};
    int error = rtnetlink_change(here, request.header);
    return error == 0 || error == ENOENT ||
           refused_rule(ret_trouble, error, here, &kernels, "removed");
}

static void weed_rule(const struct rtnetlink_said *said, void *context)
{
    struct comparing *comparing = context;
    const struct rtnetlink_rule *found = &said->rule;
    if (found->protocol != ROUTES_PROTOCOL || found->priority < comparing->least ||
        found->priority > comparing->most)
        return;
    for (size_t i = 0; i < comparing->count; i++) {
        if (same_rule(found, &comparing->wanted[i]))
            return;
    }
    struct plane_rule rule = {.six = found->six,
                              .from = found->from,
                              .to = found->to,
                              .in = found->in[0] ? found->in : NULL,
                              .table = found->refuses ? 0 : found->table,
                              .priority = found->priority};
    int error = change_rule(comparing->here, &rule, false);
    if (error != 0 && error != ENOENT)
        comparing->error = error;
}

bool rule_clear(struct rtnetlink *here, uint32_t least, uint32_t most, struct trouble *ret_trouble)
{
    return rule_all(here, least, most, NULL, 0, ret_trouble);
}

static bool put_missing(struct comparing *comparing, struct trouble *ret_trouble)
{
    if (!rule_each(comparing->here, compare_rule, comparing, ret_trouble))
        return false;
    for (size_t i = 0; i < comparing->count; i++) {
        const struct plane_rule *rule = &comparing->wanted[i];
        int error = comparing->found[i] ? 0 : change_rule(comparing->here, rule, true);
        if (error != 0)
            return refused_rule(ret_trouble, error, comparing->here, rule, "set");
    }
    return true;
}

bool rule_all(struct rtnetlink *here, uint32_t least, uint32_t most, const struct plane_rule *rules,
              size_t count, struct trouble *ret_trouble)
{
    struct comparing comparing = {rules, calloc(count + 1, sizeof(bool)), count, here, least, most,
                                  0};
    bool done = comparing.found ? put_missing(&comparing, ret_trouble) &&
                                      rule_each(here, weed_rule, &comparing, ret_trouble)
                                : trouble_is(ret_trouble, ENOMEM, "the rules%s", here->place);
    free(comparing.found);
    if (done && comparing.error)
        return trouble_is(ret_trouble, comparing.error, "the rules%s cannot be removed",
                          here->place);
    return done;
}

/* -- proxies -- */

static int change_proxy(struct rtnetlink *here, uint16_t type, uint32_t index, ip_addr addr)
{
    struct request request;
    bool six = ip_is_six(addr);
    uint16_t flags = type == RTM_NEWNEIGH ? NLM_F_CREATE | NLM_F_REPLACE : 0;
    struct ndmsg *head = begin(&request, type, flags, sizeof *head);
    head->ndm_family = family(six);
    head->ndm_ifindex = (int)index;
    head->ndm_flags = NTF_PROXY;
    head->ndm_state = NUD_PERMANENT;
    netlink_put_addr(request.header, NDA_DST, addr, six);
    return rtnetlink_change(here, request.header);
}

bool proxy_put(struct rtnetlink *here, const char *device, ip_addr addr,
               struct trouble *ret_trouble)
{
    uint32_t index = 0;
    if (!index_of(here, device, &index, ret_trouble))
        return false;
    int error = change_proxy(here, RTM_NEWNEIGH, index, addr);
    return error == 0 || trouble_is(ret_trouble, error, "the device %s%s cannot answer for %s",
                                    device, here->place, text_of(addr).text);
}

bool proxy_remove(struct rtnetlink *here, const char *device, ip_addr addr,
                  struct trouble *ret_trouble)
{
    uint32_t index = 0;
    if (!index_of(here, device, &index, ret_trouble))
        return false;
    int error = change_proxy(here, RTM_DELNEIGH, index, addr);
    return error == 0 || error == ENOENT ||
           trouble_is(ret_trouble, error, "the device %s%s cannot cease to answer for %s", device,
                      here->place, text_of(addr).text);
}
