/* A whole gateway against a naive one: random announcements, withdrawals, losses and changes of
 * policy; after each the kernel's table, the VPC's table and what every neighbor was told are
 * computed again from nothing but what was said, as the texts have it (RFC 4271 9.1.2.2, S2S
 * VPNRoutingTypes.md, the guard's question), and compared. */
#include "engine/test_gate.h"

#include "base/prng.h"

enum { SPEAKERS = 6, PREFIXES = 14, STATIC_ATTACHMENT = 2, STATIC_INTERFACE = 50 };

static const char *const universe[PREFIXES] = {
    "0.0.0.0/0",    "128.0.0.0/1",   "203.0.113.0/24", "203.0.113.1/32", "198.51.100.0/24",
    "10.0.0.0/8",   "10.1.0.0/16",   "10.1.1.0/24",    "10.2.0.0/16",    "10.10.7.0/24",
    "10.10.0.0/16", "172.16.0.0/12", "192.168.0.0/24", "127.1.0.0/16"};

static const struct {
    uint16_t attachment;
    uint32_t asn;
    uint32_t med;
    const char *outside;
} speakers[SPEAKERS + 1] = {{0, 0, 0, NULL},
                            {1, 65001, 0, "203.0.113.1"},
                            {1, 65001, 100, "203.0.113.2"},
                            {2, 65002, 0, "203.0.113.3"},
                            {3, 65003, 0, NULL},
                            {4, 65003, 0, NULL},
                            {5, 65001, 0, "198.51.100.6"}};

enum { ATTACHMENTS = 5 };

static const struct {
    enum attachment_kind kind;
    uint16_t cgw;
} attachments[ATTACHMENTS + 1] = {{0, 0},
                                  {ATTACHMENT_VPN, 7},
                                  {ATTACHMENT_VPN, 8},
                                  {ATTACHMENT_DX, 0},
                                  {ATTACHMENT_DX, 0},
                                  {ATTACHMENT_VPN, 7}};

/* All that was said. */
static struct {
    bool up[SPEAKERS + 1];
    bool offered[SPEAKERS + 1][PREFIXES];
    struct offer offers[SPEAKERS + 1][PREFIXES];
    bool has_static[PREFIXES];
    enum guard_policy guard[ATTACHMENTS + 1];
    int denied_in[ATTACHMENTS + 1]; /* a prefix of the universe; -1: none */
    int denied_out[ATTACHMENTS + 1];
    int edit_in[ATTACHMENTS + 1]; /* of edits_in */
    int edit_out[ATTACHMENTS + 1];
} said;

enum { EDITS = 6, HIGH = 7224u << 16 | 7300, MARK = 65001u << 16 | 7 };

static const struct route_edit edits_in[EDITS] = {
    {0},
    {.local_pref = 200, .has_local_pref = true},
    {.local_pref = 99, .has_local_pref = true, .drop_communities = true},
    {.add = {HIGH, MARK}, .add_count = 2},
    {.remove = {HIGH, BGP_NO_EXPORT}, .remove_count = 2},
    {.local_pref = 101,
     .has_local_pref = true,
     .drop_communities = true,
     .add = {HIGH},
     .add_count = 1},
};
static const struct route_edit edits_out[EDITS] = {
    {0},
    {.prepend = 2},
    {.med = 7, .has_med = true},
    {.add = {BGP_NO_EXPORT, HIGH}, .add_count = 2, .prepend = 1},
    {.remove = {HIGH, MARK}, .remove_count = 2},
    {.drop_communities = true, .add = {MARK}, .add_count = 1, .med = 0, .has_med = true},
};

static struct prng prng;

/* -- the naive gateway -- */

/* Who has a path; index as of speakers, or one of these. */
enum { NOBODY = 0, STATIC = SPEAKERS + 1, LOCAL };

static unsigned path_length(const struct offer *offer)
{
    return list_count(offer->path, PEER_PATH);
}

