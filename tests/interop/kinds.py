#!/usr/bin/env python3
"""Kinds of tunnels, each with a site of stock strongSwan and BIRD, through sekishod.

    kinds.py SEKISHOD SEKISHO [TEST ...]

    site1 --- inet --- outer          IKEv1
    site2 ---/ |                      certificates; a dead peer brings about nothing
              nat                     masquerades
               |- site3               IPv6 inside; its key is exchanged
               |- site4, site5        the two tunnels of one connection

What failing over took is printed, and nothing is asked of it: it is the machine's as much as ours.
"""
import os
import pathlib
import re
import signal
import sys
import time

sys.dont_write_bytecode = True

import tap
import tunnels
from interop import check
from rig import PLANE, command, eventually
from site_ends import STRONGSWAN, Site

PATIENCE = 90.0
KEYS = {1: 'sEcr3t.one_11', 3: 'sEcr3t.three_33', 4: 'sEcr3t.four_44', 5: 'sEcr3t.five_55'}
NEW_KEY = 'n3w_sEcr3t.three'
TUNNELS = {1: 'vpn-1/1', 2: 'vpn-2/1', 3: 'vpn-3/1', 4: 'vpn-4/1', 5: 'vpn-4/2'}
FAST = 'delay: 2s, retries: 2, interval: 1s'


class Kind(Site):
    """A site whose files differ in a word or two."""

    def __init__(self, *arguments, identity=None, certified=False, **others):
        super().__init__(*arguments, **others)
        self.identity, self.certified = identity or self.own, certified

    def swanctl_text(self):
        text = super().swanctl_text()
        text = text.replace(f'id = {self.own}', f'id = {self.identity}')
        text = text.replace(f'id-a = {self.own}', f'id-a = {self.identity}')
        if self.ike == 2:
            text = text.replace('_ts = 0.0.0.0/0', '_ts = 0.0.0.0/0, ::/0')
        else:  # what old routers propose; of a set, IKEv1 would propose the first of each kind
            text = text.replace('encap =', 'proposals = aes128-sha1-modp1024\n    encap =')
        if self.certified:
            text = text[:text.index('secrets')]
            text = text.replace('auth = psk', 'auth = pubkey')
            text = text.replace(f'id = {self.gateway}', 'id = "CN=gateway"')
            text = text.replace(f'id = {self.own}', f'id = "CN={self.name}"\n certs = own.pem')
        return text

    def start_charon(self):
        files = 'random nonce openssl pem pkcs1 pkcs8 x509 constraints pubkey'
        conf = STRONGSWAN.format(dir=self.dir).replace('random nonce openssl kdf', files + ' kdf')
        self.write('strongswan.conf', conf.replace('random nonce openssl pem pkcs1', files))
        self.write('swanctl/swanctl.conf', self.swanctl_text())
        self.charon = self.rig.run(self.name, '/usr/sbin/charon-systemd',
                                   environment=self.environment())

    def bird_text(self):
        text = super().bird_text().replace('connect delay', 'bfd on; connect delay')
        return text + 'protocol bfd { interface "ipsec0" { interval 300 ms; multiplier 3; }; }\n'


