/* The room `lab`: a network file with real daemons, in network namespaces.
 *
 *     plan        namespaces, links, addresses, routes, rules and NAT, from a world; plan_vpc.c has
 *                 the VPCs
 *     build       that, made real
 *     speaker     a router, as what its engine is told: sessions, policies, routes, announcements
 *     frr         that, as configurations of FRR's daemons
 *     bird        that, as a configuration of BIRD
 *     swanctl     a customer gateway's tunnels, as files of a stock strongSwan
 *     running     a lab that runs: its namespaces, programs, sockets and devices; running_text.c
 *                 its lab.json
 *
 * The simulated router and the real one are made from the same list of events (struct node, setup),
 * so what the file says is read once, and where they behave differently it is not because they were
 * told different things.
 *
 * Names of devices are the world's ports' (eth0, vti1, dx101, lan0). */
#pragma once

#include "world/world.h"
