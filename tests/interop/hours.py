#!/usr/bin/env python3
"""Two tunnels for hours: every SA is replaced many times over, and no packet is lost.

    hours.py SEKISHOD SEKISHO [--seconds N]

The table of tunnels.py: two sites with strongSwan and BIRD, and an instance that pings both once a
second. The lifetimes are the shortest that AWS permits. In tests/kernel, with
KERNEL_WORDS=time-travel=inf-cpu, two and a half hours pass in a minute or two; elsewhere they take
as long as they take. TAP on standard output; what the machine does not permit is skipped aloud.
"""
import re
import sys
import time

sys.dont_write_bytecode = True

import tap
import tunnels
from interop import check
from rig import eventually
from tunnels import PATIENCE, both_up

SECONDS = 9000.0
LIFETIME_S = 900  # of ESP; AWS's least
LOOK_S = 300.0
TARGETS = ('10.20.1.1', '10.20.2.1')


class Hours(tunnels.Table):
    seconds = SECONDS

    def write(self, changed=''):
        super().write(changed)
        lives = (f'options: {{phase1: {{lifetime: {2 * LIFETIME_S}s}}, '
                 f'phase2: {{lifetime: {LIFETIME_S}s}}}}')
        text = self.file.read_text()
        self.file.write_text(text.replace('tunnels:\n      - {', f'tunnels:\n      - {{{lives}, '))

    def tunnel_rows(self):
        return {row['tunnel']: row for row in self.ask('tunnels').get('tunnels', [])}

    def sessions(self):
        return {row['neighbor']: row['established'] for row in self.ask('neighbors')['neighbors']}

    def replaced(self, site):
        """How many IKE SAs, how many ESP pairs, by the site's own log."""
        log = (site.dir / 'charon.log').read_text()
        return (len(re.findall(r'IKE_SA \S+ rekeyed between', log)),
                len(re.findall(r'CHILD_SA \S+ established with SPIs', log)))


def everything_comes_up(table):
    tunnels.both_tunnels_come_up(table)
    tunnels.bgp_comes_up_inside(table)
    tunnels.an_instance_reaches_the_sites(table)


def for_hours_no_tunnel_falls_and_no_packet_is_lost(table):
    count = int(table.seconds)
    before, sessions = table.tunnel_rows(), table.sessions()
    began = time.monotonic()
    pings = [table.rig.run('vpc', 'ping', '-q', '-i', '1', '-c', str(count), '-W', '5', target)
             for target in TARGETS]
    while any(ping.poll() is None for ping in pings):
        time.sleep(LOOK_S if time.monotonic() - began + LOOK_S < table.seconds else 1)
        check(both_up(table), f'after {time.monotonic() - began:.0f} s: {table.everything()}')
        # a kernel of 100 ticks a second makes a second of ping's 1.01
        check(time.monotonic() - began < 1.05 * table.seconds + PATIENCE, 'the pings do not end')
    said = [line for line in pings[0].output.read_text().splitlines() if 'received' in line][-2:]
    check(sum(f'{count} received' in line for line in said) == 2, f'{said} {table.everything()}')
    for target, line in zip(TARGETS, said):
        print(f'# page: {target}: {line}, no tunnel and no BGP session fell.\n# page:')
    after = table.tunnel_rows()
    check({name: row['up_count'] for name, row in after.items()} ==
          {name: row['up_count'] for name, row in before.items()}, f'{before} {after}')
    check(table.sessions() == sessions, f'{sessions} {table.sessions()}')


def every_sa_was_replaced_many_times(table):
    for site in table.sites:
        ike, esp = table.replaced(site)
        print(f'# page: {site.name}: {ike} IKE SAs replaced, {esp} pairs of ESP SAs in '
              f'{table.seconds:.0f} s of its clock.')
        check(ike >= table.seconds // (2 * LIFETIME_S) and esp > table.seconds // LIFETIME_S,
              site.said())


def a_stop_leaves_nothing(table):
    pids = tunnels.charons_of(table)
    tunnels.stop(table)
    check(eventually(lambda: not tunnels.spaces_of(table), 20), f'{tunnels.spaces_of(table)}')
    check(not [pid for pid in pids if 'charon' in tunnels.called(pid)], 'a charon is left')


TESTS = (everything_comes_up, for_hours_no_tunnel_falls_and_no_packet_is_lost,
         every_sa_was_replaced_many_times, a_stop_leaves_nothing)


def main():
    programs, wanted = tap.programs()
    if '--seconds' in wanted:
        at = wanted.index('--seconds')
        tap.numbers('count of seconds', wanted[at + 1:at + 2] or ['nothing'])
        Hours.seconds = float(wanted[at + 1])
        del wanted[at:at + 2]
    return tap.tell(lambda: Hours(*programs), TESTS, wanted, first=everything_comes_up)


if __name__ == '__main__':
    sys.exit(main())