class Kinds(tunnels.Table):
    """The same underlay, with a translator in it and other sites."""

    def build(self):
        rig = self.rig
        for name in ('inet', 'outer', 'nat', 'lans', *(f'site{n}' for n in TUNNELS)):
            rig.space(name)
        self.pair('inet', 'outer', 'outer', 'eth0', '203.0.112.1/24', '203.0.112.2/24')
        self.ip('outer', 'route', 'add', 'default', 'via', '203.0.112.1')
        self.ip('inet', 'route', 'add', '203.0.113.0/24', 'via', '203.0.112.2')
        self.pair('inet', 'nat', 'nat', 'eth0', '198.51.103.1/24', '198.51.103.10/24')
        self.ip('nat', 'addr', 'add', '198.51.103.11/24', 'dev', 'eth0')
        self.ip('nat', 'route', 'add', 'default', 'via', '198.51.103.1')
        for space in ('inet', 'nat', *(f'site{n}' for n in TUNNELS)):
            self.set(space, 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0',
                     'net.ipv4.conf.default.rp_filter=0')
        rig.exec('nat', 'nft', '-f', '-', text='''table ip nat {
  chain out { type nat hook postrouting priority srcnat;
    ip saddr 192.168.3.0/24 oifname "eth0" snat to 198.51.103.10
    ip saddr { 192.168.4.0/24, 192.168.5.0/24 } oifname "eth0" snat to 198.51.103.11
  }
}
''')
        for number in TUNNELS:
            self.place(number)

    def place(self, number):
        name, behind = f'site{number}', number > 2
        net = f'192.168.{number}' if behind else f'198.51.10{number}'
        self.pair('nat' if behind else 'inet', name, name, 'eth0', f'{net}.1/24', f'{net}.10/24')
        self.ip(name, 'route', 'add', 'default', 'via', f'{net}.1')
        lan = min(number, 4)  # both of the last connection have the same
        self.pair(name, 'lans', 'lan0', name, f'10.20.{lan}.1/24', f'10.21.{number}.2/24')
        self.sites.append(Kind(
            self.rig, name, f'{net}.10', f'203.0.113.{number}', f'169.254.{number}.2',
            f'169.254.{number}.1', KEYS.get(number, ''), f'10.20.{lan}.0/24', asn=65000 + lan,
            ike=1 if number == 1 else 2,
            esp='aes128-sha1-modp1024' if number == 1 else 'default', certified=number == 2,
            identity={3: '198.51.103.10', 4: '198.51.103.11', 5: '198.51.103.11'}.get(number)))

    def site(self, number):
        return self.sites[number - 1]

    def certify(self):
        """An authority, and what it signed for the two ends."""
        where = self.rig.dir
        new = ('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
               '-nodes')
        command(*new, '-x509', '-keyout', where / 'ca.key', '-out', where / 'ca.pem', '-subj',
                '/CN=authority', '-days', '30')
        for name in ('gateway', 'site2'):
            command(*new, '-keyout', where / f'{name}.key', '-out', where / f'{name}.csr', '-subj',
                    f'/CN={name}')
            command('openssl', 'x509', '-req', '-in', where / f'{name}.csr', '-CA',
                    where / 'ca.pem', '-CAkey', where / 'ca.key', '-CAcreateserial', '-days', '30',
                    '-out', where / f'{name}.pem')
        folder = self.site(2).dir / 'swanctl'
        for kind, name, as_name in (('x509', 'site2.pem', 'own.pem'),
                                    ('x509ca', 'ca.pem', 'ca.pem'),
                                    ('private', 'site2.key', 'own.key')):
            (folder / kind).mkdir()
            (folder / kind / as_name).write_bytes((where / name).read_bytes())

    def write(self, bgp='hold: 90s, keepalive: 30s', key=KEYS[3]):
        where = self.rig.dir
        path = where / 'three.key'
        path.write_text(key + '\n')
        path.chmod(0o600)
        inside = lambda n: f'inside: {{vgw: 169.254.{n}.1, cgw: 169.254.{n}.2}}'
        self.file.write_text(f'''vpn_gateways:
  - {{id: {self.gateway}, asn: 64512, platform: sekisho, plane: {PLANE}}}
customer_gateways:
  - {{id: cgw-1, asn: 65001, address: 198.51.101.10}}
  - {{id: cgw-2, asn: 65002, address: 198.51.102.10}}
  - {{id: cgw-3, asn: 65003, address: 198.51.103.10}}
  - {{id: cgw-4, asn: 65004, address: 198.51.103.11}}
vpn_connections:
  - id: vpn-1
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-1
    ike: 1
    dpd: {{{FAST}}}
    tunnels: [{{outside: 203.0.113.1, {inside(1)}, psk: {KEYS[1]}}}]
  - id: vpn-2
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-2
    dpd: {{{FAST}, action: none}}
    tunnels:
      - outside: 203.0.113.2
        {inside(2)}
        certificate: {{file: {where}/gateway.pem, key_file: {where}/gateway.key,
                      authority_file: {where}/ca.pem, peer_id: CN=site2}}
  - id: vpn-3
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-3
    tunnels:
      - {{outside: 203.0.113.3, {inside(3)}, psk_file: {path}, inside_ipv6: "fd00:3::/126"}}
  - id: vpn-4
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-4
    dpd: {{{FAST}}}
    bgp: {{{bgp}}}
    tunnels:
      - {{outside: 203.0.113.4, {inside(4)}, psk: {KEYS[4]}}}
      - {{outside: 203.0.113.5, {inside(5)}, psk: {KEYS[5]}}}
''')
        self.file.chmod(0o600)

    def loaded(self):
        """How many connections our charons have, together."""
        count, pids = 0, tunnels.charons_of(self)
        for path in pathlib.Path('/run/sekishod').glob('sk*/charon.pid'):
            try:
                ours = path.read_text().split()[0] in pids
                count += ours and len((path.parent / 'loaded').read_text().splitlines())
            except (OSError, IndexError):  # not there yet, or somebody else's and gone
                pass
        return count

    def tunnel(self, name):
        return {one['tunnel']: one for one in self.ask('tunnels').get('tunnels', [])}.get(name, {})

    def answers(self, target, count=1):
        told = command('ip', 'netns', 'exec', self.inner, 'ping', '-q', '-c', str(count), '-i',
                       '0.2', '-W', '1', target, check=False)
        found = re.search(r'(\d+) received', told)
        return int(found[1]) if found else 0

    def way(self):
        """Which tunnel the route to the last connection's LAN leads into."""
        told = command('ip', '-n', self.inner, 'route', 'show', '10.20.4.0/24', check=False)
        found = re.search(r'dev vpn-4-(\d)', told)
        return int(found[1]) if found else 0

    def silence(self, number):
        """Nothing goes to or from this tunnel's outside address, and nobody is told."""
        outside = f'203.0.113.{number}'
        self.rig.exec('inet', 'nft', '-f', '-', text=f'''table ip silence {{
  chain both {{ type filter hook forward priority filter;
    ip saddr {outside} drop
    ip daddr {outside} drop
  }}
}}
''')

    def hear_again(self):
        self.rig.exec('inet', 'nft', 'delete', 'table', 'ip', 'silence')


