#include "lab/origin.h"

#include "lab/keys.h"
#include "lab/run_rig.h"

static struct lab_running *lab;

static void put(const char *name, const struct network *network)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", run_folder, name);
    FILE *out = fopen(path, "w");
    CHECK(out != NULL);
    network_format(network, out);
    CHECK(fclose(out) == 0);
}

/* A site that announces this; key: further words of its tunnel; rest: of the file. */
static const char *text_of(const char *key, const char *announce, const char *rest)
{
    static char text[1024];
    snprintf(text, sizeof text,
             "vpn_gateways: [{id: vgw, asn: 64600, platform: sekisho}]\n"
             "customer_gateways: [{id: cgw, asn: 65010, address: 198.51.100.10, router: site}]\n"
             "vpn_connections:\n"
             "  - id: vpn\n"
             "    vpn_gateway: vgw\n"
             "    customer_gateway: cgw\n"
             "    tunnels:\n"
             "      - {outside: 203.0.113.1, inside: {vgw: 169.254.10.1, cgw: 169.254.10.2}%s}\n"
             "routers: [{id: site, platform: frr, bgp: {asn: 65010, announce: [%s]}}]\n%s",
             key, announce, rest);
    return text;
}

static void begin(const char *text)
{
    struct network *network = rig_parse(text);
    struct network *renewed = keys_renewed(network, &run_trouble);
    char path[256];
    run_folder_make();
    run_write("x.yaml", text, 0644);
    snprintf(path, sizeof path, "%s/x.yaml", run_folder);
    lab = running_create("t", path);
    snprintf(lab->folder, sizeof lab->folder, "%s", run_folder);
    CHECK(renewed != NULL);
    put(LAB_BEGUN, renewed);
    network_free(renewed);
    network_free(network);
}

static void end(void)
{
    running_free(lab);
    run_clean();
}

static enum origin origin_if(const char *text)
{
    struct network *network = rig_parse(text);
    enum origin said = origin_of(lab, network);
    run_write("x.yaml", text, 0644);
    CHECK_EQUAL(origin_of(lab, NULL), said);
    network_free(network);
    return said;
}

static void the_network_is_what_counts(void)
{
    begin(text_of(", psk: s3cr3t.of_the_file", "10.20.0.0/16", ""));
    CHECK_EQUAL(origin_of(lab, NULL), ORIGIN_SAME);
    CHECK_EQUAL(origin_if(text_of("", "10.20.0.0/16", "")), ORIGIN_SAME);
    CHECK_EQUAL(origin_if(text_of("", "10.20.0.0/16",
                                  "# a comment\n"
                                  "story: [{at: 1s, fail: {tunnel: vpn/1}}]\n"
                                  "wanted: [{from: site, to: 10.10.0.1}]\n")),
                ORIGIN_SAME);
    CHECK_EQUAL(origin_if(text_of("", "10.21.0.0/16", "")), ORIGIN_OTHER);
    CHECK_EQUAL(origin_if(text_of(", outside_local: 10.0.0.1", "10.20.0.0/16", "")), ORIGIN_SAME);
    end();
}

static void a_file_that_is_none_is_told_apart(void)
{
    char path[256];
    begin(text_of("", "10.20.0.0/16", ""));
    run_write("x.yaml", "vpn_gateways: [", 0644);
    CHECK_EQUAL(origin_of(lab, NULL), ORIGIN_OTHER);
    snprintf(path, sizeof path, "%s/x.yaml", run_folder);
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(origin_of(lab, NULL), ORIGIN_UNKNOWN);
    run_write("x.yaml", text_of("", "10.20.0.0/16", ""), 0644);
    CHECK_EQUAL(origin_of(lab, NULL), ORIGIN_SAME);
    run_write(LAB_BEGUN, "", 0644);
    snprintf(path, sizeof path, "%s/" LAB_BEGUN, run_folder);
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(origin_of(lab, NULL), ORIGIN_UNKNOWN);
    end();
}

int main(void)
{
    TEST(the_network_is_what_counts);
    TEST(a_file_that_is_none_is_told_apart);
    return harness_done();
}
