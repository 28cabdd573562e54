#include "check/junit.h"

#include "check/check_rig.h"
#include "check/select.h"

static char *written(const struct check *check, const char *name, enum check_level fail_on)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    junit_write(check, name, fail_on, out);
    fclose(out);
    return text;
}

static bool says(const char *text, const char *part)
{
    if (strstr(text, part))
        return true;
    printf("# not said: %s\n", part);
    return false;
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

/* Elements are closed in the order in which they were opened, and & < > stand only where XML has
 * them: what any reader asks for first. */
static bool is_well_formed(const char *text)
{
    const char *open[8];
    size_t sizes[8], depth = 0;
    for (const char *at = strchr(text, '\n'); at && *at; at++) {
        if (*at == '&' && !strchr("lgaq#", at[1]))
            return false;
        if (*at == '>')
            return false;
        if (*at != '<')
            continue;
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes;
        size_t size = strcspn(name, " />");
        if (closes &&
            (depth == 0 || sizes[depth - 1] != size || memcmp(open[depth - 1], name, size) != 0))
            return false;
        for (at = name; *at != '>'; at++) {
            if (*at == 0 || *at == '<')
                return false;
            if (*at == '"' && !(at = strchr(at + 1, '"')))
                return false;
        }
        if (closes) {
            depth--;
        } else if (at[-1] != '/') {
            open[depth] = name;
            sizes[depth++] = size;
        }
    }
    return depth == 0;
}

static void a_case_for_every_kind(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_as_told(network);
    char *text = written(check, "sample", CHECK_LIKELY), counts[96];
    snprintf(counts, sizeof counts,
             "<testsuite name=\"sample\" tests=\"%d\" failures=\"2\" errors=\"0\" skipped=\"0\">",
             CHECK_FINDING_KINDS + 1);
    CHECK(says(text, counts));
    CHECK_EQUAL((int64_t)times(text, "<testcase "), CHECK_FINDING_KINDS + 1);
    CHECK(says(text, "name=\"verdict\"/>")); /* findings say why it is what it is */
    CHECK_EQUAL((int64_t)times(text, "<failure "), 2);
    CHECK(says(text, "name=\"duplicate-asn\"/>"));
    CHECK(says(text, "<failure message=\"vpn-tokyo/1 will swallow itself, every "));
    CHECK(says(text, ", for ever (and 1 more)\" type=\"certain\">\n"));
    CHECK(says(text, "certain: vpn-tokyo/2 will be swallowed by vpn-tokyo/1"));
    CHECK(says(text, "B&gt;* 0.0.0.0/0 [20/0]"));
    CHECK(says(text, "<property name=\"verdict\" value=\"unstable\"/>"));
    CHECK(is_well_formed(text));
    free(text);
    check_free(check);
    network_free(network);
}

/* The sample's default is likely; now only what is certain fails. */
static void what_is_below_the_level_is_told_and_does_not_fail(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_as_told(network);
    char *text = written(check, "sample", CHECK_CERTAIN);
    CHECK(says(text, " failures=\"1\" "));
    CHECK_EQUAL((int64_t)times(text, "<failure "), 1);
    CHECK(says(text, "<system-out>\nlikely: nagano announces the default"));
    CHECK(is_well_formed(text));
    free(text);
    check_free(check);
    network_free(network);
}

static void what_was_not_asked_for_is_skipped(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_check_as_told(network);
    struct selection selection = selection_all();
    struct selection_mistake mistake;
    CHECK(selection_ignore(&selection, "T01", &mistake));
    selection_apply(check, &selection);
    char *text = written(check, "sample", CHECK_LIKELY);
    CHECK(says(text, " failures=\"1\" errors=\"0\" skipped=\"1\">"));
    CHECK(says(text, "name=\"tunnel-recursion\">\n      <skipped message=\"not asked for\"/>\n"));
    CHECK(!strstr(text, "vpn-tokyo/2"));
    CHECK(is_well_formed(text));
    free(text);
    check_free(check);
    network_free(network);
}

/* A run that was given up says nothing of what it has not found. */
static void an_unknown_verdict_is_an_error(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check =
        check_run(network, &(struct check_options){.seed = RIG_SEED, .limit_us = 30ll * 1000000});
    char *text = written(check, "incident", CHECK_LIKELY), counts[96];
    size_t found = times(text, "<system-out>");
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 1);
    snprintf(counts, sizeof counts, " failures=\"0\" errors=\"1\" skipped=\"%zu\">",
             CHECK_FINDING_KINDS - found);
    CHECK(says(text, counts));
    CHECK(says(text, "name=\"verdict\">\n      <error message=\"neither settled nor repeating "));
    CHECK(says(text, "name=\"quota\">\n      <skipped message=\"the verdict is unknown\"/>\n"));
    CHECK(found > 0 && is_well_formed(text));
    free(text);
    check->interrupted = true;
    text = written(check, "incident", CHECK_LIKELY);
    CHECK(says(text, "<error message=\"interrupted: not everything was tried\"/>"));
    free(text);
    check_free(check);
    network_free(network);
}

/* Tunnels that are down, and no finding that says why. */
static void a_verdict_that_nothing_explains_fails(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_blank(network);
    memset(check->selected, 1, sizeof check->selected);
    check->verdict = CHECK_DEGRADED;
    char *text = written(check, "incident", CHECK_LIKELY);
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 1);
    CHECK(says(text, " failures=\"1\" errors=\"0\" skipped=\"0\">"));
    CHECK(says(text, "name=\"verdict\">\n      <failure message=\"it is not stable\"/>\n"));
    free(text);
    check->verdict = CHECK_STABLE;
    text = written(check, "incident", CHECK_LIKELY);
    CHECK(says(text, "name=\"verdict\"/>"));
    free(text);
    check_free(check);
    network_free(network);
}

/* Whatever a file is called, and whatever a complaint says. */
static void any_text_is_written_so_that_xml_can_hold_it(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_blank(network);
    memset(check->selected, 1, sizeof check->selected);
    check->complaint = "1 < 2 && \"3\" > 2\x01\x1b[31m \xff\xc3\xa9 \xef\xbf\xbe\r]]>";
    char *text = written(check, "a\"b<c>&\t\n\x02\xc3.yaml", CHECK_LIKELY);
    CHECK(says(text, "<testsuite name=\"a&quot;b&lt;c&gt;&amp;&#9;&#10;\xef\xbf\xbd\xef\xbf\xbd"
                     ".yaml\" "));
    CHECK(says(text, "<system-err>1 &lt; 2 &amp;&amp; \"3\" &gt; 2\xef\xbf\xbd\xef\xbf\xbd[31m "
                     "\xef\xbf\xbd\xc3\xa9 \xef\xbf\xbd&#13;]]&gt;</system-err>"));
    CHECK(is_well_formed(text));
    CHECK(!is_well_formed("\n<a><b></a></b>"));
    CHECK(!is_well_formed("\n<a>&b</a>"));
    free(text);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(a_case_for_every_kind);
    TEST(what_is_below_the_level_is_told_and_does_not_fail);
    TEST(what_was_not_asked_for_is_skipped);
    TEST(an_unknown_verdict_is_an_error);
    TEST(a_verdict_that_nothing_explains_fails);
    TEST(any_text_is_written_so_that_xml_can_hold_it);
    return harness_done();
}
