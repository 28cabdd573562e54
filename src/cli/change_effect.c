/* Changes as steps of the story, and whether each of them would change anything: nobody asks what
 * would happen if what is so were so, and two changes that undo each other are a slip. */
#include "cli/change_words.h"
#include "cli/source.h"
#include "network/diagnostics.h"
#include "network/scalar.h"
#include "network/step.h"

#include <inttypes.h>
#include <string.h>

static bool same_thing(const struct network_step *left, const struct network_step *right)
{
    return left->object.kind == right->object.kind && left->object.index == right->object.index &&
           left->object.part == right->object.part &&
           (left->about == NETWORK_ABOUT_LINK) == (right->about == NETWORK_ABOUT_LINK) &&
           (left->about == NETWORK_ABOUT_SESSION) == (right->about == NETWORK_ABOUT_SESSION);
}

/* A whole connection's step is one about each of its tunnels. */
static bool concerns(const struct network_step *earlier, const struct network_step *step)
{
    bool whole = earlier->object.kind == NETWORK_VPN_CONNECTION &&
                 step->object.kind == NETWORK_TUNNEL && earlier->object.index == step->object.index;
    return whole || same_thing(earlier, step);
}

static bool is_announcement(const struct network_step *step)
{
    return step->verb == NETWORK_STEP_ANNOUNCE || step->verb == NETWORK_STEP_WITHDRAW;
}

static bool is_strike(const struct network_step *step)
{
    return step->verb == NETWORK_STEP_FAIL || step->verb == NETWORK_STEP_RESTORE ||
           step->verb == NETWORK_STEP_RESTART || step->verb == NETWORK_STEP_REPLACE;
}

/* The last step before this one that speaks of the same; the count: none. */
static size_t last_word(const struct network *network, size_t index)
{
    const struct network_step *step = &network->story[index];
    for (size_t i = index; i-- > 0;) {
        const struct network_step *earlier = &network->story[i];
        if (is_announcement(step) && is_announcement(earlier) && same_thing(earlier, step) &&
            prefix_equal(earlier->announcement.prefix, step->announcement.prefix))
            return i;
        if (is_strike(step) && is_strike(earlier) && concerns(earlier, step))
            return i;
    }
    return network->step_count;
}

static bool lists(const struct network_announcement *announcements, size_t count,
                  struct prefix prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (prefix_equal(announcements[i].prefix, prefix))
            return true;
    }
    return false;
}

static bool announces(const struct network *network, const struct network_step *step, size_t last)
{
    const struct network_bgp *bgp = network->routers[step->object.index].bgp;
    if (last < network->step_count)
        return network->story[last].verb == NETWORK_STEP_ANNOUNCE;
    return lists(bgp->announce, bgp->announce_count, step->announcement.prefix) ||
           lists(bgp->received, bgp->received_count, step->announcement.prefix);
}

static bool has_attributes(const struct network_announcement *announcement)
{
    return announcement->as_path || announcement->communities || announcement->med >= 0;
}

/* What is already as the step would have it, as the end of "dx-edge ..."; NULL: it is a change. */
static const char *already(const struct network *network, size_t index)
{
    const struct network_step *step = &network->story[index];
    size_t last = last_word(network, index);
    bool failed = last < network->step_count && network->story[last].verb == NETWORK_STEP_FAIL;
    if (step->verb == NETWORK_STEP_ANNOUNCE && !has_attributes(&step->announcement))
        return announces(network, step, last) ? "announces it already" : NULL;
    if (step->verb == NETWORK_STEP_WITHDRAW)
        return announces(network, step, last) ? NULL : "does not announce it";
    if (step->verb == NETWORK_STEP_FAIL)
        return failed ? "has failed already" : NULL;
    if (step->verb == NETWORK_STEP_RESTORE)
        return failed ? NULL : "has not failed";
    return NULL;
}

/* first: the story's first step that is a change. */
static bool each_changes(struct cli *cli, const struct changes *changes,
                         const struct network *network, size_t first)
{
    for (size_t i = first; i < network->step_count; i++) {
        const char *so = already(network, i);
        size_t last = last_word(network, i);
        bool undoes = last >= first && last < network->step_count &&
                      network->story[last].verb != network->story[i].verb;
        if (undoes) {
            cli_error(cli, "\"%s\" contradicts \"%s\": both are to happen at once",
                      changes->said[i - first], changes->said[last - first]);
            return false;
        }
        if (so) {
            cli_error(cli, "%s: %s %s", changes->said[i - first], network->story[i].object.id, so);
            return false;
        }
    }
    return true;
}

static bool add(struct cli *cli, const struct changes *changes, size_t index, int64_t at_us,
                bool json, struct network *network)
{
    char yaml[CHANGE_YAML_BYTES + SCALAR_TEXT_BYTES + 16], at[SCALAR_TEXT_BYTES], name[24];
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    scalar_duration(at_us, at, sizeof at);
    snprintf(yaml, sizeof yaml, "{%s, at: %s}", changes->yaml[index], at);
    snprintf(name, sizeof name, "change %zu", index + 1);
    bool fine = network_add_step(network, (struct slice){(const uint8_t *)yaml, strlen(yaml)}, name,
                                 &diagnostics);
    if (!fine && json)
        diagnostics_json(&diagnostics, cli->err.out);
    else if (!fine)
        diagnostics_render(&diagnostics, source_style(cli), cli->err.out);
    diagnostics_done(&diagnostics);
    return fine;
}

bool changes_add(struct cli *cli, const struct changes *changes, int64_t at_us, bool json,
                 struct network *network)
{
    size_t first = network->step_count;
    for (size_t i = 0; i < changes->count; i++) {
        if (!add(cli, changes, i, at_us, json, network))
            return false;
    }
    return each_changes(cli, changes, network, first);
}
