/* Losing what a source offers, at once or slice by slice: stale paths. */
#pragma once

#include "rib/rib.h"

/* The session is lost: everything the source has offered so far is to go. Offers made from now on
 * stay, whether or not the walk has been there. Costs nothing by itself: call rib_drop until it
 * says false. */
void rib_lose(struct rib *rib, struct source_id source);
/* The same of one family. What is not dropped stays and is chosen as before: the source restarts
 * (RFC 4724), or says everything again (RFC 7313). */
void rib_lose_family(struct rib *rib, struct source_id source, bool six);
/* One slice: looks at up to limit prefixes and stops when the change list is full. True: there is
 * more. Settle between slices. */
bool rib_drop(struct rib *rib, struct source_id source, uint32_t limit)
    __attribute__((warn_unused_result));
bool rib_drop_family(struct rib *rib, struct source_id source, bool six, uint32_t limit)
    __attribute__((warn_unused_result));

/* Lost, and neither dropped nor said again. */
bool rib_path_is_stale(const struct rib *rib, uint32_t number, const struct rib_path *path);
