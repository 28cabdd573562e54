#include "check/select.h"

#include "network/suggest.h"

#include <string.h>

struct selection selection_all(void)
{
    struct selection all;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        all.kinds[i] = true;
    return all;
}

/* "T40" is the trap of T40 and of T40a, not of T401. */
static bool is_trap(const char *trap, const char *word, size_t size)
{
    bool begins = size > 0 && strncmp(trap, word, size) == 0;
    return begins && (trap[size] < '0' || trap[size] > '9');
}

static bool is_called(enum check_finding_kind kind, const char *word, size_t size)
{
    const char *name = check_finding_name(kind);
    return (strlen(name) == size && memcmp(name, word, size) == 0) ||
           is_trap(check_finding_trap(kind), word, size);
}

static struct selection_mistake mistake_of(const char *word, size_t size)
{
    struct selection_mistake mistake = {.word = diagnostics_quote(word, size)};
    struct suggestion suggestion = suggest_for(mistake.word.text);
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        suggest_offer(&suggestion, check_finding_name((enum check_finding_kind)i), (size_t)i);
        suggest_offer(&suggestion, check_finding_trap((enum check_finding_kind)i), (size_t)i);
    }
    mistake.nearest = size ? suggestion.nearest : NULL;
    return mistake;
}

static bool read_list(const char *list, struct selection *ret_named,
                      struct selection_mistake *ret_mistake)
{
    struct selection named = {0};
    for (const char *word = list;; word++) {
        size_t size = strcspn(word, ",");
        bool known = false;
        for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
            bool called = is_called((enum check_finding_kind)i, word, size);
            named.kinds[i] |= called;
            known |= called;
        }
        if (!known) {
            *ret_mistake = mistake_of(word, size);
            return false;
        }
        word += size;
        if (!*word)
            break;
    }
    *ret_named = named;
    return true;
}

bool selection_only(struct selection *selection, const char *list,
                    struct selection_mistake *ret_mistake)
{
    struct selection named;
    if (!read_list(list, &named, ret_mistake))
        return false;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        selection->kinds[i] &= named.kinds[i];
    return true;
}

bool selection_ignore(struct selection *selection, const char *list,
                      struct selection_mistake *ret_mistake)
{
    struct selection named;
    if (!read_list(list, &named, ret_mistake))
        return false;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        selection->kinds[i] &= !named.kinds[i];
    return true;
}

bool selection_is_empty(const struct selection *selection)
{
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        if (selection->kinds[i])
            return false;
    }
    return true;
}

size_t selection_leave_out(struct check *check, const bool *marked)
{
    size_t count = check->finding_count, kept = 0, left = 0;
    if (count == 0)
        return 0;
    struct check_finding *shown = check->findings;
    struct check_finding *out = check_take(check, (count + 1) * sizeof(*out));
    for (size_t i = 0; i < count; i++) {
        if (marked[i])
            out[left++] = shown[i];
        else
            shown[kept++] = shown[i];
    }
    memcpy(shown + kept, out, left * sizeof(*out));
    check->finding_count = kept;
    check->hidden_count += left;
    return left;
}

void selection_apply(struct check *check, const struct selection *selection)
{
    bool *marked = check_take(check, check->finding_count + 1);
    for (size_t i = 0; i < check->finding_count; i++)
        marked[i] = !selection->kinds[check->findings[i].kind];
    memcpy(check->selected, selection->kinds, sizeof check->selected);
    check->left_out.selection += selection_leave_out(check, marked);
}
