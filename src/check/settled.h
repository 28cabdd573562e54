/* Findings that follow from the file and from the routes as they stand in the end, and their cures.
 *
 * One file a family, which says in its first lines what traps are its own: asn.c, inside.c,
 * limits.c, objects.c, origins.c, outside.c, overlap.c, pledge.c, preference.c, promise.c,
 * sample.c, shadow.c, single.c, tables.c. A family looks at the finished run and adds findings in
 * words of its own; where a change suggests itself, it leaves an idea. settled_cure makes each
 * change on a copy, runs it in two orders of starts, and shows it when the finding is gone, nothing
 * that could be reached is lost, no tunnel is down that was up, and none is swallowed that was not
 * before. If it is the last that fails, the finding says so: what hides tunnel-recursion is not to
 * be taken away alone.
 *
 * Levels. certain: the whole network is in the file, it was run, and what the file wants does not
 * work. likely: it does not work, though nobody has said that it is wanted, or one side is not
 * known. latent: nothing is wrong now. protected: it would be, and something holds it off. */
#pragma once

#include "check/parts.h"
#include "check/run.h"

/* What might cure a finding. */
struct idea {
    enum check_remedy_kind kind;
    const struct change *changes;
    size_t count;
    bool must_gain; /* something must be reached that was not */
    bool disputed;  /* whose the changes' prefixes are: their addresses may be another's after it */
};

/* Marks what can be reached, unless the recursion has done so; then asks every family. run: the
 * finished one. */
void settled_find(struct check *check, const struct run *run);
/* The remedies of what settled_find has found, numbered behind those that are there. */
void settled_cure(struct check *check, const struct run *run);

/* -- for the families -- */

/* place: id of what is to be looked at; borrowed from network or world, as all ids are. */
struct check_finding *settled_add(struct check *check, enum check_finding_kind kind,
                                  enum check_level level, const char *place, const char *what);
void settled_because(struct check *check, struct check_finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void settled_suggest(struct check *check, struct check_finding *finding, const struct idea *idea);

/* Adds ", item" or the first item to a text. */
const char *settled_list(struct check *check, const char *before, const char *item);

/* A family each. */
void asn_find(struct check *check, const struct run *run);
void inside_find(struct check *check, const struct run *run);
void limits_find(struct check *check, const struct run *run);
void limits_find_region(struct check *check); /* what counts across the parts of a region */
void objects_find(struct check *check, const struct run *run);
void origins_find(struct check *check, const struct run *run);
void overlap_find(struct check *check, const struct run *run);
void pledge_find(struct check *check, const struct run *run);
void preference_find(struct check *check, const struct run *run);
void promise_find(struct check *check, const struct run *run);
void sample_find(struct check *check, const struct run *run);
void shadow_find(struct check *check, const struct run *run);
void single_find(struct check *check, const struct run *run);
void tables_find(struct check *check, const struct run *run);
