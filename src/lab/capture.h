/* A lab's links and tunnels, captured: a tcpdump for each, into a file of its own (pcap). */
#pragma once

#include "lab/running.h"
#include "plane/child.h"

struct capture {
    char *of;   /* "dxvif-1" */
    char *path; /* no two have the same */
    struct child tcpdump;
    int said; /* what it says, to be read from its beginning */
};

struct captures {
    struct capture *items;
    size_t count;
};

/* Can there be captures, and be kept in this folder? It is made if need be. Asked before there is a
 * lab to capture. */
bool captures_ready(const char *folder, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The folder is made if need be, and files of an earlier run in it go. A link is captured at its
 * first end that is there, a tunnel in the clear at the gateway and as ESP or IKE at both
 * endpoints. Returns when each has begun. False: none is captured, and it is told which cannot. */
bool captures_begin(const struct lab_running *lab, const char *folder,
                    struct captures *ret_captures, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* False: not each has lasted until now; the sentence says which, and what its tcpdump said. */
bool captures_last(const struct captures *captures, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

void captures_end(struct captures *captures);
