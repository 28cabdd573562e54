/* A lab's links and tunnels, captured: a tcpdump for each, into a file of its own (pcap). */
#pragma once

#include "lab/running.h"
#include "plane/child.h"

struct captures {
    struct child *children;
    size_t count;
};

/* The folder is made if need be. A link is captured where its first end is, a tunnel in the clear
 * at the gateway and as ESP or IKE at both endpoints. False: none is captured. */
bool captures_begin(const struct lab_running *lab, const char *folder,
                    struct captures *ret_captures, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
void captures_end(struct captures *captures);
