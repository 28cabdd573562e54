#!/usr/bin/env python3
"""A tunnel with IPv6 inside and nothing else, as AWS's TunnelInsideIpVersion ipv6 has it.

    six_tunnels.py SEKISHOD SEKISHO [TEST ...]

    site1 --- inet --- outer          strongSwan and BIRD; sekishod makes the other end

BGP is over IPv6, the gateway's kernel has the site's route with a next hop of IPv6, and packets go
both ways.
"""
import sys

sys.dont_write_bytecode = True

import tap
import tunnels
from interop import check
from rig import PLANE, command, eventually
from site_ends import Site

PATIENCE = 90.0
KEY = 'sEcr3t.six_66'
LAN = '2001:db8:20:1::'

BIRD = '''log stderr all;
router id 10.0.0.1;
protocol device {{}}
protocol direct {{ ipv6; interface "lan*"; }}
protocol kernel {{ ipv6 {{ import none; export where source = RTS_BGP; }}; metric 2000; }}
protocol bgp hub {{
  local {inside} as {asn};
  neighbor {hub} as {hub_as};
  connect delay time 1; connect retry time 2; error wait time 1, 4;
  ipv6 {{ import all; export where source = RTS_DEVICE; }};
}}
'''


class SixSite(Site):
    def swanctl_text(self):
        return super().swanctl_text().replace('0.0.0.0/0', '::/0')

    def load(self):
        self.ip('addr', 'replace', f'{self.inside}/126', 'dev', 'ipsec0', 'nodad')
        self.ip('link', 'set', 'ipsec0', 'mtu', '1400', 'up')
        self.swanctl('--load-all')

    def bird_text(self):
        return BIRD.format(inside=self.inside, hub=self.hub, asn=self.asn, hub_as=self.hub_as)


class Table(tunnels.Table):
    def build(self):
        for name in ('inet', 'outer', 'site1', 'lan'):
            self.rig.space(name)
        self.pair('inet', 'outer', 'outer', 'eth0', '203.0.112.1/24', '203.0.112.2/24')
        self.ip('outer', 'route', 'add', 'default', 'via', '203.0.112.1')
        self.ip('inet', 'route', 'add', '203.0.113.0/24', 'via', '203.0.112.2')
        self.set('inet', 'net.ipv4.ip_forward=1')
        self.pair('inet', 'site1', 'site1', 'eth0', '198.51.101.1/24', '198.51.101.10/24')
        self.ip('site1', 'route', 'add', 'default', 'via', '198.51.101.1')
        self.pair('site1', 'lan', 'lan0', 'eth0', '10.20.1.1/24', '10.20.1.2/24')
        self.ip('site1', 'addr', 'add', f'{LAN}1/64', 'dev', 'lan0', 'nodad')
        self.sites.append(SixSite(self.rig, 'site1', '198.51.101.10', '203.0.113.1', 'fd00:1::2',
                                  'fd00:1::1', KEY, f'{LAN}/64'))

    def write(self, changed='', options='{}'):
        self.file.write_text(f'''vpn_gateways:
  - {{id: {self.gateway}, asn: 64512, platform: sekisho, plane: {PLANE}}}
customer_gateways:
  - {{id: cgw-1, asn: 65001, address: 198.51.101.10}}
vpn_connections:
  - id: vpn-1
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-1
    dpd: {{delay: 4s, retries: 3, interval: 4s}}
    tunnels:
      - {{outside: 203.0.113.1, inside: {{vgw: "fd00:1::1", cgw: "fd00:1::2"}}, psk: {KEY}}}
''')
        self.file.chmod(0o600)

    def session(self):
        return {one['neighbor']: one for one in
                self.ask('neighbors').get('neighbors', [])}.get('vpn-1/1', {})

    def route(self):
        """To the site's LAN, where the gateway's packets are."""
        return command('ip', '-n', self.inner, '-6', 'route', 'show', f'{LAN}/64', check=False)

    def answers(self, target):
        told = command('ip', 'netns', 'exec', self.inner, 'ping', '-6', '-q', '-c', '1', '-W', '1',
                       target, check=False)
        return ' 1 received' in told


# -- the tests --

def it_comes_up(table):
    table.write()
    table.start()
    check(eventually(lambda: 'event=ready' in table.said(), PATIENCE), table.said())
    site = table.sites[0]
    site.start_charon()
    check(eventually(site.is_there, PATIENCE), site.said())
    site.load()
    site.start_bird()
    check(eventually(lambda: table.states() == {'vpn-1/1': 'up'}, PATIENCE), table.everything())
    check(eventually(lambda: table.session().get('state') == 'Established', PATIENCE),
          f'{table.session()}; {table.everything()}')
    check((table.session()['local'], table.session()['address']) == ('fd00:1::1', 'fd00:1::2'),
          f'{table.session()}')


def the_device_has_nothing_else(table):
    told = command('ip', '-n', table.inner, '-br', 'addr', 'show', 'dev', 'vpn-1-1')
    own = [word for word in told.split()[2:] if not word.startswith('fe80')]
    check(own == ['fd00:1::1/126'], told)


def its_route_has_a_next_hop_of_ipv6(table):
    check(eventually(lambda: 'via fd00:1::2 dev vpn-1-1' in table.route(), PATIENCE),
          f'{table.route()!r}; {table.everything()}')


def packets_go_both_ways(table):
    check(eventually(lambda: table.answers(f'{LAN}1'), PATIENCE), table.everything())


def the_session_ends_with_its_tunnel(table):
    table.sites[0].charon.terminate()
    check(eventually(lambda: table.states() == {'vpn-1/1': 'down'}, PATIENCE), table.everything())
    check(eventually(lambda: table.session().get('state') != 'Established' and
                     not table.route(), PATIENCE), f'{table.session()}; {table.route()}')


TESTS = (it_comes_up, the_device_has_nothing_else, its_route_has_a_next_hop_of_ipv6,
         packets_go_both_ways, the_session_ends_with_its_tunnel)

if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Table(*PROGRAMS), TESTS, WANTED))
