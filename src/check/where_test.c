#include "check/where.h"

#include "check/check_rig.h"

/* The line of the example in which this text stands first. */
static unsigned line_of(const char *example, const char *part)
{
    char *text = rig_read(example), *at = strstr(text, part);
    unsigned line = 1;
    CHECK(at != NULL);
    for (char *before = text; at && before < at; before++)
        line += *before == '\n';
    free(text);
    return line;
}

static void every_thing_is_found_where_it_is_defined(void)
{
    static const struct {
        const char *id, *text;
    } things[] = {
        {"vpc-main", "id: vpc-main"},      {"rtb-app", "{id: rtb-app"},
        {"subnet-app", "{id: subnet-app"}, {"i-app", "{id: i-app"},
        {"i-vyatta", "id: i-vyatta\n"},    {"igw-branch", "internet_gateway: igw-branch"},
        {"vgw-main", "id: vgw-main\n"},    {"cgw-vyatta", "{id: cgw-vyatta"},
        {"vpn-vyatta", "id: vpn-vyatta"},  {"vpn-vyatta/1", "tunnels: [{outside"},
        {"dxvif-1", "id: dxvif-1"},        {"vyatta", "- id: vyatta\n"},
        {"dx-edge", "{id: dx-edge"},
    };
    struct network *network = rig_example("incident.yaml");
    for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
        struct place place = where_is(network, things[i].id);
        CHECK_EQUAL(place.line, line_of("incident.yaml", things[i].text));
        CHECK(place.column > 1);
    }
    network_free(network);
}

static void what_is_not_in_the_file_is_nowhere(void)
{
    struct network *network = rig_example("incident.yaml");
    CHECK_EQUAL(where_is(network, "nobody").line, 0);
    CHECK_EQUAL(where_is(network, "vpn-vyatta/2").line, 0);
    network_free(network);
}

/* The first of its names that the file knows: place, tunnel, connection, router, gateway. */
static void a_finding_is_where_its_place_is(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check_finding finding = {.router = "vyatta", .gateway = "vgw-main"};
    CHECK_EQUAL(where_finding(network, &finding).line, where_is(network, "vyatta").line);
    finding.tunnel = "vpn-vyatta/1";
    CHECK_EQUAL(where_finding(network, &finding).line, where_is(network, "vpn-vyatta/1").line);
    finding.place = "rtb-app";
    CHECK_EQUAL(where_finding(network, &finding).line, where_is(network, "rtb-app").line);
    finding.place = "dx-edge, vyatta";
    CHECK_EQUAL(where_finding(network, &finding).line, where_is(network, "dx-edge").line);
    finding.place = "a node of the world only";
    CHECK_EQUAL(where_finding(network, &finding).line, where_is(network, "vpn-vyatta/1").line);
    CHECK_EQUAL(where_finding(network, &(struct check_finding){0}).line, 0);
    network_free(network);
}

int main(void)
{
    TEST(every_thing_is_found_where_it_is_defined);
    TEST(what_is_not_in_the_file_is_nowhere);
    TEST(a_finding_is_where_its_place_is);
    return harness_done();
}