static bool has_own_as(const struct offer *offer)
{
    for (unsigned i = 0; i < path_length(offer); i++) {
        if (offer->path[i] == GATE_ASN)
            return true;
    }
    return false;
}

static bool denied(int rule, int prefix)
{
    return rule >= 0 && prefix_covers(net(universe[rule]), net(universe[prefix]));
}

static bool is_feasible(int speaker, int prefix)
{
    const struct offer *offer = &said.offers[speaker][prefix];
    return said.up[speaker] && said.offered[speaker][prefix] && !has_own_as(offer) &&
           offer->path[0] == speakers[speaker].asn && net(universe[prefix]).addr >> 24 != 127 &&
           !denied(said.denied_in[speakers[speaker].attachment], prefix);
}

static bool is_dx(int speaker)
{
    return attachments[speakers[speaker].attachment].kind == ATTACHMENT_DX;
}

/* -- communities as lists that end with 0 -- */

struct list {
    uint32_t items[12];
};

static bool has(const uint32_t *list, unsigned max, uint32_t item)
{
    for (unsigned i = 0; i < max && list[i]; i++) {
        if (list[i] == item)
            return true;
    }
    return false;
}

static void push(struct list *list, uint32_t item)
{
    list->items[list_count(list->items, 11)] = item;
}

static struct list edited(const struct list *list, const struct route_edit *edit)
{
    struct list made = {{0}};
    for (int i = 0; list->items[i] && !edit->drop_communities; i++) {
        if (!has(edit->remove, edit->remove_count, list->items[i]))
            push(&made, list->items[i]);
    }
    for (int i = 0; i < edit->add_count; i++) {
        if (!has(made.items, 12, edit->add[i]))
            push(&made, edit->add[i]);
    }
    return made;
}

/* What stands in the Loc-RIB of what the speaker offers. */
static struct list communities_of(int speaker, int prefix)
{
    struct list list = {{0}};
    for (int i = 0; i < 4 && said.offers[speaker][prefix].communities[i]; i++)
        push(&list, said.offers[speaker][prefix].communities[i]);
    return edited(&list, &edits_in[said.edit_in[speakers[speaker].attachment]]);
}

static uint32_t local_pref_of(int who)
{
    if (who == STATIC)
        return 100;
    const struct route_edit *edit = &edits_in[said.edit_in[speakers[who].attachment]];
    return edit->has_local_pref ? edit->local_pref : 100;
}

static int preference(int speaker, int prefix)
{
    struct list list = communities_of(speaker, prefix);
    int best = -1;
    for (int i = 0; list.items[i]; i++) {
        int level = list.items[i] == HIGH                   ? 2
                    : list.items[i] == (7224u << 16 | 7200) ? 1
                    : list.items[i] == (7224u << 16 | 7100) ? 0
                                                            : -1;
        best = level > best ? level : best;
    }
    return best < 0 ? 1 : best;
}

/* Is left better than right, when they differ in what comes before the comparisons in groups? */
static int compare_first(int left, int right, int prefix)
{
    const struct offer *a = &said.offers[left][prefix], *b = &said.offers[right][prefix];
    if (is_dx(left) != is_dx(right))
        return is_dx(left) ? 1 : -1;
    if (is_dx(left) && preference(left, prefix) != preference(right, prefix))
        return preference(left, prefix) - preference(right, prefix);
    return (int)path_length(b) - (int)path_length(a);
}

static bool loses_by_med(int speaker, const bool *in, int prefix)
{
    for (int other = 1; other <= SPEAKERS; other++) {
        if (in[other] && speakers[other].asn == speakers[speaker].asn &&
            said.offers[other][prefix].med < said.offers[speaker][prefix].med)
            return true;
    }
    return false;
}

