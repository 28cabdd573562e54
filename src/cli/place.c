#include "cli/place.h"

#include "network/diagnostics.h"
#include "network/resolve.h"
#include "network/suggest.h"

#include <string.h>

static bool can_be_end(enum network_kind kind)
{
    return kind == NETWORK_INSTANCE || kind == NETWORK_ROUTER;
}

static void unknown(struct cli *cli, const struct network *network, const char *word)
{
    struct suggestion suggestion = suggest_for(word);
    struct quoted shown = diagnostics_quote(word, strlen(word));
    struct names names;
    names_collect(network, &names);
    for (size_t i = 0; i < names.count; i++) {
        if (can_be_end(names.items[i].kind))
            suggest_offer(&suggestion, names.items[i].id, i);
    }
    if (suggestion.nearest)
        cli_error(cli, "no instance and no router is called \"%s\"; did you mean \"%s\"?",
                  shown.text, suggestion.nearest);
    else
        cli_error(cli, "no instance and no router is called \"%s\"; expected one, or an address",
                  shown.text);
    names_done(&names);
}

bool place_end(struct cli *cli, const struct network *network, const struct world *world,
               const char *word, bool sends, struct reach_end *ret_end)
{
    struct network_ref ref = {.kind = NETWORK_ADDRESS};
    if (!ip_parse(word, strlen(word), &ref.address)) {
        ref = network_find(network, word);
        ref.id = (char *)(uintptr_t)word;
    }
    if (ref.kind == NETWORK_NOTHING) {
        unknown(cli, network, word);
        return false;
    }
    if (ref.kind != NETWORK_ADDRESS && !can_be_end(ref.kind)) {
        cli_error(cli, "%s is a %s; a packet goes from and to instances, routers and addresses",
                  word, network_kind_name(ref.kind));
        return false;
    }
    struct reach_end end = reach_end_of(network, world, &ref);
    if (sends && end.node == WORLD_NONE) {
        cli_error(cli,
                  "nobody in the file has %s; a packet begins at an instance or behind a router",
                  word);
        return false;
    }
    *ret_end = end;
    return true;
}

bool place_ends(struct cli *cli, const struct network *network, const struct world *world,
                const char *const words[2], struct reach_end ret_ends[2])
{
    bool may_move[2];
    ip_addr addr;
    for (int i = 0; i < 2; i++) {
        if (!place_end(cli, network, world, words[i], i == 0, &ret_ends[i]))
            return false;
        may_move[i] = !ip_parse(words[i], strlen(words[i]), &addr);
    }
    reach_meet(network, world, may_move, &ret_ends[0], &ret_ends[1]);
    return true;
}
