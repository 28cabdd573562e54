#!/usr/bin/env python3
"""BFD with routers of other houses, and beside half a million routes that come and go.

    bfd.py SEKISHOD [TEST ...]

The hold time is 90 s: whatever ends sooner was missed by BFD. What was measured is printed, and
nothing is asked of it: it is the machine's as much as ours.
"""
import json
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True

import neighbors
from interop import PATIENCE, check, main
from rig import command, eventually
from talker import Talker, prefixes

MANY = 500000
TALKER_AS = 65200


def bfd_of(table, name):
    return table.hub.neighbor(name).get('bfd') or {}


def is_up(table, name):
    return bfd_of(table, name).get('state') == 'Up'


def all_are_up(table):
    for other in table.others:
        check(eventually(lambda: is_up(table, other.name) and
                         table.hub.neighbor(other.name)['state'] == 'Established', PATIENCE),
              f'{other.name}: {table.hub.neighbor(other.name)}; {table.hub.said()}')


def it_comes_up(table):
    for other in table.others:
        table.hub.session[other.name] = ['hold: 90s', 'keepalive: 30s', 'bfd: {}']
    many(table)
    table.start()
    all_are_up(table)
    for other in table.others:
        found = bfd_of(table, other.name)
        check(eventually(lambda: bfd_of(table, other.name)['missed_after'] == 0.9, PATIENCE),
              f'{other.name}: 300 ms x 3 were expected: {found}')
        check(found['discarded'] == 0, f'{other.name}: {found}')


def the_other_end_sees_the_same(table):
    bird, frr = table.one('bird'), table.one('frr')
    if bird:
        said = bird.ask('show', 'bfd', 'sessions')
        check(' Up ' in said and said.split()[-2:] == ['0.300', '0.900'], said)
    if frr:
        said = frr.ask('show bfd peers json', daemon='bfdd')
        check(json.loads(said)[0]['status'] == 'up', said)


def who_falls_silent_is_missed(table):
    """A stopped process: TCP goes on acknowledging, nothing else is said. And back again."""
    for other in table.others:
        processes = [other.process, *getattr(other, 'others', [])]
        before = table.hub.neighbor(other.name)['established']
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            check(eventually(lambda: table.hub.neighbor(other.name)['state'] != 'Established',
                             PATIENCE, 0.02), f'{other.name} is not missed: {table.hub.said()}')
            print(f'# {other.name} is missed after {time.monotonic() - began:.2f} s')
            down = table.hub.neighbor(other.name)['last_down']
            check(down['reason'] == 'bfd-down', f'{other.name}: {down}')
            check((down['code'], down['subcode']) == (6, 10), f'{other.name}: {down}')
            table.settles(absent=(other.name,))
        finally:
            for process in processes:
                process.send_signal(signal.SIGCONT)
        all_are_up(table)
        table.settles()
        check(table.hub.neighbor(other.name)['established'] > before, f'{other.name} stayed up')


def who_ends_it_by_hand_keeps_the_session(table):
    """RFC 5882 3.2: AdminDown says nothing about the way."""
    frr = table.one('frr')
    if not frr:
        return 'FRR is needed'
    before = table.hub.neighbor('frr')['established']
    lines = ['configure terminal', 'bfd', f'peer {frr.hub} local-address {frr.own}']
    frr.ask(*lines, 'shutdown', daemon='bfdd')
    check(eventually(lambda: bfd_of(table, 'frr')['state'] == 'Down', PATIENCE),
          f'{bfd_of(table, "frr")}; {frr.ask("show bfd peers", daemon="bfdd")}')
    found = table.hub.neighbor('frr')
    check(found['bfd']['diagnostic'] == 'neighbor-down', f'{found}')
    check((found['state'], found['established']) == ('Established', before), f'{found}')
    frr.ask(*lines, 'no shutdown', daemon='bfdd')
    all_are_up(table)
    check(table.hub.neighbor('frr')['established'] == before, table.hub.said())
    return None


def many(table):
    """A neighbor without BFD that may say much."""
    table.rig.space('many')
    table.rig.link('to-many', 'many', ['169.254.99.1/30'], ['169.254.99.2/30'])
    table.hub.more[0].append(
        f'  - {{id: cgw-many, asn: {TALKER_AS}, address: 198.51.100.99}}\n')
    table.hub.more[1].append('''  - id: vpn-many
    vpn_gateway: vgw-hub
    customer_gateway: cgw-many
    ipsec: none
    limits: {received: 1000000}
    tunnels: [{outside: 203.0.113.99, inside: {vgw: 169.254.99.1, cgw: 169.254.99.2}}]
''')