# -- the tests --

def every_kind_comes_up(table):
    table.certify()
    table.write()
    table.start()
    check(eventually(lambda: 'event=ready' in table.said(), PATIENCE), table.said())
    # who asks before the connection is there is refused, and IKEv1 does not ask again
    charons = len(TUNNELS) if PLANE == 'userspace' else 1
    check(eventually(lambda: len(tunnels.charons_of(table)) == charons and
                     table.loaded() == len(TUNNELS), PATIENCE), table.everything())
    for site in table.sites:
        site.start_charon()
    for site in table.sites:
        check(eventually(site.is_there, PATIENCE), f'{site.name}: {site.said()}')
        site.load()
        site.start_bird()
    check(eventually(lambda: table.states() == dict.fromkeys(TUNNELS.values(), 'up'), PATIENCE),
          table.everything())
    check(eventually(lambda: table.tunnel('vpn-1/1').get('ike') == 1, PATIENCE), 'not IKEv1')
    check(eventually(lambda: table.tunnel('vpn-3/1').get('nat_t') is True, PATIENCE), 'no NAT')


def every_kind_carries(table):
    for number in (1, 2, 3, 4):
        check(eventually(lambda n=number: table.answers(f'10.20.{n}.1'), PATIENCE),
              f'10.20.{number}.1: {table.everything()}')


def ipv6_goes_through_the_tunnel(table):
    table.site(3).ip('addr', 'add', 'fd00:3::2/126', 'dev', 'ipsec0', 'nodad')
    check(eventually(lambda: table.answers('fd00:3::2'), PATIENCE), table.everything())


