#!/usr/bin/env python3
"""Routers of five other houses on one gateway at the same time, in network namespaces.

    interop.py SEKISHOD [TEST ...]

Each neighbor announces four prefixes, of IPv4 and IPv6, over a session with an MD5 key; the gateway
passes them on among all of them. Everything on the links is captured, and at the end tshark must
have understood every message. TAP on standard output; what the machine does not permit, or a daemon
that is not installed, is skipped aloud.
"""
import ipaddress
import json
import pathlib
import shutil
import socket
import sys
import time

sys.dont_write_bytecode = True

import neighbors
from neighbors import HUB_AS, KEY
from rig import Rig, Unable, command, eventually
from tap import Failed, check, choose, files

PATIENCE = 40.0  # seconds in which what must come has come, on a busy machine


class Hub:
    """The gateway: its network file, its process, its captures."""

    def __init__(self, rig, program, others):
        self.rig = rig
        self.program = program
        self.others = others
        self.file = rig.dir / 'network.yaml'
        self.control = rig.dir / 'control'
        self.journal = rig.dir / 'journal'
        self.process = None
        self.captures = []
        self.session = {}  # neighbor's name: lines below its bgp key
        self.limits = {}
        self.words = []  # more of them on the command line
        self.fib = 'none'
        self.before = []  # words before its name
        self.more = ([], [])  # lines of customer gateways and of connections besides
        for other in others:
            key = rig.dir / f'{other.name}.key'
            key.write_text(KEY + '\n')
            key.chmod(0o600)

    def connection(self, other):
        lines = [f'md5_file: {self.rig.dir}/{other.name}.key', *self.session.get(other.name, [])]
        bgp = ''.join(f'\n      {line}' for line in lines)
        limits = self.limits.get(other.name, 'received: 1000')
        return f'''  - id: vpn-{other.name}
    vpn_gateway: vgw-hub
    customer_gateway: cgw-{other.name}
    ipsec: none
    guard: hold
    limits: {{{limits}}}
    bgp:{bgp}
    tunnels:
      - outside: 203.0.113.{other.number}
        inside: {{vgw: {other.hub}, cgw: {other.own}}}
        inside_ipv6: "fd00:{other.number}::/126"
'''

    def write(self):
        gateways = ''.join(
            f'  - {{id: cgw-{other.name}, asn: {other.asn}, address: 198.51.100.{other.number}}}\n'
            for other in self.others)
        connections = ''.join(self.connection(other) for other in self.others)
        gateways += ''.join(self.more[0])
        connections += ''.join(self.more[1])
        self.file.write_text(f'''vpn_gateways:
  - {{id: vgw-hub, asn: {HUB_AS}, platform: sekisho, fib: {self.fib},
     limits: {{connections: 1000}}}}
customer_gateways:
{gateways}vpn_connections:
{connections}''')

    def start(self):
        self.write()
        self.process = self.rig.run('hub', *self.before, self.program, '--network', self.file,
                                    '--gateway', 'vgw-hub', '--control', self.control,
                                    '--journal', self.journal, *self.words)

    def capture(self, other):
        path = self.rig.dir / f'{other.name}.pcap'
        self.captures.append(path)
        return self.rig.run('hub', 'tcpdump', '-i', f'to-{other.name}', '-U', '-w', path, '-Z',
                            'root', 'tcp', 'port', '179', 'or', 'udp', 'port', '3784')

    def ask(self, what):
        """What the control socket answers; {} while there is none."""
        try:
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(PATIENCE)
                asking.connect(str(self.control))
                asking.sendall(json.dumps({'ask': what}).encode() + b'\n')
                with asking.makefile() as answer:
                    return json.loads(answer.readline() or '{}')
        except OSError:
            return {}

    def neighbor(self, name):
        """What is known of a connection's only tunnel; {}: nothing yet."""
        return next((row for row in self.ask('neighbors').get('neighbors', [])
                     if row['neighbor'] == f'vpn-{name}/1'), {})

    def said(self):
        return self.process.output.read_text()[-2000:]


class Table:
    """The network of the tests: the hub and those neighbors that are installed."""

    def __init__(self, program, kinds=neighbors.ALL, least=2, hub=Hub):
        self.rig = Rig()
        there = [kind for kind in kinds if kind.is_there()]
        self.missing = [kind.__name__ for kind in kinds if not kind.is_there()]
        if len(there) < least:
            raise Unable(f'{least} other BGP daemons are needed; missing: {self.missing}')
        self.others = []
        for number, kind in enumerate(there, 1):
            name = kind.__name__.lower()
            self.rig.space(name)
            self.rig.link(f'to-{name}', name,
                          [f'169.254.{number}.1/30', f'fd00:{number}::1/126'],
                          [f'169.254.{number}.2/30', f'fd00:{number}::2/126'])
            self.others.append(kind(self.rig, number))
        self.hub = hub(self.rig, program, self.others)
        self.has_tshark = bool(shutil.which('tshark') and shutil.which('tcpdump'))

    def start(self):
        if self.has_tshark:
            for other in self.others:
                self.hub.capture(other)
            eventually(lambda: all(path.exists() and path.stat().st_size >= 24
                                   for path in self.hub.captures), 10)
        self.hub.start()
        for other in self.others:
            other.start()

    def one(self, name):
        return next((other for other in self.others if other.name == name), None)

    def expected(self, reader, absent=()):
        """What the reader must hold: everybody else's prefixes, by their announcers."""
        return {prefix: other for other in self.others if other is not reader and
                other.name not in absent for prefix in other.prefixes
                if ':' in prefix or not reader.six_only}

    def wrong(self, reader, absent=()):
        """'' when the reader holds exactly what it must, with every attribute as it must be."""
        wanted, held = self.expected(reader, absent), reader.received()
        for prefix in sorted(set(wanted) ^ set(held)):
            return f'{reader.name} {"lacks" if prefix in wanted else "holds"} {prefix}'
        for prefix, announcer in wanted.items():
            route = held[prefix]
            hop = reader.hub6 if ':' in prefix else reader.hub
            if ipaddress.ip_address(route.next_hop) != ipaddress.ip_address(hop):
                return f'{reader.name}: {prefix} via {route.next_hop}, expected {hop}'
            if route.as_path != [HUB_AS, announcer.asn]:
                return f'{reader.name}: {prefix} has the path {route.as_path}'
            if route.communities != {announcer.community} or route.large != {announcer.large}:
                return f'{reader.name}: {prefix} has {route.communities} and {route.large}'
        return ''

    def settles(self, absent=()):
        """Everybody who is not absent holds what it must, soon."""
        state = {'wrong': ''}

        def right():
            state['wrong'] = next((said for other in self.others if other.name not in absent
                                   for said in [self.wrong(other, absent)] if said), '')
            return not state['wrong']
        check(eventually(right, PATIENCE), f'{state["wrong"]}; the gateway: {self.hub.said()}')


