/* The room `run`: `sekishod`, a gateway on real sockets.
 *
 *     main.c       the program: options in, exit status out
 *     options.c    the command line
 *     plan.c       the network file, as what one node's engine is told and what its sockets need
 *     numbers.c    numbers that things keep while files change
 *     reload.c     the file again: what differs is told, and nothing else
 *     daemon.c     starts it all, or nothing; ends it; the loop
 *     privileges.c what the process may do: few capabilities, few system calls
 *     wants.c      the file's tunnels, as the keeper is told of them
 *     tunnels.c    the keeper, which makes them (plane/keeper.h), and how they are
 *     replacement.c  when a tunnel that shall be replaced is
 *     plugs.c      the file's other attachments, the same way
 *     table_numbers.c  numbers that VPCs' route tables keep while files change
 *     vpc_entries.c  the routes of VPCs' tables, on their way to the keeper
 *     notify.c     what the service manager is told, its watchdog too
 *     round.c      one turn of the loop, in strict phases; the only caller of engine_step
 *     links.c      the neighbors' TCP connections: bytes in, bytes out, none decided about
 *     listeners.c  who may connect, and to which of our addresses
 *     bfd_sockets.c  BFD's datagrams, in and out
 *     kernel_table.c  routes in the kernel: wanted, reported, and the way from one to the other;
 *                  netlink.c has its words
 *     socket.c     the system calls that make a socket what BGP and BFD need
 *     control.c    the control socket; request.c what is asked, answer.c and
 *                  answer_tunnels.c what is answered, act.c what is done
 *     metrics.c    what Prometheus is told, over HTTP: census.c counts what nobody else does,
 *                  samples.c has the values of metrics.def, exposition.c writes them, http.c
 *                  loads the library that answers
 *     journal.c    all that the engine is told, kept: the round's side; journal_ring.c between it
 *                  and journal_writer.c, the thread that writes; journal_folder.c the files;
 *                  journal_checkpoint.c the forked child that writes the state
 *     mark.c       the file that says that the daemon has not said goodbye
 *     farewell.c   a neighbor's last words, as they may be shown
 *     recent.c     the last notes, with the time of day: for questions and for the log
 *     quota.c      how many lines of the log one matter may have
 *
 * What decides is the engine; this is its driver. It turns what happens on sockets and clocks into
 * events, does the effects, and knows nothing of routes. The same engine runs in the simulator,
 * whose room `sim` is this room's twin.
 *
 * A round. libuv says which sockets are ready; nothing is read or written in its callbacks. When it
 * has said all, the round goes through its phases, and no phase looks back:
 *
 *     1 read      each ready socket once, up to LINK_READ_BYTES; each piece is a RECEIVED. What
 *                 came is not decided (engine_config.rounds). At most ROUND_READ_BYTES in all: the
 *                 sockets left over are the next round's first. When more than ROUND_LINKS are
 *                 ready, 3 and 5 come in between: who is told has something to do meanwhile
 *     2 time      TIME when the engine's deadline is due. After reading, so that a keepalive that
 *                 waited in a socket counts, whatever kept us from it
 *     3 continue  once, while the engine says more: all that was read is decided as one batch; of a
 *                 large one, a slice
 *     4 install   a bounded number of changes of the kernel's table
 *     5 send      who has something to be told, pulls and writes, up to LINK_SEND_BYTES
 *     6 answer    questions at the control socket and Prometheus', a slice of each
 *     7 keep      the journal: its writer is woken, a segment turned over when it is time
 *
 * BFD stands outside of the phases. Its datagrams are read and its packets sent when a round begins
 * and, while one lasts, between any two pieces of work that others have brought about,
 * ROUND_PULSE_US apart: 300 ms x 3 leave no room for a phase that takes as long. Datagrams are read
 * before the clock is asked, so nobody is missed who was heard in time; of the clock only BFD's
 * deadlines are told (BFD_TIME), because a keepalive may still wait in a socket.
 *
 * A batch is a round, and that is where the speed is: what many neighbors say at once is decided
 * once, encoded once, and copied out to each. What keeps a round short is bounded in the same
 * way: bytes read, changes decided, bytes sent, lines answered.
 *
 * A slow reader blocks nobody. Its socket says that it is full; then it is left alone until it is
 * writable, and its place in the engine's log waits or, when the log is full, becomes a walk
 * through the table. What is kept for it here is what one write left over (links.c).
 *
 * Identifiers are the plan's: a neighbor's number is the engine's. A connection is a neighbor and
 * a slot (struct event_connection).
 *
 * Where more will hang on: round_step is the one door to the engine, where the journal listens;
 * round_apply has one case for each effect, so VPCs' tables stand at VPC_ENTRY; daemon_start is the
 * list of what is brought up: privileges are lowered at its beginning and sealed at its end.
 *
 * Errors: what the operator wrote wrong is status 2, what the machine refuses 3, each one clear
 * sentence on standard error, and nothing half-started. Later the world's failures are events
 * (CONNECT_FAILED, CLOSED) or a line of the log. */
#pragma once

#include <stdio.h>

enum run_exit { RUN_FINE = 0, RUN_INPUT = 2, RUN_WORLD = 3 };

/* The daemon's life, until a signal ends it. */
int run_sekishod(int argc, char *const argv[], FILE *out, FILE *err);

#define SEKISHOD_VERSION "0.1.0"