static int naive_best(int prefix)
{
    bool in[SPEAKERS + 1] = {false}, after[SPEAKERS + 1];
    bool any_dx = false;
    if (strcmp(universe[prefix], "10.10.0.0/16") == 0)
        return LOCAL;
    uint32_t highest = said.has_static[prefix] ? local_pref_of(STATIC) : 0;
    for (int i = 1; i <= SPEAKERS; i++) {
        if (is_feasible(i, prefix) && local_pref_of(i) > highest)
            highest = local_pref_of(i);
    }
    for (int i = 1; i <= SPEAKERS; i++) {
        in[i] = is_feasible(i, prefix) && local_pref_of(i) == highest;
        any_dx |= in[i] && is_dx(i);
    }
    if (said.has_static[prefix] && local_pref_of(STATIC) == highest && !any_dx)
        return STATIC;
    memcpy(after, in, sizeof in);
    for (int i = 1; i <= SPEAKERS; i++) {
        for (int k = 1; k <= SPEAKERS; k++) {
            if (in[i] && in[k] && compare_first(k, i, prefix) > 0)
                after[i] = false;
        }
    }
    memcpy(in, after, sizeof in);
    for (int i = 1; i <= SPEAKERS; i++)
        after[i] = in[i] && !loses_by_med(i, in, prefix);
    if (after[1] && after[2])
        after[2] = false; /* the connection's lower outside address */
    for (int i = 1; i <= SPEAKERS; i++) {
        if (after[i])
            return i; /* router ids ascend with the speakers' numbers */
    }
    return NOBODY;
}

/* Endpoints of a customer gateway: those of its connections' tunnels. */
static bool covers_endpoint(int prefix, uint16_t cgw)
{
    for (int i = 1; i <= SPEAKERS; i++) {
        if (speakers[i].outside && attachments[speakers[i].attachment].cgw == cgw &&
            prefix_contains(net(universe[prefix]), ip(speakers[i].outside)))
            return true;
    }
    return false;
}

static uint16_t attachment_of(int who)
{
    return who == STATIC ? STATIC_ATTACHMENT : who == LOCAL ? 0 : speakers[who].attachment;
}

static bool has_no_export(int who, int prefix)
{
    struct list list = communities_of(who, prefix);
    return has(list.items, 12, BGP_NO_EXPORT);
}

/* As `told` has it. */
static const char *naive_told(int speaker, int prefix)
{
    static char words[RIG_TEXT];
    struct text text = text_over(words, sizeof words);
    uint16_t at = speakers[speaker].attachment;
    int best = naive_best(prefix);
    bool by_speaker = best != NOBODY && best <= SPEAKERS;
    if (best == NOBODY || attachment_of(best) == at || denied(said.denied_out[at], prefix) ||
        (by_speaker && has_no_export(best, prefix)) ||
        (said.guard[at] == GUARD_HOLD && covers_endpoint(prefix, attachments[at].cgw)))
        return "nothing";
    const struct route_edit *edit = &edits_out[said.edit_out[at]];
    for (int i = 0; i <= edit->prepend; i++)
        text_add(&text, "64512 ");
    for (unsigned i = 0; by_speaker && i < path_length(&said.offers[best][prefix]); i++) {
        text_u64(&text, said.offers[best][prefix].path[i]);
        text_char(&text, ' ');
    }
    text_add(&text, "via ");
    text_ip(&text, local_addr_of((uint16_t)speaker));
    if (speakers[speaker].med || edit->has_med) {
        text_add(&text, " med ");
        text_u64(&text, speakers[speaker].med + edit->med);
    }
    struct list communities = {{0}};
    if (by_speaker)
        communities = communities_of(best, prefix);
    communities = edited(&communities, edit);
    for (int i = 0; communities.items[i]; i++) {
        text_char(&text, ' ');
        text_u64(&text, communities.items[i] >> 16);
        text_char(&text, ':');
        text_u64(&text, communities.items[i] & 0xffff);
    }
    return words;
}

static const char *naive_entry(int prefix)
{
    static char words[RIG_TEXT];
    struct text text = text_over(words, sizeof words);
    int best = naive_best(prefix);
    if (best == NOBODY)
        return "none";
    if (best == LOCAL)
        return "on 100, connected";
    if (best == STATIC)
        return "on 50, static";
    text_add(&text, "via ");
    text_ip(&text, peer_addr_of((uint16_t)best));
    text_add(&text, " on ");
    text_u64(&text, (uint64_t)best);
    text_add(&text, ", ebgp ");
    text_u64(&text, (uint64_t)best);
    return words;
}

