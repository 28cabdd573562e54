#include "cli/drawing.h"

#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 96 };

/* Two lines of text; what a thing is called, and what is worth knowing of it. */
struct cell {
    char name[CELL_BYTES], detail[CELL_BYTES];
};

struct branch {
    struct cell attachment, router, behind;
    bool tunnel;
    bool plain; /* a tunnel without IPsec */
};

struct drawing {
    const struct network *network;
    const struct screen *screen;
    unsigned indent;
    struct cell vpc, gateway;
    struct branch branches[DRAWING_ATTACHMENTS_MAX];
    size_t count, left_out;
    unsigned vpc_width, gateway_width, attachment_width, router_width;
};

static void say_prefixes(char *bytes, size_t size, const struct prefix *prefixes, size_t count)
{
    struct text text = text_over(bytes, size);
    if (count == 0)
        return;
    text_prefix(&text, prefixes[0]);
    if (count > 1) {
        text_add(&text, " +");
        text_u64(&text, count - 1);
    }
}

static void say_asn(struct cell *cell, uint32_t asn)
{
    if (asn)
        snprintf(cell->detail, sizeof cell->detail, "AS %u", asn);
}

/* The VPC that a router is an instance in; NULL: it is none. */
static const struct network_vpc *home_of(const struct network *network, const char *router)
{
    for (size_t i = 0; i < network->vpc_count; i++) {
        for (size_t j = 0; j < network->vpcs[i].instance_count; j++) {
            const char *played = network->vpcs[i].instances[j].router.id;
            if (played && strcmp(played, router) == 0)
                return &network->vpcs[i];
        }
    }
    return NULL;
}

static void say_vpc(struct cell *cell, const struct network_vpc *vpc)
{
    snprintf(cell->name, sizeof cell->name, "%s", vpc->id);
    say_prefixes(cell->detail, sizeof cell->detail, vpc->cidrs, vpc->cidr_count);
}

static void say_router(const struct network *network, const struct network_ref *ref,
                       struct branch *branch)
{
    if (ref->kind != NETWORK_ROUTER || ref->index < 0)
        return;
    const struct network_router *router = &network->routers[ref->index];
    const struct network_vpc *home = home_of(network, router->id);
    snprintf(branch->router.name, sizeof branch->router.name, "%s", router->id);
    say_asn(&branch->router, router->bgp ? router->bgp->asn : 0);
    if (home) {
        say_vpc(&branch->behind, home);
    } else if (router->lan_count) {
        say_prefixes(branch->behind.name, CELL_BYTES, router->lan, router->lan_count);
    } else if (router->bgp && router->bgp->announce_count) {
        struct prefix first = router->bgp->announce[0].prefix;
        say_prefixes(branch->behind.name, CELL_BYTES, &first, 1);
    }
}

static struct branch *next_branch(struct drawing *drawing)
{
    if (drawing->count == DRAWING_ATTACHMENTS_MAX) {
        drawing->left_out++;
        return NULL;
    }
    return &drawing->branches[drawing->count++];
}

static void add_connection(struct drawing *drawing, const struct network_connection *connection)
{
    const struct network *network = drawing->network;
    struct branch *branch = next_branch(drawing);
    if (!branch)
        return;
    branch->tunnel = true;
    branch->plain = connection->ipsec == NETWORK_IPSEC_NONE;
    snprintf(branch->attachment.name, CELL_BYTES, "%s", connection->id);
    struct text text = text_over(branch->attachment.detail, CELL_BYTES);
    if (connection->tunnel_count)
        text_ip(&text, connection->tunnels[0].outside);
    text_add(&text, connection->tunnel_count > 1 ? " +1" : "");
    int32_t customer = connection->customer_gateway.index;
    if (customer < 0)
        return;
    const struct network_customer_gateway *gateway = &network->customer_gateways[customer];
    say_router(network, &gateway->router, branch);
    if (branch->router.name[0] == 0) {
        snprintf(branch->router.name, CELL_BYTES, "%s", gateway->id);
        say_asn(&branch->router, gateway->asn);
    }
}

static void add_direct_connect(struct drawing *drawing, const struct network_direct_connect *direct)
{
    struct branch *branch = next_branch(drawing);
    if (!branch)
        return;
    snprintf(branch->attachment.name, CELL_BYTES, "%s", direct->id);
    if (direct->vlan >= 0)
        snprintf(branch->attachment.detail, CELL_BYTES, "VLAN %d", (int)direct->vlan);
    say_router(drawing->network, &direct->router, branch);
}

static unsigned wider(const struct screen *screen, unsigned width, const struct cell *cell)
{
    unsigned name = screen_columns(screen, cell->name);
    unsigned detail = screen_columns(screen, cell->detail);
    width = name > width ? name : width;
    return detail > width ? detail : width;
}

static void measure(struct drawing *drawing)
{
    const struct screen *screen = drawing->screen;
    drawing->vpc_width = wider(screen, 0, &drawing->vpc);
    drawing->gateway_width = wider(screen, 0, &drawing->gateway);
    for (size_t i = 0; i < drawing->count; i++) {
        const struct branch *branch = &drawing->branches[i];
        drawing->attachment_width = wider(screen, drawing->attachment_width, &branch->attachment);
        drawing->router_width = wider(screen, drawing->router_width, &branch->router);
    }
}

