/* The room `lab`: a network file with real daemons, in network namespaces.
 *
 *     plan        namespaces, links, addresses, routes, rules and NAT, from a world; plan_vpc.c has
 *                 the VPCs, plan_tunnel.c what gateways are attached to
 *     build       that, made real; chains.c what a namespace drops
 *     speaker     a router, as what its engine is told: sessions, policies, routes, announcements
 *     frr         that, as configurations of FRR's daemons
 *     bird        that, as a configuration of BIRD
 *     swanctl     a customer gateway's tunnels, as files of a stock strongSwan
 *     site        that strongSwan: its namespace, its files, its device in the router's namespace
 *     router      which routing daemons a router has, and how they are started
 *     keys        the network file with keys of the lab's own
 *     statics     FRR's static routes that it has left out, said again
 *     ready       whether this machine can have the lab; else why not
 *     daemons     programs that are started, found again and ended
 *     lock        one at a time starts or takes down a lab
 *     start, stop a lab from beginning to end; asked and look, how it is
 *     origin      whether a lab still is that of its file
 *     running     a lab that runs: its namespaces, programs, sockets and devices; running_text.c
 *                 its lab.json
 *
 *     heard       a line of a daemon's log, as what it says of a session or a tunnel
 *     seen        what was seen of a running lab, as moments of a run
 *     watch       its logs and kernels, as they change: what is heard and seen
 *     held        what a kernel has in all its tables, at one moment
 *     echo        who reaches whom, by packets; capture.c keeps all of them
 *     difference  two configurations of FRR, as the commands between them
 *     apply       a network that changes while its lab runs
 *     line        where a link's end is by now
 *     tables      route tables of the lab's own VPCs, changed with it
 *     strike      what fails, and comes back
 *     done        what was done to a lab, written down as it is done
 *     record      its past as a network file: what came from outside as a story, and what was seen
 *
 * The simulated router and the real one are made from the same list of events (struct node, setup),
 * so what the file says is read once, and where they behave differently it is not because they were
 * told different things.
 *
 * Names of devices are the world's ports' (eth0, vti1, dx101, lan0).
 *
 * Who makes what is plane/plane.h's rule. The lab makes the outer namespace of each gateway, the
 * Internet, routers and instances, and VPCs that are no gateway's (world_vpc_home). sekishod, which
 * it starts with --outer, makes the other VPCs and holds their tables. So the lab puts one end of
 * each link to such a VPC, and of each Direct Connect, into the outer namespace of the gateway
 * whose it is, called name_device() of the instance, internet gateway or virtual interface;
 * sekishod takes it from there. The lab's end of a link to an instance is the instance's eth0; that
 * of an internet gateway answers for every address, and NAT of elastic addresses is done behind it.
 */
#pragma once

#include "world/world.h"
