/* Direct Connect interfaces that the keeper takes, looks after and gives back. */
#include "plane/attachments.h"

#include "plane/attachments_parts.h"
#include "plane/attachments_rig.h"
#include "plane/handed.h"

static struct rtnetlink outer, far;

static void make_line(void)
{
    FINE(device_veth(&outer, "line", &far, "eth0", &trouble));
    FINE(address_put(&far, "eth0", &(struct plane_address){rig_addr("169.254.100.2"), 30, 0},
                     &trouble));
    FINE(device_up(&far, "eth0", true, &trouble));
}

static void begin(void)
{
    rig_told_count = 0;
    rig_sweep_gateways();
    FINE(rtnetlink_open(&outer, NULL, &trouble));
    FINE(space_make(rig("far").text, &trouble));
    FINE(rtnetlink_open(&far, rig("far").text, &trouble));
    make_line();
}

static void end(void)
{
    rtnetlink_close(&outer);
    rtnetlink_close(&far);
    FINE(space_remove(rig("far").text, &trouble));
    uv_run(&rig_loop, UV_RUN_NOWAIT);
}

static struct plane_attachment direct_connect(const char *name, const char *line)
{
    struct plane_attachment dx = rig_wanted(PLANE_DIRECT_CONNECT, name, "", line);
    dx.named = true;
    dx.four = (struct plane_address){rig_addr("169.254.100.1"), 30, 0};
    return dx;
}

static bool is_there(struct rtnetlink *here, const char *name)
{
    struct rtnetlink_device device;
    return device_find(here, name, &device, NULL);
}

static struct rig_name inner(const char *gateway)
{
    struct rig_name name;
    name_inner(rig_gateway(gateway).text, name.text);
    return name;
}

static struct attachments *begun(const char *gateway, const struct plane_attachment *wanted)
{
    char why[ORDER_SENTENCE_BYTES] = "";
    struct attachments *all = rig_attachments(gateway);
    CHECK(attachments_want(all, wanted));
    CHECK(attachments_prepare(all, why));
    attachments_settled(all);
    return all;
}

static void taken_addressed_watched_and_given_back(void)
{
    begin();
    struct plane_attachment dx = direct_connect("dxvif-1", "line");
    struct attachments *all = begun("g", &dx);
    UNTIL(rig_said("dxvif-1").up);
    CHECK_TEXT(rig_said("dxvif-1").device, "dxvif-1");
    CHECK(!is_there(&outer, "line"));
    CHECK(reaches(inner("g").text, "169.254.100.1", "169.254.100.2"));
    FINE(device_up(&far, "eth0", false, &trouble));
    UNTIL(!rig_said("dxvif-1").up);
    CHECK_TEXT(rig_said("dxvif-1").why, "the device has no carrier");
    FINE(device_up(&far, "eth0", true, &trouble));
    UNTIL(rig_said("dxvif-1").up);
    attachments_take_down(all, true, NULL);
    CHECK(is_there(&outer, "line") && !space_exists(inner("g").text));
    attachments_leave(all);
    end();
}

static void one_that_went_is_taken_when_it_comes_back(void)
{
    begin();
    struct plane_attachment dx = direct_connect("dxvif-1", "line");
    struct attachments *all = begun("g", &dx);
    UNTIL(rig_said("dxvif-1").up);
    FINE(device_remove(&far, "eth0", &trouble));
    UNTIL(!rig_said("dxvif-1").up);
    CHECK_TEXT(rig_said("dxvif-1").device, "");
    CHECK_TEXT(rig_said("dxvif-1").why,
               "dxvif-1: there is no interface called line in the outer namespace");
    make_line();
    UNTIL(rig_said("dxvif-1").up);
    attachments_take_down(all, true, NULL);
    attachments_leave(all);
    end();
}

static void note_address(const struct rtnetlink_said *said, void *context)
{
    if (said->kind == RTNETLINK_ADDRESS && said->address.addr == rig_addr("169.254.100.1"))
        *(bool *)context = true;
}

static bool has_address(struct rtnetlink *inside)
{
    bool has = false;
    FINE(address_each(inside, note_address, &has, &trouble));
    return has;
}

static void an_address_that_somebody_took_away_comes_back(void)
{
    struct rtnetlink inside;
    begin();
    struct plane_attachment dx = direct_connect("dxvif-1", "line");
    struct attachments *all = begun("g", &dx);
    UNTIL(rig_said("dxvif-1").up);
    FINE(rtnetlink_open(&inside, inner("g").text, &trouble));
    FINE(address_remove(&inside, "dxvif-1", &dx.four, &trouble));
    UNTIL(has_address(&inside));
    rtnetlink_close(&inside);
    attachments_take_down(all, true, NULL);
    attachments_leave(all);
    end();
}

/* Killed, and started again; the second time it is no longer wanted. */
static void an_earlier_lifes_are_adopted_or_given_back(void)
{
    char why[ORDER_SENTENCE_BYTES] = "";
    begin();
    struct plane_attachment dx = direct_connect("dxvif-1", "line");
    struct attachments *all = begun("g", &dx);
    UNTIL(rig_said("dxvif-1").up);
    attachments_leave(all);
    rig_told_count = 0;
    all = begun("g", &dx);
    UNTIL(rig_said("dxvif-1").up);
    attachments_leave(all);
    all = rig_attachments("g");
    CHECK(attachments_prepare(all, why));
    attachments_settled(all);
    CHECK(is_there(&outer, "line"));
    attachments_take_down(all, true, NULL);
    attachments_leave(all);
    end();
}