def a_key_is_exchanged_without_a_lost_packet(table):
    charons, count = tunnels.charons_of(table), 40
    before = table.tunnel('vpn-3/1')
    ping = table.rig.run(None, 'ip', 'netns', 'exec', table.inner, 'ping', '-q', '-i', '0.1', '-c',
                         str(count), '-W', '5', '10.20.3.1')
    table.write(key=NEW_KEY)
    os.kill(table.process.pid, signal.SIGHUP)
    ping.wait(60)
    check(f'{count} received' in ping.output.read_text(), ping.output.read_text()[-300:])
    site = table.site(3)
    site.key = NEW_KEY
    site.write('swanctl/swanctl.conf', site.swanctl_text())
    site.swanctl('--load-creds', '--clear')
    site.swanctl('--terminate', '--ike', 'vgw')
    site.swanctl('--initiate', '--child', 't1')
    check(eventually(lambda: table.tunnel('vpn-3/1').get('up_count', 0) > before['up_count'] and
                     table.tunnel('vpn-3/1')['state'] == 'up', PATIENCE), table.everything())
    check(eventually(lambda: table.answers('10.20.3.1'), PATIENCE), table.everything())
    check(tunnels.charons_of(table) == charons, 'a charon was started again')


def fails_over(table, found):
    """The active tunnel falls silent: the other one carries, and counts it."""
    first = table.way()
    other = 3 - first
    check(first, f'no way: {table.everything()}')
    name, spare = f'vpn-4/{first}', f'vpn-4/{other}'
    before = table.tunnel(spare)
    table.silence(3 + first)
    began = time.monotonic()
    try:
        check(eventually(lambda: table.way() == other, PATIENCE, 0.02), table.everything())
        print(f'# {found}: the other tunnel after {time.monotonic() - began:.2f} s')
        check(eventually(lambda: table.answers('10.20.4.1', 3) == 3, PATIENCE), table.everything())
        check(eventually(lambda: table.tunnel(spare)['packets_out'] >=
                         before['packets_out'] + 3, PATIENCE), f'{table.tunnel(spare)}')
        check(table.tunnel(spare)['up_count'] == before['up_count'], 'the other one flapped')
        check(eventually(lambda: table.tunnel(name)['state'] == 'down', PATIENCE),
              table.everything())
        check(table.tunnel(name)['cause'] == 'dead-peer', f'{table.tunnel(name)}')
    finally:
        table.hear_again()
    check(eventually(lambda: table.tunnel(name)['state'] == 'up' and table.way(), PATIENCE),
          table.everything())


def dead_peer_detection_fails_over_unless_it_is_off(table):
    """Which is so of the second site: its charon is killed first, and nothing follows."""
    table.rig.stop(table.site(2).charon, hard=True)
    fails_over(table, 'dead-peer detection')
    check(table.tunnel('vpn-2/1')['state'] == 'up', f'{table.tunnel("vpn-2/1")}')


def bfd_fails_over(table):
    table.write(bgp='hold: 90s, keepalive: 30s, bfd: {}', key=NEW_KEY)
    os.kill(table.process.pid, signal.SIGHUP)
    sites = (table.site(4), table.site(5))
    check(eventually(lambda: all(' Up ' in site.ask_bird('show', 'bfd', 'sessions') and
                                 'Established' in site.ask_bird('show', 'protocols', 'hub')
                                 for site in sites) and table.way(), PATIENCE),
          sites[0].ask_bird('show', 'bfd', 'sessions') + table.everything())
    fails_over(table, 'BFD')


def it_stops(table):
    table.process.terminate()
    check(eventually(lambda: table.process.poll() is not None, PATIENCE), 'it does not stop')
    check(table.process.returncode == 0, f'status {table.process.returncode}: {table.said()}')
    check(eventually(lambda: not tunnels.spaces_of(table), 20), f'{tunnels.spaces_of(table)}')


TESTS = (every_kind_comes_up, every_kind_carries, ipv6_goes_through_the_tunnel,
         a_key_is_exchanged_without_a_lost_packet,
         dead_peer_detection_fails_over_unless_it_is_off, bfd_fails_over, it_stops)


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Kinds(*PROGRAMS), TESTS, WANTED))