static const char *naive_vpc_entry(int prefix)
{
    if (strcmp(universe[prefix], "10.10.0.0/16") == 0)
        return "local";
    bool inside = prefix_covers(net("10.10.0.0/16"), net(universe[prefix]));
    return naive_best(prefix) == NOBODY || inside ? "none" : "gateway 1, propagated";
}

/* -- what happens -- */

static void compare(void)
{
    for (int prefix = 0; prefix < PREFIXES; prefix++) {
        CHECK_TEXT(rig_entry(&gate, universe[prefix]), naive_entry(prefix));
        CHECK_TEXT(rig_vpc_entry(&gate, 1, universe[prefix]), naive_vpc_entry(prefix));
        for (uint16_t speaker = 1; speaker <= SPEAKERS; speaker++) {
            if (said.up[speaker])
                CHECK_TEXT(told(speaker, universe[prefix]), naive_told(speaker, prefix));
        }
    }
}

static struct offer random_offer(int speaker)
{
    static const uint32_t tails[] = {65100, 65200, GATE_ASN, 4200000001, 65001};
    static const uint32_t communities[] = {7224u << 16 | 7100, 7224u << 16 | 7200,
                                           7224u << 16 | 7300, BGP_NO_EXPORT, 65001u << 16 | 7};
    struct offer offer = {.path = {speakers[speaker].asn}, .med = (uint32_t)prng_below(&prng, 3)};
    unsigned hops = (unsigned)prng_below(&prng, 3);
    for (unsigned i = 1; i <= hops; i++)
        offer.path[i] = tails[prng_below(&prng, prng_below(&prng, 8) ? 2 : 5)];
    if (prng_below(&prng, 30) == 0)
        offer.path[0] = 65555;
    unsigned count = (unsigned)prng_below(&prng, 3);
    for (unsigned i = 0; i < count; i++)
        offer.communities[i] = communities[prng_below(&prng, prng_below(&prng, 4) ? 3 : 5)];
    return offer;
}

static void say_offer(uint16_t speaker, int prefix)
{
    if (said.offered[speaker][prefix])
        announce_as(speaker, universe[prefix], said.offers[speaker][prefix]);
    else
        withdraw(speaker, universe[prefix]);
}

static void toggle_session(uint16_t speaker)
{
    said.up[speaker] = !said.up[speaker];
    memset(said.offered[speaker], 0, sizeof said.offered[speaker]);
    if (said.up[speaker])
        peer_up(&peers[speaker]);
    else
        peer_cut(&peers[speaker]);
}

/* The neighbors are asked again and answer. */
static void answer_again(uint16_t attachment)
{
    for (uint16_t speaker = 1; speaker <= SPEAKERS; speaker++) {
        for (int i = 0; i < PREFIXES && speakers[speaker].attachment == attachment; i++) {
            if (said.up[speaker] && said.offered[speaker][i])
                say_offer(speaker, i);
        }
    }
}

static void change_import(uint16_t attachment, int prefix)
{
    said.denied_in[attachment] = prefix;
    say_filter(&gate, attachment, false, prefix < 0 ? NULL : universe[prefix]);
    answer_again(attachment);
}

static void change_edit(uint16_t attachment)
{
    int edit = prng_below(&prng, 3) ? (int)prng_below(&prng, EDITS) : 0;
    bool export = prng_below(&prng, 2);
    *(export ? &said.edit_out[attachment] : &said.edit_in[attachment]) = edit;
    say_edit(&gate, attachment, export, export ? edits_out[edit] : edits_in[edit]);
    if (!export)
        answer_again(attachment);
}

