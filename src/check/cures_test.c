#include "check/cures.h"

#include "check/check_rig.h"

/* The cures of the first finding, as a screen of this width has them. */
static char *screen_of(const struct network *network, unsigned width, bool *told)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct screen screen = {.out = out, .width = width};
    struct check *check = rig_check_as_told(network);
    cures_render(&screen, "sekisho", check_finding(check, 0), told);
    fclose(out);
    check_free(check);
    return text;
}

static size_t widest(const char *text)
{
    size_t most = 0;
    while (*text) {
        size_t columns = strcspn(text, "\n");
        most = columns > most ? columns : most;
        text += columns + (text[columns] == '\n');
    }
    return most;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void check_has(const char *text, const char *words)
{
    if (!strstr(text, words))
        printf("# not there: %s\n# in: %s\n", words, text);
    CHECK(strstr(text, words) != NULL);
}

/* Whatever the platform and however narrow; and nothing is lost by it. */
static void no_line_is_wider_than_the_screen(void)
{
    static const char *const examples[] = {"incident.yaml", "incident-aws.yaml",
                                           "incident-two-tunnels.yaml", "pasted-sample.yaml"};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct network *network = rig_example(examples[i]);
        for (unsigned width = 80; width <= 120; width += 5) {
            char *text = screen_of(network, width, NULL);
            CHECK(widest(text) <= width);
            CHECK(strstr(text, "verified") != NULL);
            free(text);
        }
        network_free(network);
    }
}

static void a_long_line_goes_on_below(void)
{
    struct network *network = rig_sites(1, "aws");
    char *text = screen_of(network, 80, NULL);
    CHECK(widest(text) <= 80);
    check_has(text, "                set protocols bgp neighbor 169.254.10.5 address-family\n"
                    "                    ipv4-unicast prefix-list import ENDPOINTS\n");
    free(text);
    network_free(network);
}

/* A shell reads a line that is broken, if it is told so. */
static void a_command_stays_a_command(void)
{
    char *lines[] = {"aws ec2 delete-route --route-table-id rtb-0123456789abcdef0"
                     " --destination-cidr-block 203.0.113.0/24"};
    struct check_step step = {.kind = CHECK_REMEDY_ROUTE_TABLE_DELETE,
                              .where = "rtb-0123456789abcdef0",
                              .change = "delete the route for 203.0.113.0/24",
                              .lines = {lines, 1}};
    struct check_remedy remedy = {.kind = step.kind, .number = 12, .steps = &step, .step_count = 1};
    struct check_finding finding = {.remedies = &remedy, .remedy_count = 1};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct screen screen = {.out = out, .width = 80};
    cures_render(&screen, "build/sekisho", &finding, NULL);
    fclose(out);
    CHECK_TEXT(text,
               "  cures    12 rtb-0123456789abcdef0: delete the route for               verified"
               "\n                203.0.113.0/24\n"
               "                aws ec2 delete-route --route-table-id"
               " rtb-0123456789abcdef0 \\\n"
               "                    --destination-cidr-block 203.0.113.0/24\n");
    free(text);
}

/* Of a finding that no change of the file cures, the page tells. */
static void where_there_is_none_the_page_is_named(void)
{
    struct check_finding finding = {.kind = CHECK_FINDING_VPC_OVERLAP,
                                    .level = CHECK_LIKELY,
                                    .what = "vpc-main never sends there"};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct screen screen = {.out = out, .width = 80};
    cures_render(&screen, "build/sekisho", &finding, NULL);
    finding.level = CHECK_LATENT;
    cures_render(&screen, "build/sekisho", &finding, NULL);
    fclose(out);
    CHECK_TEXT(text, "  cures    none is shown here; see: build/sekisho explain vpc-overlap\n");
    free(text);
}

static void many_places_are_shortened(void)
{
    struct network *few = rig_sites(3, "sekisho"), *many = rig_sites(20, "sekisho");
    char *whole = screen_of(few, 100, NULL), *text = screen_of(many, 100, NULL);
    check_has(whole, "              and vgw-main: hold 0.0.0.0/0 back from vpn-3   guard: hold\n");
    check_has(whole, "              and site-3: a host route for each outside address\n");
    check_has(text, "           2  vgw-main: hold 0.0.0.0/0 back from vpn-1   guard: hold");
    check_has(text, "              and vgw-main: hold 0.0.0.0/0 back from vpn-4   guard: hold\n"
                    "              … and 16 more connections: --apply 2 writes them all, --json"
                    " tells them\n");
    check_has(text, "… and 19 more routers: --apply 3 writes them all");
    CHECK(count_lines(text) < 25);
    free(whole);
    free(text);
    network_free(few);
    network_free(many);
}

static void what_stands_above_is_not_said_again(void)
{
    struct network *network = rig_example("incident.yaml");
    bool told[8] = {false};
    char *text = screen_of(network, 100, told);
    CHECK(told[1] && told[5] && !told[6]);
    free(text);
    text = screen_of(network, 100, told);
    CHECK_TEXT(text, "  cures    1, 2, 3, 4, 5, as above\n");
    free(text);
    network_free(network);
}

int main(void)
{
    TEST(no_line_is_wider_than_the_screen);
    TEST(a_long_line_goes_on_below);
    TEST(a_command_stays_a_command);
    TEST(where_there_is_none_the_page_is_named);
    TEST(many_places_are_shortened);
    TEST(what_stands_above_is_not_said_again);
    return harness_done();
}