def every_route_arrives(table):
    table.settles()


def every_withdrawal_arrives(table):
    for other in table.others:
        other.withdraw()
        kept, other.prefixes = other.prefixes, []
        try:
            table.settles()
        finally:
            other.prefixes = kept
        other.announce()
        table.settles()


def routes_are_told_again_when_asked_for(table):
    """A refresh changes nothing for anybody, and is answered: tshark counts the messages."""
    before = {other.name: other.received() for other in table.others}
    for other in table.others:
        other.refresh()
    time.sleep(1)
    table.settles()
    for other in table.others:
        check(other.received() == before[other.name], f'{other.name} holds something else now')


def a_neighbor_that_dies_takes_its_routes_with_it(table):
    other = table.others[-1]
    other.kill()
    table.settles(absent=(other.name,))
    other.start()
    table.settles()


def it_stops_in_peace(table):
    """SIGTERM: every session ends with a Cease, and the status is 0."""
    table.hub.process.terminate()
    check(eventually(lambda: table.hub.process.poll() is not None, PATIENCE), 'it does not stop')
    check(table.hub.process.returncode == 0,
          f'status {table.hub.process.returncode}: {table.hub.said()}')
    for other in table.others:
        check(eventually(lambda: not other.received(), PATIENCE), f'{other.name} keeps routes')


def the_limit_ends_the_session_as_at_aws(table):
    """More prefixes than the limit: Cease 6/1, and nobody else notices."""
    other = table.one('bird') or table.others[0]
    table.hub.limits[other.name] = 'received: 1'
    table.hub.start()
    table.settles(absent=(other.name,))
    if table.has_tshark:
        ceases = 'bgp.notify.major_error == 6 && bgp.notify.minor_error_cease == 1'
        path = table.rig.dir / f'{other.name}.pcap'
        check(eventually(lambda: 'NOTIFICATION' in command('tshark', '-r', path, '-Y', ceases),
                         PATIENCE), f'no Cease 6/1 in {path.name}: {table.hub.said()}')


def everything_was_understood_by_tshark(table):
    if not table.has_tshark:
        return 'tshark and tcpdump are needed'
    time.sleep(0.5)
    for path in table.hub.captures:
        bad = command('tshark', '-r', path, '-Y', 'bgp && (_ws.malformed || '
                      '_ws.expert.severity >= 0x00600000)', seconds=120)
        bad = [line for line in bad.splitlines() if 'Running as user' not in line]
        check(not bad, f'{path.name}: {bad[:3]}')
        kinds = command('tshark', '-r', path, '-Y', 'bgp', '-T', 'fields', '-e', 'bgp.type',
                        seconds=120)
        kinds = {kind for line in kinds.splitlines() for kind in line.split(',')}
        check({'1', '2', '4'} <= kinds, f'{path.name} has messages of the types {kinds} only')
    return None


def all_come_up(table):
    table.start()
    eventually(lambda: all(other.received() for other in table.others), PATIENCE)


TESTS = (all_come_up, every_route_arrives, every_withdrawal_arrives,
         routes_are_told_again_when_asked_for, a_neighbor_that_dies_takes_its_routes_with_it,
         it_stops_in_peace,
         the_limit_ends_the_session_as_at_aws, everything_was_understood_by_tshark)


def run(table, tests):
    failures = 0
    for number, test in enumerate(tests, 1):
        try:
            skipped = test(table)
            print(f'ok {number} - {test.__name__}' + (f' # SKIP {skipped}' if skipped else ''))
        except (Failed, RuntimeError, OSError, KeyError, TypeError, ValueError) as failed:
            failures += 1
            print('\n'.join(f'# {line}' for line in f'{failed!r}'.split('\\n')))
            print(f'not ok {number} - {test.__name__}')
        sys.stdout.flush()
    print(f'1..{len(tests)}')
    return 1 if failures else 0


def main(tests, **which):
    (program,), wanted = files('sekishod')
    tests = choose(tests, wanted)
    try:
        table = Table(pathlib.Path(program), **which)
    except Unable as unable:
        print(f'ok 1 - routers of other houses # SKIP {unable}\n1..1')
        return 0
    for name in table.missing:
        print(f'# not installed, so left out: {name}')
    try:
        return run(table, tests)
    finally:
        table.rig.close()


if __name__ == '__main__':
    sys.exit(main(TESTS))
