/* Every question has an answer in one sentence, and asking leaves nothing behind. */
#include "plane/probe.h"

#include "plane/plane_rig.h"

static struct probe_answer answers[PROBES];

static void every_question_is_answered(void)
{
    probe_all(answers);
    for (enum plane_probe probe = 0; probe < PROBES; probe++) {
        printf("# %s: %s: %s\n", probe_word(probe), answers[probe].there ? "there" : "missing",
               answers[probe].sentence);
        CHECK(answers[probe].sentence[0] && !strchr(answers[probe].sentence, '\n'));
    }
}

static void count(const char *name, void *context)
{
    (void)name;
    ++*(int *)context;
}

static void nothing_is_left(void)
{
    char prefix[64];
    int left = 0;
    snprintf(prefix, sizeof prefix, "sekisho-probe-%d", (int)getpid());
    CHECK(space_each(prefix, count, &left, &trouble));
    CHECK_EQUAL(left, 0);
}

/* What is found agrees with what can be done, where that can be told otherwise. */
static void the_answers_are_those_of_the_machine(void)
{
    CHECK_EQUAL(answers[PROBE_CHARON].there, access("/usr/sbin/charon-systemd", X_OK) == 0);
    CHECK(!answers[PROBE_CHARON].there || !strstr(answers[PROBE_CHARON].sentence, "unknown"));
    CHECK(!answers[PROBE_SPACES].there || answers[PROBE_ROOT].there);
    CHECK(answers[PROBE_ROOT].there || !probe_userspace(answers, &trouble));
    CHECK_EQUAL(probe_rights(&trouble), answers[PROBE_SPACES].there);
}

static void a_plane_names_the_first_thing_missing(void)
{
    struct probe_answer all[PROBES];
    for (enum plane_probe probe = 0; probe < PROBES; probe++)
        all[probe] = (struct probe_answer){true, "there"};
    CHECK(probe_userspace(all, &trouble) && probe_xfrm(all, &trouble));
    all[PROBE_ESP] = (struct probe_answer){false, "esp4 is missing"};
    CHECK(probe_userspace(all, &trouble));
    CHECK(!probe_xfrm(all, &trouble));
    CHECK_TEXT(trouble.sentence, "the data plane xfrm is not possible here: esp4 is missing");
    all[PROBE_TUN] = (struct probe_answer){false, "no TUN"};
    CHECK(!probe_userspace(all, &trouble));
    CHECK_TEXT(trouble.sentence, "the data plane userspace is not possible here: no TUN");
}

/* As nobody: nothing is permitted, and each sentence says what to do. Goes nowhere back. */
static void without_rights_the_sentences_say_so(void)
{
    CHECK(setuid(65534) == 0);
    probe_all(answers);
    static const enum plane_probe without[] = {PROBE_ROOT, PROBE_SPACES, PROBE_TUN,
                                               PROBE_ESP,  PROBE_XFRM,   PROBE_NFTABLES};
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        CHECK(!answers[without[i]].there && answers[without[i]].sentence[0]);
    CHECK(!probe_userspace(answers, &trouble));
    CHECK(strstr(trouble.sentence, "start it as root"));
    CHECK(!probe_rights(&trouble));
    CHECK(strstr(trouble.sentence, "start it as root"));
}

static int tests(void)
{
    TEST(every_question_is_answered);
    TEST(nothing_is_left);
    TEST(the_answers_are_those_of_the_machine);
    TEST(a_plane_names_the_first_thing_missing);
    if (getuid() == 0)
        TEST(without_rights_the_sentences_say_so);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
