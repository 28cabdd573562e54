#include "lab/capture.h"

#include "lab/run_rig.h"

#include <dirent.h>

static bool is_capture(const char *name)
{
    char path[256];
    struct stat about;
    snprintf(path, sizeof path, "%s/pcap/%s", run_folder, name);
    for (int i = 0; i < 1200; i++) { /* a header, at least */
        if (stat(path, &about) == 0 && about.st_size >= 24)
            return true;
        usleep(50000);
    }
    return false;
}

static void each_link_has_a_file(void)
{
    char space[NAME_SPACE_BYTES], folder[128];
    run_folder_make();
    if (access("/usr/bin/tcpdump", X_OK) != 0) {
        printf("# no tcpdump here, so nothing is captured\n");
    } else if (run_space("one", space)) {
        struct lab_running *lab = running_create("t", "x.yaml");
        struct running_link *link = running_add_link(lab);
        snprintf(link->id, sizeof link->id, "a/b");
        snprintf(link->ends[0].space, sizeof link->ends[0].space, "%s", space);
        snprintf(link->ends[0].device, sizeof link->ends[0].device, "lo");
        snprintf(folder, sizeof folder, "%s/pcap", run_folder);
        struct captures captures;
        CHECK(captures_begin(lab, folder, &captures, &run_trouble));
        CHECK_EQUAL(captures.count, 1);
        CHECK(is_capture("a-b.pcap"));
        captures_end(&captures);
        running_free(lab);
    }
    run_clean();
}

static void a_folder_that_cannot_be_made_is_told(void)
{
    struct lab_running *lab = running_create("t", "x.yaml");
    struct captures captures;
    CHECK(!captures_begin(lab, "/proc/nowhere", &captures, &run_trouble));
    CHECK(strstr(run_trouble.sentence, "/proc/nowhere"));
    running_free(lab);
}

int main(void)
{
    TEST(each_link_has_a_file);
    TEST(a_folder_that_cannot_be_made_is_told);
    return harness_done();
}
