#include "import/configuration.h"

#include "network/scalar.h"
#include "tunnel/options.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

/* --- the tree --- */

static bool is_called(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
    const xmlNode *at = node ? node->children : NULL;
    while (at && !is_called(at, name))
        at = at->next;
    return at;
}

/* The element's text without the blanks around it, when it is one piece; size 0: none. */
static const char *text_of(const xmlNode *node, size_t *ret_size)
{
    const xmlNode *inside = node ? node->children : NULL;
    const char *text = "";
    if (inside && inside->type == XML_TEXT_NODE && !inside->next && inside->content)
        text = (const char *)inside->content;
    while (*text && strchr(" \t\r\n", *text))
        text++;
    *ret_size = strlen(text);
    while (*ret_size && strchr(" \t\r\n", text[*ret_size - 1]))
        --*ret_size;
    return text;
}

/* --- values --- */

struct reading {
    bool keys;           /* are taken */
    const char *problem; /* the first */
    unsigned line;
};

static void wrong(struct reading *reading, const xmlNode *node, const char *problem)
{
    if (reading->problem)
        return;
    reading->problem = problem;
    reading->line = node ? (unsigned)xmlGetLineNo(node) : 0;
}

static int64_t number_at(struct reading *reading, const xmlNode *parent, const char *name,
                         int64_t max)
{
    const xmlNode *node = child(parent, name);
    size_t size;
    int64_t number = 0;
    const char *text = text_of(node, &size);
    bool fine = size > 0 && size <= 12;
    for (size_t i = 0; fine && i < size; i++) {
        fine = text[i] >= '0' && text[i] <= '9';
        number = number * 10 + (text[i] - '0');
    }
    if (fine && number <= max)
        return number;
    if (node)
        wrong(reading, node, "has no number where one is expected");
    return -1;
}

/* Inside, where a connection is of IPv6, that is what stands there. */
static ip_addr address_at(struct reading *reading, const xmlNode *parent, const char *name,
                          bool inside)
{
    const xmlNode *node = child(child(parent, name), "ip_address");
    size_t size;
    ip_addr addr = 0;
    const char *text = text_of(node, &size);
    bool fine = !node || (ip_parse(text, size, &addr) && scalar_is_host(addr) &&
                          (inside || !ip_is_six(addr)));
    if (fine)
        return addr;
    wrong(reading, node,
          inside ? "has no address in an ip_address" : "has no IPv4 address in an ip_address");
    return 0;
}

/* As the network file allows names, and a bit shorter. Not said: what it was. */
static void name_at(struct reading *reading, const xmlNode *node, const char *text, size_t size,
                    char name[CONFIGURATION_NAME_BYTES])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    if (size == 0)
        return;
    bool letter = (text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z');
    if (!letter || size >= CONFIGURATION_NAME_BYTES || strspn(text, letters) < size) {
        wrong(reading, node, "has an id that is no name: letters, digits, hyphens, 59 at most");
        return;
    }
    memcpy(name, text, size);
    name[size] = '\0';
}

static void read_names(struct reading *reading, const xmlNode *root, struct configuration *ret)
{
    const xmlNode *customer = child(root, "customer_gateway_id");
    const xmlNode *gateway = child(root, "vpn_gateway_id");
    size_t size;
    xmlChar *id = xmlGetProp((xmlNode *)(uintptr_t)root, (const xmlChar *)"id");
    memcpy(ret->id, "vpn", sizeof "vpn");
    memcpy(ret->vpn_gateway, "vgw", sizeof "vgw");
    memcpy(ret->customer_gateway, "cgw", sizeof "cgw");
    if (id)
        name_at(reading, root, (const char *)id, strlen((const char *)id), ret->id);
    xmlFree(id);
    const char *text = text_of(customer, &size);
    name_at(reading, customer, text, size, ret->customer_gateway);
    text = text_of(gateway, &size);
    name_at(reading, gateway, text, size, ret->vpn_gateway);
}

static void key_at(struct reading *reading, const xmlNode *tunnel,
                   char psk[CONFIGURATION_PSK_BYTES])
{
    const xmlNode *node = child(child(tunnel, "ike"), "pre_shared_key");
    size_t size;
    const char *text = text_of(node, &size);
    if (!node || !reading->keys)
        return;
    if (tunnel_psk_check((struct slice){(const uint8_t *)text, size}) != TUNNEL_FAULT_NONE) {
        wrong(reading, node,
              "has a pre_shared_key that is none; expected 8 to 64 letters, digits, periods and "
              "underscores that do not begin with 0");
        return;
    }
    memcpy(psk, text, size);
    psk[size] = '\0';
}

