#!/usr/bin/env python3
"""BGP over IPv6 with routers of other houses, as at AWS: a session exchanges IPv6's routes alone.

    six.py SEKISHOD [TEST ...]

BIRD and FRR are at Direct Connects, each with a session over IPv4 and one over IPv6, with MD5 keys
of their own and BFD over both; BIRD asks for GTSM, FRR's packets have a TTL of 1 (its 8.4 asks for
no BFD where it has GTSM). The others are at connections whose tunnels have IPv6 inside and nothing
else.
"""
import signal
import sys
import time

sys.dont_write_bytecode = True

import neighbors
from interop import (Hub, PATIENCE, check, every_route_arrives, every_withdrawal_arrives,
                     everything_was_understood_by_tshark, it_stops_in_peace, main)
from neighbors import HUB_AS, KEY
from rig import command, eventually

KEY_SIX = 'another-one'


class Bird(neighbors.Bird):
    bfd = True
    sessions = ('hub', 'hub6')

    def session(self, extra):
        def one(name, own, hub, key, family):
            return f'''protocol bgp {name} {{
  local {own} as {self.asn};
  neighbor {hub} as {HUB_AS};
  password "{key}";
  connect delay time 1; connect retry time 2; error wait time 1, 4;
  ttl security on;
  {extra}
  {family} {{ import all; export where source = RTS_STATIC; }};
}}
'''
        return (one('hub', self.own, self.hub, KEY, 'ipv4') +
                one('hub6', self.own6, self.hub6, KEY_SIX, 'ipv6'))


class Frr(neighbors.Frr):
    bfd = True

    def config(self, extra=''):
        def lines(hub, key):
            return f''' neighbor {hub} remote-as {HUB_AS}
 neighbor {hub} password {key}
 neighbor {hub} timers connect 2
 neighbor {hub} advertisement-interval 0
 neighbor {hub} bfd'''

        def networks(six):
            return '\n'.join(f'  network {prefix} route-map mark' for prefix in self.prefixes
                             if (':' in prefix) == six)
        return f'''hostname frr
log file {self.dir}/bgpd.log
router bgp {self.asn}
 bgp router-id {self.router_id}
 no bgp ebgp-requires-policy
 no bgp network import-check
{lines(self.hub, KEY)}
{lines(self.hub6, KEY_SIX)}
 address-family ipv4 unicast
{networks(False)}
  neighbor {self.hub} soft-reconfiguration inbound
  no neighbor {self.hub6} activate
 exit-address-family
 address-family ipv6 unicast
{networks(True)}
  neighbor {self.hub6} activate
  neighbor {self.hub6} soft-reconfiguration inbound
 exit-address-family
!
route-map mark permit 10
 set community {self.community}
 set large-community {self.large}
!
'''


def inside_is_ipv6(kind):
    """The same router, whose only session is over IPv6."""
    class Only(kind):
        six_only = True

        def __init__(self, rig, number):
            super().__init__(rig, number)
            self.hub, self.own = self.hub6, self.own6
            self.prefixes = [prefix for prefix in self.prefixes if ':' in prefix]
    Only.__name__ = kind.__name__
    return Only


KINDS = (Bird, Frr, *map(inside_is_ipv6, (neighbors.Openbgpd, neighbors.Gobgp, neighbors.Exabgp)))


class SixHub(Hub):
    def connection(self, other):
        return '' if not other.six_only else f'''  - id: vpn-{other.name}
    vpn_gateway: vgw-hub
    customer_gateway: cgw-{other.name}
    ipsec: none
    bgp: {{md5_file: {self.rig.dir}/{other.name}.key}}
    tunnels:
      - {{outside: 203.0.113.{other.number},
         inside: {{vgw: "{other.hub6}", cgw: "{other.own6}"}}}}
'''

    def direct(self, other):
        key = self.rig.dir / f'{other.name}.key'
        second = self.rig.dir / f'{other.name}.key6'
        second.write_text(KEY_SIX + '\n')
        second.chmod(0o600)
        hops = 'ttl_security: 1, ' if other.name == 'bird' else ''
        return f'''  - id: dx-{other.name}
    vpn_gateway: vgw-hub
    router: {other.name}
    inside: {{vgw: {other.hub}, peer: {other.own}}}
    ipv6_session: {{vgw: "{other.hub6}", peer: "{other.own6}", md5_file: {second}}}
    bgp: {{{hops}md5_file: {key}, bfd: {{}}}}
'''

    def write(self):
        super().write()
        dual = [other for other in self.others if not other.six_only]
        with self.file.open('a') as file:
            file.write('direct_connects:\n' + ''.join(self.direct(other) for other in dual))
            file.write('routers:\n' + ''.join(
                f'  - {{id: {other.name}, platform: unknown, bgp: {{asn: {other.asn}}}}}\n'
                for other in dual))

    def sessions(self, name):
        """By its name, whatever is known of it; those that the gateway has not told of yet lack."""
        wanted = (f'dx-{name}', f'dx-{name}/ipv6', f'vpn-{name}/1')
        return {row['neighbor']: row for row in self.ask('neighbors').get('neighbors', [])
                if row['neighbor'] in wanted}