class Pause(threading.Thread):
    """How long a process that wants to sleep for 10 ms has slept at most."""

    def __init__(self):
        super().__init__(daemon=True)
        self.longest, self.over = 0.0, False
        self.start()

    def run(self):
        while not self.over:
            began = time.monotonic()
            time.sleep(0.01)
            self.longest = max(self.longest, time.monotonic() - began)


def has_prefixes(table, least, most):
    return eventually(lambda: least <= table.hub.ask('status').get('prefixes', -1) <= most,
                      PATIENCE)


def routes_that_are_lost_delay_nobodys_bfd(table):
    """Half a million of one neighbor's come, and go with its connection; nobody's BFD goes down."""
    if table.one('frr'):  # which would be busy with them for longer than the test lasts
        table.one('frr').stop()
        check(eventually(lambda: table.hub.neighbor('frr')['state'] != 'Established', PATIENCE),
              'FRR does not stop')
    bird = table.one('bird')
    if not bird:
        return 'BIRD is needed'
    before = (table.hub.neighbor('bird')['established'], bfd_of(table, 'bird')['for'],
              bird.ask('show', 'bfd', 'sessions'))
    pause = Pause()
    talker = Talker(table.rig.name_of('many'), '169.254.99.2', '169.254.99.1', TALKER_AS)
    talker.connect()
    try:
        check(eventually(lambda: talker.established, PATIENCE), f'no session: {talker.ended}')
        talker.announce(prefixes(0x140000, MANY))
        check(has_prefixes(table, MANY, MANY + 100), f'{table.hub.ask("status")}')
    finally:
        talker.close()
    check(has_prefixes(table, 1, 100), f'{table.hub.ask("status")}')
    check(eventually(lambda: len(bird.ask('show', 'route', 'count').split()) > 1 and
                     ' 4 of ' in bird.ask('show', 'route', 'count'), PATIENCE),
          bird.ask('show', 'route', 'count'))
    pause.over = True
    found = table.hub.neighbor('bird')
    longest = table.hub.ask('status')['longest_round']
    print(f'# the longest round took {longest * 1000:.0f} ms; '
          f'the machine stood still for {pause.longest * 1000:.0f} ms')
    if pause.longest > 0.3:
        return f'the machine stood still for {pause.longest:.1f} s'
    check(found['bfd']['state'] == 'Up' and found['bfd']['for'] > before[1] and
          found['established'] == before[0], f'{found}; {table.hub.said()}')
    check(bird.ask('show', 'bfd', 'sessions') == before[2], bird.ask('show', 'bfd', 'sessions'))
    return None


def every_packet_is_as_it_should_be(table):
    """TTL 255 from a port of RFC 5881's range, and understood by tshark."""
    if not table.has_tshark:
        return 'tshark and tcpdump are needed'
    for other in table.others:
        path = table.rig.dir / f'{other.name}.pcap'
        bad = command('tshark', '-r', path, '-Y', f'bfd && ip.src == {other.hub} && '
                      '(_ws.malformed || ip.ttl != 255 || udp.srcport < 49152 || '
                      'udp.dstport != 3784 || _ws.expert.severity >= 0x00600000)', seconds=120)
        bad = [line for line in bad.splitlines() if 'Running as user' not in line]
        check(not bad, f'{path.name}: {bad[:3]}')
        ours = command('tshark', '-r', path, '-Y', f'bfd && ip.src == {other.hub}', '-T', 'fields',
                       '-e', 'udp.srcport', seconds=120)
        ports = {line for line in ours.splitlines() if line.isdigit()}
        check(len(ports) == 1, f'{path.name}: source ports {ports}')
    return None


TESTS = (it_comes_up, the_other_end_sees_the_same, who_falls_silent_is_missed,
         who_ends_it_by_hand_keeps_the_session, routes_that_are_lost_delay_nobodys_bfd,
         every_packet_is_as_it_should_be)

if __name__ == '__main__':
    neighbors.Bird.bfd = neighbors.Frr.bfd = True
    sys.exit(main(TESTS, kinds=(neighbors.Bird, neighbors.Frr), least=1))
