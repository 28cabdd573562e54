/* The command line of sekishod. */
#pragma once

#include "plane/permit.h"
#include "run/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_options {
    const char *network;          /* path; NULL only with help or version */
    bool is_xml;                  /* that is a CustomerGatewayConfiguration, as AWS gives it */
    const char *gateway;          /* NULL: the file's only one */
    const char *router;           /* instead: the daemon stands in for a router of the file */
    const char *customer_gateway; /* instead: for this one, with its tunnels; of XML its only one */
    const char *configuration;    /* as it was given; network is the same then */
    const char *announce; /* of XML, which does not say: prefixes, with commas; NULL: none */
    const char *reach;    /* of XML of a static VPN connection: what lies behind the gateway */
    uint8_t ike;          /* of XML, which does not say: version; 0: not said */
    bool separate;        /* a customer gateway with an inner namespace, as gateways have */
    const char *plane;    /* of the tunnels; NULL: as the file says, else what the machine has */
    const char *control;  /* path of the control socket, or "none"; NULL: the default one */
    const char *metrics;  /* "ADDRESS:PORT", sound; NULL: none */
    const char *farewell; /* at most FAREWELL_MAX bytes of UTF-8; "": none */
    const char *netns;    /* name or path of a network namespace for BGP's sockets; NULL: ours */
    const char *name;     /* what its namespaces are called after; NULL: the gateway's ID */
    const char *outer;    /* name or path of the namespace of IKE and ESP packets; NULL: ours */
    bool no_tunnels;      /* somebody else makes them */
    const char *device;   /* VRF or interface that they are bound to; NULL: none */
    const char *user;     /* to be, instead of root; NULL: as started */
    struct permit_pools pools; /* of outside addresses, for files that are read later */
    uint16_t port;
    uint32_t table;       /* of the kernel, for routes */
    bool no_kernel;       /* routes go into no kernel's table, whatever the file says */
    size_t memory_bytes;  /* for what neighbors bring */
    const char *journal;  /* its directory, or "none"; NULL: the default one */
    size_t journal_bytes; /* it may keep */
    bool check;           /* read the file, say what would be run, and end */
    bool quiet;           /* only errors are logged */
    bool help, version;
};

/* RUN_FINE, or RUN_INPUT after one sentence on err. Texts are borrowed from argv. */
enum run_exit options_read(int argc, char *const argv[], FILE *err, struct run_options *ret_options)
    __attribute__((warn_unused_result));
void options_help(FILE *out);

/* Whether the daemon is to make the file's tunnels: a gateway that lives in a namespace of its own
 * makes, and not where it is told to. */
bool options_make_tunnels(const struct run_options *options);
bool options_are_customers(const struct run_options *options);
