#include "lab/running.h"

#include "tests/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add_router(struct lab_running *lab)
{
    struct running_node *node = running_add_node(lab);
    *node = (struct running_node){.id = "site",
                                  .kind = NODE_ROUTER,
                                  .platform = "vyatta",
                                  .space = "sekisho-lab-t1-site",
                                  .folder = "/run/sekisho/lab/t1/site"};
    struct running_daemon *daemon = running_add_daemon(node);
    *daemon = (struct running_daemon){.name = "charon",
                                      .space = "sekisho-lab-t1-site@vpn-1",
                                      .tunnel = "vpn/1",
                                      .pid = 4711,
                                      .start = 5000000000,
                                      .socket = "/run/sekisho/lab/t1/site/charon.vici",
                                      .log = "/run/sekisho/lab/t1/site/charon.log"};
    daemon->words[0] = strdup("/usr/sbin/charon-systemd");
    daemon->words[1] = strdup("--debug-\"ike\"");
    daemon->setting = strdup("STRONGSWAN_CONF=/x");
}

static struct lab_running *sample(void)
{
    struct lab_running *lab = running_create("t1", "/srv/t1.yaml");
    lab->state = LAB_UP;
    lab->starter = 12;
    lab->starter_start = 34;
    lab->ends_with_starter = true;
    lab->since_us = 1700000000123456;
    add_router(lab);
    struct running_node *gateway = running_add_node(lab);
    *gateway = (struct running_node){
        .id = "vgw", .kind = NODE_GATEWAY, .space = "outer", .inner = "inner"};
    struct running_link *link = running_add_link(lab);
    *link = (struct running_link){.id = "dxvif-1",
                                  .ends = {{1, "inner", "dx101"}, {0, "site", "eth0"}}};
    struct running_tunnel *tunnel = running_add_tunnel(lab);
    *tunnel = (struct running_tunnel){.id = "vpn/1",
                                      .ends = {{1, "inner", "vpn-1"}, {WORLD_NONE, "x", "vti1"}},
                                      .endpoints = {"e1", "e2"}};
    return lab;
}

static char *text_of(const struct lab_running *lab)
{
    json_t *document = running_json(lab);
    char *text = json_dumps(document, JSON_INDENT(2));
    json_decref(document);
    return text;
}

static void what_is_written_is_read(void)
{
    struct trouble trouble = {0};
    struct lab_running *lab = sample();
    char *text = text_of(lab);
    struct lab_running *again = running_read_text(text, strlen(text), &trouble);
    CHECK(again != NULL);
    char *twice = text_of(again);
    CHECK_TEXT(twice, text);
    CHECK_EQUAL(again->since_us, 1700000000123456);
    CHECK_EQUAL(again->state, LAB_UP);
    CHECK(again->ends_with_starter);
    CHECK_EQUAL(again->nodes[0].daemons[0].start, 5000000000);
    CHECK_TEXT(again->nodes[0].daemons[0].words[1], "--debug-\"ike\"");
    CHECK(again->nodes[0].daemons[0].words[2] == NULL);
    CHECK_TEXT(again->nodes[0].daemons[0].setting, "STRONGSWAN_CONF=/x");
    CHECK_EQUAL(again->links[0].ends[0].node, 1);
    CHECK_EQUAL(again->tunnels[0].ends[1].node, WORLD_NONE);
    CHECK_TEXT(again->tunnels[0].endpoints[1], "e2");
    free(twice);
    free(text);
    running_free(again);
    running_free(lab);
}

/* The text with its first `from` replaced. */
static bool refused(const char *from, const char *to, const char *at)
{
    struct trouble trouble = {0};
    struct lab_running *lab = sample();
    char *text = text_of(lab);
    char *found = strstr(text, from);
    char changed[1 << 13];
    CHECK(found != NULL);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(found - text), text, to,
             found + strlen(from));
    struct lab_running *read = running_read_text(changed, strlen(changed), &trouble);
    bool right = !read && trouble.error == EINVAL && strstr(trouble.sentence, at);
    if (!right)
        printf("# %s\n", read ? "it was read" : trouble.sentence);
    running_free(read);
    running_free(lab);
    free(text);
    return right;
}

static void what_is_wrong_is_named(void)
{
    CHECK(refused("{", "", "no JSON"));
    CHECK(refused("\"up\"", "\"asleep\"", "\"state\""));
    CHECK(refused("4711", "-1", "\"pid\""));
    CHECK(refused("4711", "99999999999", "\"pid\""));
    CHECK(refused("\"lab\": \"t1\"", "\"lab\": \"T/1\"", "\"lab\""));
    CHECK(refused("\"nodes\"", "\"knots\"", "\"nodes\""));
    CHECK(refused("\"node\": \"vgw\"", "\"node\": \"nobody\"", "\"node\""));
    CHECK(refused("\"device\": \"dx101\"", "\"device\": \"much-too-long-a-name\"", "\"device\""));
    CHECK(refused("\"router\"", "\"toaster\"", "\"kind\""));
}

int main(void)
{
    TEST(what_is_written_is_read);
    TEST(what_is_wrong_is_named);
    return harness_done();
}
