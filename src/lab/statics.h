/* Static routes of FRR whose gateway is found by another route. zebra, busy, may judge one before
 * that other is in the kernel: then it takes the route for inactive, tells staticd that the gateway
 * is resolved, and asks neither again (FRR 8.4). One that is said once more is judged once more. */
#pragma once

#include "lab/running.h"

/* Waits until of each such route of the router's staticd that zebra knows it or cannot resolve its
 * gateway, at most some seconds, and says those once more that are left out. Who has no staticd has
 * none. */
void statics_settle(const struct running_node *node);

/* Of what zebra says of a VRF's static routes and next hops: is this one left out? */
enum statics_state { STATICS_FINE, STATICS_PENDING, STATICS_LEFT_OUT };
enum statics_state statics_of(const char *said, const char *prefix, const char *gateway);