static struct configuration_end end_at(struct reading *reading, const xmlNode *tunnel,
                                       const char *name)
{
    const xmlNode *node = child(tunnel, name);
    return (struct configuration_end){
        .outside = address_at(reading, node, "tunnel_outside_address", false),
        .inside = address_at(reading, node, "tunnel_inside_address", true),
        .asn = number_at(reading, child(node, "bgp"), "asn", UINT32_MAX)};
}

static void read_tunnel(struct reading *reading, const xmlNode *node,
                        struct configuration_tunnel *tunnel)
{
    const xmlNode *dpd = child(child(node, "ipsec"), "dead_peer_detection");
    const xmlNode *bgp = child(child(node, "customer_gateway"), "bgp");
    tunnel->cgw = end_at(reading, node, "customer_gateway");
    tunnel->vgw = end_at(reading, node, "vpn_gateway");
    tunnel->hold_s = number_at(reading, bgp, "hold_time", UINT16_MAX);
    tunnel->interval_s = number_at(reading, dpd, "interval", 3600);
    tunnel->retries = number_at(reading, dpd, "retries", 100);
    key_at(reading, node, tunnel->psk);
}

static void read_root(struct reading *reading, const xmlNode *root, struct configuration *ret)
{
    static const char no_bgp[] = "NoBGPVPNConnection";
    if (!is_called(root, "vpn_connection")) {
        wrong(reading, root, "is no vpn_connection");
        return;
    }
    if (reading->keys)
        read_names(reading, root, ret);
    for (const xmlNode *node = root->children; node; node = node->next) {
        size_t size;
        const char *text = text_of(node, &size);
        if (is_called(node, "vpn_connection_attributes") && size == strlen(no_bgp) &&
            memcmp(text, no_bgp, size) == 0)
            ret->static_only = true;
        if (!is_called(node, "ipsec_tunnel"))
            continue;
        if (ret->tunnel_count == 2)
            wrong(reading, node, "has more than two tunnels");
        else
            read_tunnel(reading, node, &ret->tunnels[ret->tunnel_count++]);
    }
}

/* --- the text --- */

/* A declaration such as DOCTYPE or ENTITY; comments and CDATA are none. */
static bool declares(const char *xml, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        if (xml[i] == '<' && xml[i + 1] == '!' && xml[i + 2] != '-' && xml[i + 2] != '[')
            return true;
    }
    return false;
}

static xmlDocPtr parse(const char *xml, size_t size, unsigned *ret_line)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlParserCtxtPtr context = xmlNewParserCtxt();
    if (!context)
        return NULL;
    xmlDocPtr document = xmlCtxtReadMemory(context, xml, (int)size, NULL, "UTF-8", options);
    if (!document && context->lastError.line > 0)
        *ret_line = (unsigned)context->lastError.line;
    xmlFreeParserCtxt(context);
    return document;
}

static const char *read_whole(const char *xml, size_t size_bytes, bool keys,
                              struct configuration *ret, unsigned *ret_line)
{
    struct reading reading = {.keys = keys};
    struct configuration configuration = {0};
    *ret_line = 0;
    if (size_bytes > CONFIGURATION_BYTES_MAX)
        return "is larger than 1 MiB";
    if (declares(xml, size_bytes))
        return "has a DTD or an entity; expected the XML that AWS writes, which has none";
    xmlDocPtr document = parse(xml, size_bytes, ret_line);
    if (!document)
        return "is not XML; expected a vpn_connection as AWS writes it";
    const xmlNode *root = xmlDocGetRootElement(document);
    if (document->intSubset || document->extSubset || !root)
        wrong(&reading, root, "has a DTD; expected the XML that AWS writes, which has none");
    else
        read_root(&reading, root, &configuration);
    xmlFreeDoc(document);
    if (!reading.problem)
        *ret = configuration;
    explicit_bzero(&configuration, sizeof configuration);
    *ret_line = reading.line;
    return reading.problem;
}

const char *configuration_read(const char *xml, size_t size_bytes, struct configuration *ret,
                               unsigned *ret_line)
{
    return read_whole(xml, size_bytes, false, ret, ret_line);
}

const char *configuration_read_keys(const char *xml, size_t size_bytes, struct configuration *ret,
                                    unsigned *ret_line)
{
    return read_whole(xml, size_bytes, true, ret, ret_line);
}