static const char *refusal(const char *gateway, const struct plane_attachment *wanted, size_t count)
{
    static char why[ORDER_SENTENCE_BYTES];
    struct attachments *all = rig_attachments(gateway);
    for (size_t i = 0; i < count; i++)
        CHECK(attachments_want(all, &wanted[i]));
    CHECK(!attachments_prepare(all, why));
    attachments_leave(all);
    uv_run(&rig_loop, UV_RUN_NOWAIT);
    CHECK(!space_exists(inner(gateway).text)); /* nothing was made */
    return why;
}

static void what_cannot_be_is_refused_and_nothing_is_left(void)
{
    char said[ORDER_SENTENCE_BYTES];
    begin();
    struct plane_attachment missing = direct_connect("dxvif-1", "eth77");
    struct plane_attachment twice[] = {direct_connect("dxvif-1", "line"),
                                       direct_connect("dxvif-2", "line")};
    struct plane_attachment both[] = {twice[0], missing};
    snprintf(both[1].name, sizeof both[1].name, "dxvif-2");
    CHECK_TEXT(refusal("g", &missing, 1),
               "dxvif-1: there is no interface called eth77 in the outer namespace");
    CHECK_TEXT(refusal("g", twice, 2), "dxvif-1 and dxvif-2 cannot both be on the interface line");
    CHECK_TEXT(refusal("g", both, 2),
               "dxvif-2: there is no interface called eth77 in the outer namespace");
    CHECK(is_there(&outer, "line"));
    struct attachments *all = begun("h", &twice[0]);
    snprintf(said, sizeof said, "dxvif-1: the interface line is in use by %s", inner("h").text);
    CHECK_TEXT(refusal("g", &twice[0], 1), said);
    attachments_take_down(all, true, NULL);
    attachments_leave(all);
    end();
}

static void a_tag_is_made_or_it_is_said_what_to_do(void)
{
    begin();
    struct plane_attachment dx = direct_connect("dxvif-1", "line");
    dx.vlan = 101;
    bool can = device_vlan(&far, "eth0.101", &far, "eth0", 101, NULL);
    if (!can) {
        CHECK(strstr(refusal("g", &dx, 1), "dxvif-1: this kernel makes no VLANs (load 8021q)"));
        end();
        return;
    }
    FINE(address_all(&far, "eth0", NULL, 0, &trouble));
    FINE(address_put(&far, "eth0.101", &(struct plane_address){rig_addr("169.254.100.2"), 30, 0},
                     &trouble));
    FINE(device_up(&far, "eth0.101", true, &trouble));
    struct attachments *all = begun("g", &dx);
    UNTIL(rig_said("dxvif-1").up);
    CHECK(is_there(&outer, "line"));
    CHECK(reaches(inner("g").text, "169.254.100.1", "169.254.100.2"));
    attachments_unwant(all, "dxvif-1");
    attachments_take_down(all, true, NULL);
    attachments_leave(all);
    end();
}

static void words(void)
{
    CHECK_TEXT(plane_attachment_word(PLANE_DIRECT_CONNECT), "direct-connect");
    CHECK_TEXT(plane_attachment_word(PLANE_PEERING), "peering");
}

/* One more leaves nothing behind, not even the place for its namespace. */
static void there_are_not_more_than_the_most(void)
{
    char name[32];
    struct attachments *all;
    CHECK_EQUAL(uv_loop_init(&rig_loop), 0);
    all = rig_attachments("most");
    for (int i = 0; i <= ATTACHMENTS_MAX; i++) {
        snprintf(name, sizeof name, "vpc-%d", i);
        const struct plane_attachment vpc = rig_wanted(PLANE_VPC, name, name, "");
        CHECK(attachments_want(all, &vpc) == (i < ATTACHMENTS_MAX));
    }
    CHECK_EQUAL((int64_t)attachments_count(all), ATTACHMENTS_MAX);
    CHECK_EQUAL((int64_t)all->ground_count, ATTACHMENTS_MAX);
    attachments_leave(all);
    uv_run(&rig_loop, UV_RUN_NOWAIT);
    CHECK_EQUAL(uv_loop_close(&rig_loop), 0);
}

static int tests(void)
{
    TEST(words);
    TEST(there_are_not_more_than_the_most);
    if (!rig_permitted("attachments"))
        return harness_done();
    CHECK_EQUAL(uv_loop_init(&rig_loop), 0);
    FINE(space_make(rig("outer").text, &trouble));
    rig_go_out();
    TEST(taken_addressed_watched_and_given_back);
    TEST(one_that_went_is_taken_when_it_comes_back);
    TEST(an_address_that_somebody_took_away_comes_back);
    TEST(an_earlier_lifes_are_adopted_or_given_back);
    TEST(what_cannot_be_is_refused_and_nothing_is_left);
    TEST(a_tag_is_made_or_it_is_said_what_to_do);
    rig_sweep_gateways();
    FINE(space_remove(rig("outer").text, &trouble));
    uv_loop_close(&rig_loop);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
