#include "rib/edit.h"

#include <string.h>

bool route_edit_same(const struct route_edit *left, const struct route_edit *right)
{
    bool same_pref = left->has_local_pref == right->has_local_pref &&
                     (!left->has_local_pref || left->local_pref == right->local_pref);
    bool same_med = left->has_med == right->has_med && (!left->has_med || left->med == right->med);
    return same_pref && same_med && left->prepend == right->prepend &&
           left->drop_communities == right->drop_communities &&
           left->add_count == right->add_count && left->remove_count == right->remove_count &&
           memcmp(left->add, right->add, left->add_count * sizeof *left->add) == 0 &&
           memcmp(left->remove, right->remove, left->remove_count * sizeof *left->remove) == 0;
}

bool route_edit_is_nothing(const struct route_edit *edit)
{
    static const struct route_edit nothing = {0};
    return route_edit_same(edit, &nothing);
}