static void change_guard(uint16_t attachment)
{
    static const enum guard_policy policies[] = {GUARD_OFF, GUARD_HOLD, GUARD_WARN};
    said.guard[attachment] = policies[prng_below(&prng, 3)];
    say_attachment(&gate, (struct event_attachment){.attachment = attachment,
                                                    .kind = attachments[attachment].kind,
                                                    .customer_gateway = attachments[attachment].cgw,
                                                    .guard = said.guard[attachment]});
}

static void deed(void)
{
    uint16_t speaker = (uint16_t)(1 + prng_below(&prng, SPEAKERS));
    uint16_t attachment = (uint16_t)(1 + prng_below(&prng, ATTACHMENTS));
    int prefix = (int)prng_below(&prng, PREFIXES);
    int rule = prng_below(&prng, 3) ? prefix : -1;
    switch (prng_below(&prng, 20)) {
    case 0:
        toggle_session(speaker);
        break;
    case 1:
        change_guard(attachment);
        break;
    case 2:
        said.denied_out[attachment] = rule;
        say_filter(&gate, attachment, true, rule < 0 ? NULL : universe[rule]);
        break;
    case 3:
        change_import(attachment, rule);
        break;
    case 4:
    case 5:
        change_edit(attachment);
        break;
    case 6:
    case 7:
        said.has_static[prefix] = !said.has_static[prefix];
        say_static_vpn(&gate, STATIC_ATTACHMENT, STATIC_INTERFACE, universe[prefix],
                       said.has_static[prefix]);
        break;
    default:
        if (!said.up[speaker])
            break;
        said.offered[speaker][prefix] = prng_below(&prng, 3) != 0;
        said.offers[speaker][prefix] = random_offer(speaker);
        say_offer(speaker, prefix);
        break;
    }
}

static void begin(uint64_t seed, struct span decision)
{
    prng = prng_seed(seed);
    memset(&said, 0, sizeof said);
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.decision = gate.profile.withdraw_to_fib = decision;
    rig_start(&gate, config);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    say_interface(&gate, STATIC_INTERFACE, "169.254.50.1", 30, true);
    for (uint16_t i = 1; i <= ATTACHMENTS; i++) {
        said.denied_in[i] = said.denied_out[i] = -1;
        said.guard[i] = attachments[i].kind == ATTACHMENT_VPN ? GUARD_HOLD : GUARD_OFF;
        say_attachment(&gate, (struct event_attachment){.attachment = i,
                                                        .kind = attachments[i].kind,
                                                        .customer_gateway = attachments[i].cgw,
                                                        .guard = said.guard[i]});
    }
    for (uint16_t i = 1; i <= SPEAKERS; i++) {
        const char *outside = speakers[i].outside;
        if (outside)
            say_endpoint(&gate, attachments[speakers[i].attachment].cgw, outside, true);
        struct event_neighbor neighbor =
            neighbor_on(i, speakers[i].attachment, speakers[i].asn, outside);
        neighbor.med = speakers[i].med;
        peer_add(neighbor);
        peers[i].pull_cap = prng_below(&prng, 2) ? 0 : 60 + (size_t)prng_below(&prng, 200);
        toggle_session(i);
    }
}

static void every_step_is_what_a_naive_gateway_does(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        begin(seed, (struct span){0, 0});
        for (int i = 0; i < 150; i++) {
            deed();
            compare();
        }
        gate_finish();
    }
}

/* Changes gather, cross each other and cancel out; when it is quiet the same must have come of it.
 */
static void what_gathers_comes_to_the_same(void)
{
    for (uint64_t seed = 100; seed < 120; seed++) {
        begin(seed, (struct span){0, 80 * MS});
        for (int round = 0; round < 25; round++) {
            for (uint64_t i = prng_below(&prng, 12); i > 0; i--) {
                deed();
                rig_pass(&gate, (int64_t)prng_below(&prng, 30 * MS));
            }
            rig_pass(&gate, S);
            compare();
        }
        gate_finish();
    }
}

int main(void)
{
    TEST(every_step_is_what_a_naive_gateway_does);
    TEST(what_gathers_comes_to_the_same);
    return harness_done();
}