static void repeat(const struct screen *screen, const char *glyph, unsigned count)
{
    while (count-- > 0)
        screen_put(screen, glyph);
}

/* A name, and from it a wire to the end of its column and so much further. */
static void put_wired(const struct screen *screen, const char *name, unsigned width, unsigned more,
                      const char *wire)
{
    unsigned used = screen_columns(screen, name);
    screen_say(screen, "%s%s%s ", SCREEN_BOLD, name, SCREEN_END);
    repeat(screen, wire, width + more - used - 1);
}

static void put_left(const struct drawing *drawing, bool first, bool name)
{
    const struct screen *screen = drawing->screen;
    screen_blanks(screen, drawing->indent);
    if (!first) {
        screen_blanks(screen, drawing->vpc_width + (drawing->vpc_width ? 4 : 0) +
                                  drawing->gateway_width + 1);
    } else if (name) {
        if (drawing->vpc_width) {
            put_wired(screen, drawing->vpc.name, drawing->vpc_width, 3, "─");
            screen_put(screen, " ");
        }
        if (drawing->count > 0)
            put_wired(screen, drawing->gateway.name, drawing->gateway_width, 1, "─");
        else
            screen_say(screen, "%s%s%s", SCREEN_BOLD, drawing->gateway.name, SCREEN_END);
    } else {
        screen_pad(screen, drawing->vpc.detail, drawing->vpc_width ? drawing->vpc_width + 4 : 0);
        screen_pad(screen, drawing->gateway.detail, drawing->gateway_width + 1);
    }
}

static void put_branch_name(const struct drawing *drawing, size_t index)
{
    const struct screen *screen = drawing->screen;
    const struct branch *branch = &drawing->branches[index];
    bool last = index + 1 == drawing->count;
    const char *wire = branch->tunnel ? "═" : "─";
    put_left(drawing, index == 0, true);
    screen_put(screen, index > 0 ? (last ? "└─ " : "├─ ") : last ? "── " : "┬─ ");
    put_wired(screen, branch->attachment.name, drawing->attachment_width, 1, wire);
    if (branch->plain)
        repeat(screen, wire, 5); /* as wide as " ESP " */
    else
        screen_put(screen, branch->tunnel ? " ESP " : " DX ");
    repeat(screen, wire, branch->tunnel ? 2 : 3);
    screen_put(screen, " ");
    if (branch->behind.name[0]) {
        put_wired(screen, branch->router.name, drawing->router_width, 2, "─");
        screen_say(screen, " %s", branch->behind.name);
    } else {
        screen_say(screen, "%s%s%s", SCREEN_BOLD, branch->router.name, SCREEN_END);
    }
    fputc('\n', screen->out);
}

static void put_branch_detail(const struct drawing *drawing, size_t index)
{
    const struct screen *screen = drawing->screen;
    const struct branch *branch = &drawing->branches[index];
    bool last = index + 1 == drawing->count;
    put_left(drawing, index == 0, false);
    screen_put(screen, last ? "   " : "│  ");
    screen_pad(screen, branch->attachment.detail, drawing->attachment_width + 1 + 8);
    if (branch->behind.detail[0]) {
        screen_pad(screen, branch->router.detail, drawing->router_width + 3);
        screen_put(screen, branch->behind.detail);
    } else {
        screen_put(screen, branch->router.detail);
    }
    fputc('\n', screen->out);
}

static void draw_gateway(const struct network *network, size_t index, const struct screen *screen,
                         unsigned indent)
{
    const struct network_vpn_gateway *gateway = &network->vpn_gateways[index];
    struct drawing drawing = {.network = network, .screen = screen, .indent = indent};
    snprintf(drawing.gateway.name, CELL_BYTES, "%s", gateway->id);
    say_asn(&drawing.gateway, gateway->asn);
    if (gateway->vpc.index >= 0 && gateway->vpc.kind == NETWORK_VPC)
        say_vpc(&drawing.vpc, &network->vpcs[gateway->vpc.index]);
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        if (network->vpn_connections[i].vpn_gateway.index == (int32_t)index)
            add_connection(&drawing, &network->vpn_connections[i]);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        if (network->direct_connects[i].vpn_gateway.index == (int32_t)index)
            add_direct_connect(&drawing, &network->direct_connects[i]);
    }
    measure(&drawing);
    for (size_t i = 0; i < drawing.count; i++) {
        put_branch_name(&drawing, i);
        put_branch_detail(&drawing, i);
    }
    if (drawing.count == 0) {
        put_left(&drawing, true, true);
        fputc('\n', screen->out);
    }
    if (drawing.left_out) {
        screen_blanks(screen, indent);
        screen_say(screen, "… and %zu attachments more\n", drawing.left_out);
    }
}

void drawing_render(const struct network *network, const struct screen *screen, unsigned indent)
{
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        if (i > 0)
            fputc('\n', screen->out);
        draw_gateway(network, i, screen, indent);
    }
}
