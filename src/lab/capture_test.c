#include "lab/capture.h"

#include "lab/run_rig.h"

static struct lab_running *lab;
static char space[NAME_SPACE_BYTES], folder[128];

static bool begin(void)
{
    run_folder_make();
    snprintf(folder, sizeof folder, "%s/pcap", run_folder);
    lab = running_create("t", "x.yaml");
    if (access("/usr/bin/tcpdump", X_OK) != 0)
        harness_leave_out("no tcpdump here, so nothing is captured");
    else
        return run_space("one", space);
    return false;
}

static void end(void)
{
    running_free(lab);
    run_clean();
}

/* Of no node: where it is said to be is all that is known. */
static void add_link(const char *id, const char *device, const char *other)
{
    struct running_link *link = running_add_link(lab);
    const char *const devices[] = {device, other};
    snprintf(link->id, sizeof link->id, "%s", id);
    for (int i = 0; i < 2; i++) {
        link->ends[i].node = WORLD_NONE;
        snprintf(link->ends[i].space, sizeof link->ends[i].space, "%s", space);
        snprintf(link->ends[i].device, sizeof link->ends[i].device, "%s", devices[i]);
    }
}

/* Once it has begun a file has its header; what it had before is gone. */
static bool is_capture(const char *name)
{
    char path[256];
    unsigned char bytes[4] = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    bool read = file && fread(bytes, sizeof bytes, 1, file) == 1;
    if (file)
        fclose(file);
    return read && bytes[0] == 0xd4 && bytes[1] == 0xc3 && bytes[2] == 0xb2 && bytes[3] == 0xa1;
}

static void each_link_has_a_file(void)
{
    struct captures captures = {0};
    if (begin()) {
        add_link("a/b", "lo", "lo");
        CHECK(mkdir(folder, 0755) == 0);
        run_write("pcap/a-b.pcap", "what an earlier run has left there", 0644);
        CHECK(captures_begin(lab, folder, &captures, &run_trouble));
        CHECK_EQUAL(captures.count, 1);
        CHECK(is_capture("a-b.pcap"));
        CHECK(captures_last(&captures, &run_trouble));
        captures_end(&captures);
    }
    end();
}

/* A router has a link to each of its IKE daemons. */
static void two_of_one_name_have_two(void)
{
    struct captures captures = {0};
    if (begin()) {
        add_link("site-site", "lo", "lo");
        add_link("site-site", "lo", "lo");
        CHECK(captures_begin(lab, folder, &captures, &run_trouble));
        CHECK(is_capture("site-site.pcap"));
        CHECK(is_capture("site-site-2.pcap"));
        captures_end(&captures);
    }
    end();
}

/* sekishod has taken its end: the other one is as good. */
static void the_end_that_is_there_is_captured(void)
{
    struct captures captures = {0};
    if (begin()) {
        add_link("dxvif-1", "gone", "lo");
        CHECK(captures_begin(lab, folder, &captures, &run_trouble));
        CHECK(is_capture("dxvif-1.pcap"));
        captures_end(&captures);
    }
    end();
}

static void what_cannot_be_captured_is_told(void)
{
    struct captures captures = {0};
    if (begin()) {
        add_link("a-b", "lo", "lo");
        add_link("dxvif-1", "gone", "nowhere");
        CHECK(!captures_begin(lab, folder, &captures, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "dxvif-1: the device nowhere"));
        struct running_tunnel *tunnel = running_add_tunnel(lab);
        lab->link_count = 1;
        snprintf(tunnel->id, sizeof tunnel->id, "vpn/1");
        snprintf(tunnel->ends[TUNNEL_GATEWAY].space, NAME_SPACE_BYTES, "%s", space);
        snprintf(tunnel->ends[TUNNEL_GATEWAY].device, NAME_DEVICE_BYTES, "vpn-1");
        CHECK(!captures_begin(lab, folder, &captures, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "tcpdump of vpn/1 has ended: vpn-1: No such device"));
    }
    end();
}

static void one_that_does_not_last_is_told(void)
{
    struct captures captures = {0};
    struct rtnetlink kernel;
    if (begin() && rtnetlink_open(&kernel, space, &run_trouble)) {
        CHECK(run_pair(space, "one", space, "other"));
        add_link("a-b", "one", "other");
        CHECK(captures_begin(lab, folder, &captures, &run_trouble));
        CHECK(captures_last(&captures, &run_trouble));
        CHECK(device_remove(&kernel, "one", &run_trouble));
        for (int i = 0; i < 1200 && captures_last(&captures, &run_trouble); i++)
            usleep(50000);
        CHECK(!captures_last(&captures, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "tcpdump of a-b has ended: "));
        captures_end(&captures);
        rtnetlink_close(&kernel);
    }
    end();
}

static void a_folder_that_cannot_be_made_is_told(void)
{
    struct captures captures = {0};
    lab = running_create("t", "x.yaml");
    CHECK(!captures_begin(lab, "/proc/nowhere", &captures, &run_trouble));
    CHECK(strstr(run_trouble.sentence, "/proc/nowhere"));
    running_free(lab);
}

static void a_missing_tcpdump_is_told_before(void)
{
    char path[4096];
    run_folder_make();
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    setenv("PATH", run_folder, 1);
    CHECK(!captures_ready(run_folder, &run_trouble));
    CHECK_TEXT(run_trouble.sentence, "tcpdump is missing: install the package tcpdump");
    run_write("tcpdump", "", 0755);
    snprintf(folder, sizeof folder, "/nowhere:%s", run_folder);
    setenv("PATH", folder, 1);
    CHECK(captures_ready(run_folder, &run_trouble));
    setenv("PATH", path, 1);
    run_clean();
}

int main(void)
{
    TEST(each_link_has_a_file);
    TEST(two_of_one_name_have_two);
    TEST(the_end_that_is_there_is_captured);
    TEST(what_cannot_be_captured_is_told);
    TEST(one_that_does_not_last_is_told);
    TEST(a_missing_tcpdump_is_told_before);
    TEST(a_folder_that_cannot_be_made_is_told);
    return harness_done();
}
