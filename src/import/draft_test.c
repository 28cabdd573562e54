#include "import/draft.h"

#include "tests/harness.h"

#include <stdlib.h>

static struct aws aws;
static struct import_remarks remarks;
static struct draft draft;

static void begin(void)
{
    aws.remarks = &remarks;
    draft_init(&draft, &aws);
}

static char *formatted(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK(out != NULL);
    network_format(draft.network, out);
    fclose(out);
    return text;
}

static void items_are_initial_and_have_places(void)
{
    begin();
    struct network_vpc *vpc = draft_add(&draft, &schema_network, draft.network, "vpcs");
    struct place first = vpc->place;
    for (int i = 0; i < 20; i++)
        draft_add(&draft, &schema_network, draft.network, "vpcs");
    CHECK_EQUAL((int64_t)draft.network->vpc_count, 21);
    CHECK(draft.network->vpcs[0].place.line == first.line);
    CHECK(draft.network->vpcs[20].place.line > first.line);
    struct network_connection *connection =
        draft_add(&draft, &schema_network, draft.network, "vpn_connections");
    CHECK_EQUAL(connection->ike, 2);
    CHECK_EQUAL(connection->bgp.hold_us, 30000000);
    draft_empty(&schema_connection, connection, "static_routes");
    CHECK(connection->static_routes && connection->static_route_count == 0);
    draft_done(&draft);
}

static void comments_are_broken_at_words(void)
{
    begin();
    struct network_vpc *vpc = draft_add(&draft, &schema_network, draft.network, "vpcs");
    vpc->id = draft_text("vpc-1");
    *(struct prefix *)draft_add(&draft, &schema_vpc, vpc, "cidrs") = prefix_around(0x0a000000, 8);
    draft_comment(&draft, draft.network->place, "%s", "the head");
    draft_comment(&draft, draft.network->place, "%s", "");
    draft_comment(&draft, draft.network->place, "a%0*d %0*d %0*d", 60, 1, 40, 2, 120, 3);
    draft_comment(&draft, vpc->place, "with\na newline");
    draft_trailing(&draft, vpc->place, "one");
    draft_trailing(&draft, vpc->place, "two");
    char *text = formatted();
    CHECK_TEXT(
        text, "# the head\n"
              "#\n"
              "# a000000000000000000000000000000000000000000000000000000000001\n"
              "# 0000000000000000000000000000000000000002\n"
              "# 0000000000000000000000000000000000000000000000000000000000000000000000000000000000"
              "00000000000000000000000000000000000003\n\n"
              "vpcs:\n"
              "  # with?a newline\n"
              "  - {id: vpc-1, cidrs: [10.0.0.0/8]}  # one; two\n");
    free(text);
    draft_done(&draft);
}

static void what_is_claimed_has_an_owner(void)
{
    size_t owner = 0;
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(draft_claim(&draft, CLAIM_ADDRESS, i % 10, i, 0, i, &owner));
    CHECK(!draft_claim(&draft, CLAIM_ADDRESS, 7, 777, 0, 5, &owner));
    CHECK_EQUAL((int64_t)owner, 777);
    CHECK(draft_claim(&draft, CLAIM_INSIDE, 7, 777, 0, 5, &owner));
    CHECK(draft_claim(&draft, CLAIM_ADDRESS, 7, 777, 1, 5, &owner));
    draft_done(&draft);
}

static void routers_have_names_of_their_own(void)
{
    struct aws_thing thing = {.id = "cgw-1", .name = "london"},
                     odd = {.id = "cgw-2", .name = "2nd"};
    begin();
    char *names[4] = {draft_router_name(&draft, &thing), draft_router_name(&draft, &thing),
                      draft_router_name(&draft, &odd), draft_router_name(&draft, &thing)};
    CHECK_TEXT(names[0], "london");
    CHECK_TEXT(names[1], "router-cgw-1");
    CHECK_TEXT(names[2], "router-cgw-2");
    CHECK_TEXT(names[3], "router-2-cgw-1");
    for (size_t i = 0; i < 4; i++)
        free(names[i]);
    draft_done(&draft);
}

static void texts_last_a_while(void)
{
    CHECK_TEXT(draft_prefix((struct prefix){0x0a000000, 8}), "10.0.0.0/8");
    const char *one = draft_address(0x0a000001), *two = draft_address(0x0a000002);
    CHECK_TEXT(one, "10.0.0.1");
    CHECK_TEXT(two, "10.0.0.2");
}

int main(void)
{
    TEST(items_are_initial_and_have_places);
    TEST(comments_are_broken_at_words);
    TEST(what_is_claimed_has_an_owner);
    TEST(routers_have_names_of_their_own);
    TEST(texts_last_a_while);
    return harness_done();
}
