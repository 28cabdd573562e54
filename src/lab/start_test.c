#include "lab/start.h"

#include "lab/build.h"
#include "network/build_rig.h"

#include <unistd.h>

static char name[LAB_NAME_BYTES], said[1024];
static bool stops;

static void begun(void *of, const char *what)
{
    (void)of;
    size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s|", what);
}

static bool interrupted(void *of)
{
    (void)of;
    return stops && said[0] != '\0';
}

static enum lab_outcome started(const char *sekishod, struct trouble *ret_trouble)
{
    struct network *network = rig_parse(rig_incident);
    struct lab_request request = {
        .name = name, .file = "/t1.yaml", .sekishod = sekishod, .network = network};
    struct lab_ears ears = {NULL, begun, interrupted};
    struct lab_running *lab = NULL;
    said[0] = '\0';
    *ret_trouble = (struct trouble){0};
    enum lab_outcome outcome = lab_start(&request, &ears, &lab, ret_trouble);
    CHECK((lab != NULL) == (outcome == LAB_DONE));
    running_free(lab);
    network_free(network);
    return outcome;
}

static bool nothing_is_left(void)
{
    char folder[LAB_PATH_BYTES];
    lab_path(name, "", folder);
    return access(folder, F_OK) != 0 && lab_count(name) == 0;
}

/* Where a lab is not permitted, that is said, and nothing is left either. */
static bool is_denied(enum lab_outcome outcome, const struct trouble *trouble)
{
    if (outcome != LAB_IMPOSSIBLE)
        return false;
    printf("# no lab here: %s\n", trouble->sentence);
    CHECK(trouble->sentence[0] != '\0' && nothing_is_left());
    return true;
}

static void a_lab_that_fails_leaves_nothing(void)
{
    struct trouble trouble;
    stops = false;
    enum lab_outcome outcome = started("/bin/false", &trouble);
    if (is_denied(outcome, &trouble))
        return;
    CHECK_EQUAL(outcome, LAB_FAILED);
    CHECK_TEXT(trouble.sentence, "vgw-main: sekishod has ended by itself: it said nothing");
    CHECK(strstr(said, "namespaces"));
    CHECK(nothing_is_left());
}

static void an_interrupted_one_neither(void)
{
    struct trouble trouble;
    stops = true;
    enum lab_outcome outcome = started("/bin/false", &trouble);
    if (is_denied(outcome, &trouble))
        return;
    CHECK_EQUAL(outcome, LAB_INTERRUPTED);
    CHECK(nothing_is_left());
}

int main(void)
{
    snprintf(name, sizeof name, "start%d", getpid());
    TEST(a_lab_that_fails_leaves_nothing);
    TEST(an_interrupted_one_neither);
    return harness_done();
}