def all_come_up(table):
    """Every session over its own family: none is in the place of another."""
    table.start()
    for other in table.others:
        names = ({f'vpn-{other.name}/1'} if other.six_only
                 else {f'dx-{other.name}', f'dx-{other.name}/ipv6'})
        check(eventually(lambda: {name for name, row in table.hub.sessions(other.name).items()
                                  if row['state'] == 'Established'} == names, PATIENCE),
              f'{other.name}: {table.hub.sessions(other.name)}; {table.hub.said()}')
        for name, row in table.hub.sessions(other.name).items():
            six = name.endswith('/ipv6') or other.six_only
            check(row['address'] == (other.own6 if six else other.own), f'{name}: {row}')


def bfd_is_up(table, name):
    rows = table.hub.sessions(name)
    return len(rows) == 2 and all((row.get('bfd') or {}).get('state') == 'Up' and
                                  row['state'] == 'Established' for row in rows.values())


def duals(table):
    return [other for other in table.others if not other.six_only]


def bfd_comes_up_over_both(table):
    for other in duals(table):
        check(eventually(lambda: bfd_is_up(table, other.name), PATIENCE),
              f'{table.hub.sessions(other.name)}; {table.hub.said()}')
        for name, row in table.hub.sessions(other.name).items():
            check(row['bfd']['discarded'] == 0, f'{name}: {row["bfd"]}')
    bird, frr = table.one('bird'), table.one('frr')
    if bird:
        check(eventually(lambda: bird.ask('show', 'bfd', 'sessions').count(' Up ') == 2,
                         PATIENCE), bird.ask('show', 'bfd', 'sessions'))
    if frr:
        check(eventually(lambda: frr.ask('show bfd peers json', daemon='bfdd').count(
            '"status":"up"') == 2, PATIENCE), frr.ask('show bfd peers json', daemon='bfdd'))


def who_falls_silent_is_missed_over_both(table):
    """The hold time is 90 s: what ends sooner was missed by BFD."""
    other = duals(table)[0]
    processes = [other.process, *getattr(other, 'others', [])]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        check(eventually(lambda: all(row['state'] != 'Established' for row in
                                     table.hub.sessions(other.name).values()), PATIENCE, 0.02),
              f'{other.name} is not missed: {table.hub.said()}')
        for name, row in table.hub.sessions(other.name).items():
            check(row['last_down']['reason'] == 'bfd-down', f'{name}: {row["last_down"]}')
        table.settles(absent=(other.name,))
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)
    check(eventually(lambda: bfd_is_up(table, other.name), PATIENCE),
          f'{table.hub.sessions(other.name)}; {table.hub.said()}')
    table.settles()


def every_packet_came_from_next_door(table):
    """Hop limits: 255 with GTSM and of BFD (RFC 5881 5), 1 from and to a Direct Connect besides."""
    if not table.has_tshark:
        return 'tshark and tcpdump are needed'
    time.sleep(0.5)
    for other in duals(table):
        path = table.rig.dir / f'{other.name}.pcap'
        hops = 255 if other.name == 'bird' else 1
        wrong = (f'(tcp.port == 179 && tcp.len > 0 && ipv6.src == {other.hub6} && '
                 f'ipv6.hlim != {hops}) || (bfd && ipv6.src == {other.hub6} && '
                 '(ipv6.hlim != 255 || _ws.malformed))')
        said = command('tshark', '-r', path, '-Y', wrong, seconds=120).splitlines()
        bad = [line for line in said if 'Running as user' not in line]
        check(not bad, f'{path.name}: {bad[:3]}')
        for kind in ('bgp', 'bfd'):
            there = command('tshark', '-r', path, '-c', '400', '-Y',
                            f'{kind} && ipv6.src == {other.hub6}', seconds=120)
            check(len(there.splitlines()) > 1, f'{path.name} has no {kind} over IPv6')
    return None


TESTS = (all_come_up, every_route_arrives, every_withdrawal_arrives, bfd_comes_up_over_both,
         who_falls_silent_is_missed_over_both, it_stops_in_peace,
         every_packet_came_from_next_door, everything_was_understood_by_tshark)

if __name__ == '__main__':
    sys.exit(main(TESTS, kinds=KINDS, least=1, hub=SixHub))
