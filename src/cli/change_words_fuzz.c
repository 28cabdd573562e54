#include "cli/change_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Any words behind a file: changes or a mistake. What is accepted becomes steps that a file could
 * have: written and read again, the network is the same. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__lsan_default_suppressions(void);

/* As in network_fuzz.c: libfyaml keeps pieces of what it refuses. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

enum { WORDS_MAX = 4096 };

static const char file[] =
    "vpcs:\n"
    "  - id: vpc\n"
    "    cidrs: [10.10.0.0/16]\n"
    "    route_tables: [{id: rtb, propagate: [vgw]}]\n"
    "    subnets: [{id: subnet, cidr: 10.10.1.0/24, route_table: rtb}]\n"
    "    instances: [{id: i-app, subnet: subnet, address: 10.10.1.10}]\n"
    "vpn_gateways: [{id: vgw, vpc: vpc, platform: sekisho}]\n"
    "customer_gateways: [{id: cgw, asn: 65001, address: 198.51.100.10, router: tokyo}]\n"
    "vpn_connections:\n"
    "  - id: vpn\n"
    "    vpn_gateway: vgw\n"
    "    customer_gateway: cgw\n"
    "    tunnels: [{outside: 203.0.113.1, inside: {vgw: 169.254.8.1, cgw: 169.254.8.2}}]\n"
    "routers:\n"
    "  - {id: tokyo, bgp: {asn: 65001, announce: [10.20.0.0/16]}}\n";

static struct network *parsed(const char *text, size_t size)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    bool fine =
        network_parse((struct slice){(const uint8_t *)text, size}, "fuzz", &diagnostics, &network);
    diagnostics_done(&diagnostics);
    return fine ? network : NULL;
}

static void reads_again(const struct network *network)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    network_format(network, out);
    fclose(out);
    struct network *again = parsed(text, size);
    assert(again && network_equal(again, network));
    network_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char words[WORDS_MAX + 1] = {0};
    struct network *network = parsed(file, sizeof file - 1);
    struct changes changes = {0};
    struct cli cli = {.err = {.out = fopen("/dev/null", "w"), .width = 80}};
    assert(network && cli.err.out);
    memcpy(words, bytes, size < WORDS_MAX ? size : WORDS_MAX);
    const char *operand = words;
    if (changes_read(&cli, network, &operand, 1, &changes)) {
        assert(changes.count > 0 && changes.count <= CHANGES_MAX);
        if (changes_add(&cli, &changes, 60000000, size % 2, network))
            reads_again(network);
    }
    changes_done(&changes);
    fclose(cli.err.out);
    network_free(network);
    return 0;
}
