#!/usr/bin/env python3
"""sekishod as a customer gateway that lives together with its machine, in network namespaces.

    customer.py SEKISHOD SEKISHO [TEST ...]

    host --- customer --- inet --- outer        a sekishod VGW, with tunnels 1 and 2 of vpn-1
                            |----- stock1       strongSwan and FRR as a VGW, IKEv1: vpn-2
                            |----- stock2       the same, IKEv2: vpn-3
                            `----- branch       a site of the VGW's, which announces what it should
                                                not: a default, halves, the endpoints themselves

The customer's tunnels, its LAN and its way out are in one namespace and one main table: nothing but
the pins keeps a tunnel's packets out of the tunnels. The stock gateways have BIRD where there is no
FRR, which is said; the branch has BIRD always.

TAP on standard output; what the machine does not permit is skipped aloud.
"""
import json
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import keys
import tap
from interop import Failed, check
from rig import PLANE, Rig, command, eventually
from site_ends import FrrSite, Site
from tunnels import called

PATIENCE = 90.0
HOLD = 6
KEYS = ('sEcr3t.one_11', 'sEcr3t.two_22', 'sEcr3t.three_33', 'sEcr3t.four_44', 'sEcr3t.five_55')
PRIVATE = '198.51.101.77'
TRAPS = ('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '203.0.113.0/24', '203.0.113.1/32',
         '203.0.113.2/32')


class Table:
    def __init__(self, program, asker):
        tap.need(*tap.TUNNELS)
        self.program, self.asker = program, asker
        self.rig = Rig()
        self.vgw, self.cgw = f'vgw{os.getpid()}', f'cgw{os.getpid()}'
        self.file = self.rig.dir / 'network.yaml'
        self.gateway = self.customer = None
        self.sites = {}
        self.before = ''
        self.build()

    def build(self):
        rig = self.rig
        for name in ('inet', 'outer', 'customer', 'host', 'branch', 'stock1', 'stock2'):
            rig.space(name)
        for space in ('inet', 'branch', 'stock1', 'stock2'):
            rig.exec(space, 'sysctl', '-qw', 'net.ipv4.ip_forward=1',
                     'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0')
        for name, net in (('outer', '203.0.112'), ('customer', '198.51.101'),
                          ('branch', '198.51.102'), ('stock1', '198.51.103'),
                          ('stock2', '198.51.104')):
            self.pair('inet', name, name, 'eth0', f'{net}.1/24', f'{net}.10/24')
            self.ip(name, 'route', 'add', 'default', 'via', f'{net}.1', 'metric', '100')
        self.ip('inet', 'route', 'add', '203.0.113.0/24', 'via', '203.0.112.10')
        self.ip('inet', 'addr', 'add', '198.51.101.254/24', 'dev', 'customer')
        self.pair('customer', 'host', 'lan0', 'eth0', '10.20.1.1/24', '10.20.1.2/24')
        self.ip('host', 'route', 'add', 'default', 'via', '10.20.1.1')
        for number, name in ((4, 'branch'), (5, 'stock1'), (6, 'stock2')):
            self.pair(name, 'host', 'lan0', name, f'10.{number}0.0.1/24', f'10.{number}0.0.2/24')
        self.sites['branch'] = Site(rig, 'branch', '198.51.102.10', '203.0.113.3', '169.254.3.2',
                                    '169.254.3.1', KEYS[2], '10.40.0.0/24', asn=65002, extra=TRAPS)
        stock = FrrSite if FrrSite.is_installed() else Site
        if stock is Site:
            print('# FRR is missing: the stock gateways have BIRD')
        for number, ike in ((1, 1), (2, 2)):
            net = number + 3
            self.sites[f'stock{number}'] = stock(
                rig, f'stock{number}', f'198.51.10{number + 2}.10', '198.51.101.10',
                f'169.254.{net}.1', f'169.254.{net}.2', KEYS[number + 2], f'10.{net + 1}0.0.0/24',
                asn=64600 + number, hub_as=65001, ike=ike, starts=False,
                # what it is told of the branch's would cut its own tunnel
                imports='where net ~ [10.0.0.0/8+]',
                # IKEv1 has one group in all of quick mode: the initiator's first; libipsec
                # replaces the SAs of a peer whose address became another, and AWS asks for a group
                esp='aes256-sha256-ecp521' if ike == 1 else 'aes256gcm16-ecp521')

    def pair(self, one, other, port, peer, address, other_address):
        one, other = self.rig.name_of(one), self.rig.name_of(other)
        command('ip', '-n', one, 'link', 'add', port, 'type', 'veth', 'peer', 'name', peer,
                'netns', other)
        for space, name, addr in ((one, port, address), (other, peer, other_address)):
            command('ip', '-n', space, 'addr', 'add', addr, 'dev', name)
            command('ip', '-n', space, 'link', 'set', name, 'up')

    def ip(self, space, *words, check=True):
        return self.rig.exec(space, 'ip', *words, check=check)

    # -- the two daemons --

    def write(self):
        session = f'bgp: {{keepalive: 2s, hold: {HOLD}s}}'
        dpd = 'dpd: {delay: 2s, retries: 2, interval: 2s}'
        stock = ''.join(f'''  - id: vpn-{number + 1}
    vpn_gateway: stock{number}
    customer_gateway: {self.cgw}
    ike: {number}
    {session}
    tunnels:
      - {{outside: 198.51.10{number + 2}.10, psk: {KEYS[number + 2]},
         inside: {{vgw: 169.254.{number + 3}.1, cgw: 169.254.{number + 3}.2}}}}
''' for number in (1, 2))
        self.file.write_text(f'''vpn_gateways:
  - {{id: {self.vgw}, asn: 64512, platform: sekisho, plane: {PLANE}}}
  - {{id: stock1, asn: 64601}}
  - {{id: stock2, asn: 64602}}
customer_gateways:
  - {{id: {self.cgw}, asn: 65001, address: 198.51.101.10, router: site}}
  - {{id: cgw-branch, asn: 65002, address: 198.51.102.10}}
vpn_connections:
  - id: vpn-1
    vpn_gateway: {self.vgw}
    customer_gateway: {self.cgw}
    {dpd}
    {session}
    guard: warn
    tunnels:
      - {{outside: 203.0.113.1, inside: {{vgw: 169.254.1.1, cgw: 169.254.1.2}}, psk: {KEYS[0]}}}
      - {{outside: 203.0.113.2, inside: {{vgw: 169.254.2.1, cgw: 169.254.2.2}}, psk: {KEYS[1]}}}
{stock}  - id: vpn-branch
    vpn_gateway: {self.vgw}
    customer_gateway: cgw-branch
    guard: warn
    tunnels:
      - {{outside: 203.0.113.3, inside: {{vgw: 169.254.3.1, cgw: 169.254.3.2}}, psk: {KEYS[2]}}}
routers:
  - {{id: site, platform: sekisho, routes: [], bgp: {{asn: 65001, announce: [10.20.1.0/24]}}}}
''')
        self.file.chmod(0o600)

    def start_gateway(self):
        self.gateway = self.rig.run(None, self.program, '--network', self.file, '--gateway',
                                    self.vgw, '--control', self.rig.dir / 'vgw', '--outer',
                                    self.rig.name_of('outer'), '--journal', 'none')

    def start_customer(self, *more):
        which = () if '--configuration' in more else ('--network', self.file)
        self.customer = self.rig.run(None, self.program, *which,
                                     '--customer-gateway', self.cgw, '--control',
                                     self.rig.dir / 'cgw', '--outer', self.rig.name_of('customer'),
                                     '--plane', PLANE, '--journal', 'none', *more)

    def ask(self, what, who='cgw'):
        told = command(self.asker, 'show', '--control', self.rig.dir / who, '--json', what,
                       check=False)
        try:
            return json.loads(told)
        except ValueError:
            return {}

    def tunnels(self):
        return {one['tunnel']: one for one in self.ask('tunnels').get('tunnels', [])}

    def states(self):
        return {name: one['state'] for name, one in self.tunnels().items()}

    def sessions(self):
        return {one['tunnel']: one['status_message']
                for one in self.ask('telemetry').get('telemetry', [])}

    def until(self, ask, pause=0.1):
        if not eventually(ask, PATIENCE, pause):
            raise Failed(self.everything())

    def answers(self, source, target, *more):
        return 'bytes from' in self.rig.exec(source, 'ping', '-c1', '-W1', *more, target,
                                             check=False)

    def reaches(self, source, target, *more):
        self.until(lambda: self.answers(source, target, *more))

    def route(self, prefix):
        """The devices of the customer's routes to exactly this prefix, in its main table."""
        routes = json.loads(self.ip('customer', '-j', 'route', 'show', prefix, check=False) or '[]')
        return sorted(route.get('dev', '') for route in routes if route.get('dst') == (
            'default' if prefix == '0.0.0.0/0' else prefix.removesuffix('/32')))

    def pins(self):
        """Where each far end's packets go, as the kernel has it: {far: (device, gateway)}."""
        table = [one['table'] for one in json.loads(self.ip('customer', '-j', 'rule'))
                 if one['priority'] == 116]
        if not table:
            return {}
        told = self.ip('customer', '-j', 'route', 'show', 'table', table[0], check=False)
        routes = json.loads(told) if told.startswith('[{') else []
        return {one['dst']: (one.get('dev'), one.get('gateway')) for one in routes}

    def said(self):
        out = self.rig.dir / 'own-sekishod.out'
        return out.read_text()[-6000:] if out.exists() else 'nothing'

    def everything(self):
        parts = [f'sekishod: {self.said()}', f'tunnels: {self.states()}',
                 f'telemetry: {self.sessions()}', f'pins: {self.pins()}',
                 self.ip('customer', 'route', check=False)]
        parts += [f'{site.name}: {site.said()}' for site in self.sites.values()]
        return '\n'.join(parts)

    def close(self):
        for process in (self.customer, self.gateway):
            if process:
                process.terminate()
        for process in (self.customer, self.gateway):
            try:
                process.wait(30)
            except Exception:  # pylint: disable=broad-except
                pass
        self.sweep()
        self.rig.close()

    def spaces(self, who):
        return [line.split()[0] for line in command('ip', 'netns', 'list').splitlines()
                if line.startswith(f'sekisho-{who}')]

    def sweep(self):
        """Whatever sekishod left, in case a test failed: only of this test's gateways."""
        for space in self.spaces(self.vgw) + self.spaces(self.cgw):
            for pid in command('ip', 'netns', 'pids', space, check=False).split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except (ProcessLookupError, ValueError):
                    pass
            command('ip', 'netns', 'del', space, check=False)

    def charons(self):
        """On the kernel's plane one for all tunnels, where its outer packets are."""
        pids, outer = [], [self.rig.name_of('customer')]
        for space in self.spaces(self.cgw) if PLANE == 'userspace' else outer:
            pids += command('ip', 'netns', 'pids', space, check=False).split()
        return sorted(pid for pid in pids if 'charon' in called(pid))


# -- the tests --

FOUR = ('vpn-1/1', 'vpn-1/2', 'vpn-2/1', 'vpn-3/1')


def all_up(table):
    return table.states() == {name: 'up' for name in FOUR}


def sessions_up(table):
    said = table.sessions()
    return all(said.get(name, '').endswith('BGP ROUTES') for name in FOUR)


def branch_is_up(table):
    """Stock strongSwan asks once, maybe before the VGW's own daemon knows of it."""
    states = {one['tunnel']: one['state'] for one in table.ask('tunnels', 'vgw').get('tunnels', [])}
    if states.get('vpn-branch/1') != 'up':
        table.sites['branch'].swanctl('--initiate', '--child', 't1', '--timeout', '5', check=False)
    return states.get('vpn-branch/1') == 'up'


def devices(table):
    return {one['ifname'] for one in json.loads(table.ip('customer', '-j', 'link'))}


def its_tunnels_come_up(table):
    table.write()
    table.before = table.ip('customer', 'route') + table.ip('customer', 'rule')
    table.devices = devices(table)
    table.start_gateway()
    for site in table.sites.values():
        site.start_charon()
    table.start_customer()
    for site in table.sites.values():
        check(eventually(site.is_there, PATIENCE), f'{site.name}: {site.said()}')
        site.load()
        site.start_router()
    table.until(lambda: all_up(table))
    table.until(lambda: branch_is_up(table), 1.0)


def packets_go_through_every_tunnel(table):
    table.until(lambda: sessions_up(table))
    for number in (1, 2, 4, 5):
        table.reaches('customer', f'169.254.{number}.1')
    for target in ('10.40.0.1', '10.50.0.1', '10.60.0.1'):
        table.reaches('host', target)


def keys_are_nowhere_to_be_seen(table):
    """Of neither end: the operator's own files have them, and nothing that we write."""
    found = list(keys.of_processes(KEYS))
    check(not found, f'a key is in the {", ".join(found)}')
    for place in (table.customer.output, table.gateway.output, '/run/sekishod'):
        found = list(keys.in_files(KEYS, place))
        check(not found, f'a key is in {found}')


def one_of_two_is_chosen_for_the_way_out(table):
    """The VGW says MED 100 on the tunnel with the higher outside address."""
    table.until(lambda: table.route('10.40.0.0/24') == ['vpn-1-1'])


def each_far_end_is_pinned(table):
    way = ('eth0', '198.51.101.1')
    check(table.pins() == {far: way for far in ('203.0.113.1', '203.0.113.2', '198.51.103.10',
                                                '198.51.104.10')}, f'{table.pins()}')
    pinned = table.tunnels()['vpn-1/1']['pinned']
    check(pinned == {'to': '203.0.113.1', 'device': 'eth0', 'via': '198.51.101.1'}, f'{pinned}')


def no_route_cuts_the_tunnel_it_came_through(table):
    """T01 and T02: a default, both halves, the VGW's public range, the endpoints themselves."""
    sessions = {one['neighbor']: one['established'] for one in table.ask('neighbors')['neighbors']}
    table.sites['branch'].ask_bird('enable', 'extra')
    for trap in TRAPS:
        table.until(lambda trap=trap: 'vpn-1-1' in table.route(trap))
    ups = {name: one['up_count'] for name, one in table.tunnels().items()}
    end, lost = time.monotonic() + HOLD + 2, 0
    while time.monotonic() < end:
        lost += not table.answers('customer', '169.254.1.1', '-W2')
        time.sleep(0.5)
    check(lost == 0 and all_up(table) and sessions_up(table), f'{lost} pings lost')
    check({name: one['up_count'] for name, one in table.tunnels().items()} == ups, 'a tunnel fell')
    again = {one['neighbor']: one['established'] for one in table.ask('neighbors')['neighbors']}
    check(again == sessions, f'{sessions} {again}')
    versions = lambda: [one['ike'] for one in table.tunnels().values()]
    check(eventually(lambda: versions() == [2, 2, 1, 2], PATIENCE), f'{versions()}')


def the_pins_follow_the_underlay(table):
    """DHCP brings another gateway, while a neighbor announces everything."""
    table.ip('customer', 'route', 'replace', 'default', 'via', '198.51.101.254', 'metric', '100')
    way = ('eth0', '198.51.101.254')
    check(eventually(lambda: set(table.pins().values()) == {way}, PATIENCE), f'{table.pins()}')
    table.ip('inet', 'addr', 'del', '198.51.101.1/24', 'dev', 'customer')
    table.ip('inet', 'addr', 'replace', '198.51.101.254/24', 'dev', 'customer')
    for number in (1, 2, 4, 5):
        table.reaches('customer', f'169.254.{number}.1')
    check(all_up(table), f'{table.states()}')


def without_a_way_it_waits_and_says_so(table):
    table.ip('customer', 'route', 'del', 'default', 'via', '198.51.101.254')
    check(eventually(lambda: set(table.pins().values()) == {(None, None)}, PATIENCE),
          f'{table.pins()}')
    check(eventually(lambda: 'no route leads to 203.0.113.1 but through a tunnel' in table.said(),
                     PATIENCE), table.said())
    check(table.tunnels()['vpn-1/1']['pinned']['device'] is None, f'{table.tunnels()}')
    table.ip('customer', 'route', 'add', 'default', 'via', '198.51.101.254', 'metric', '100')
    table.until(lambda: all_up(table) and table.answers('customer', '169.254.1.1'))


def readdress(table, new, former):
    """As a DHCP client does it: with its last address a device loses its routes."""
    table.ip('customer', 'addr', 'del', f'{former}/24', 'dev', 'eth0')
    table.ip('customer', 'addr', 'add', f'{new}/24', 'dev', 'eth0')
    table.ip('customer', 'route', 'add', 'default', 'via', '198.51.101.254', 'metric', '100')
    table.until(lambda: set(table.pins().values()) == {('eth0', '198.51.101.254')})
    table.until(lambda: all_up(table) and sessions_up(table))
    for number in (1, 2, 4, 5):
        table.reaches('customer', f'169.254.{number}.1')


def another_address_of_its_own_is_followed(table):
    """Behind a translator DHCP gives the customer another address; the public one, by which its
    VGWs know it, stays. Then it is as it was."""
    table.rig.exec('inet', 'nft', '-f', '-', text=f'''table ip translates {{
  chain in {{ type nat hook prerouting priority dstnat
    ip daddr 198.51.101.10 dnat to {PRIVATE}
  }}
  chain out {{ type nat hook postrouting priority srcnat
    ip saddr {PRIVATE} snat to 198.51.101.10
  }}
}}
''')
    readdress(table, PRIVATE, '198.51.101.10')
    table.rig.exec('inet', 'nft', 'delete', 'table', 'ip', 'translates')
    readdress(table, '198.51.101.10', PRIVATE)


def an_upgrade_and_a_crash_lose_no_tunnel(table):
    table.sites['branch'].ask_bird('disable', 'extra')
    table.until(lambda: not table.route('0.0.0.0/1') and
                     table.route('10.40.0.0/24') == ['vpn-1-1'])
    charons = table.charons()
    check(len(charons) == (4 if PLANE == 'userspace' else 1), f'{charons}')
    count = 60
    ping = table.rig.run('host', 'ping', '-q', '-i', '0.1', '-c', str(count), '-W', '2',
                         '10.40.0.1')
    for how in (signal.SIGQUIT, signal.SIGKILL):
        table.customer.send_signal(how)
        check(eventually(lambda: table.customer.poll() is not None, PATIENCE), 'it goes on')
        check(len(table.pins()) == 4, f'{table.pins()}')
        table.start_customer()
        table.until(lambda: all_up(table))
        check(table.charons() == charons, 'a charon was started again')
    ping.wait(60)
    check(f'{count} received' in ping.output.read_text(), ping.output.read_text())
    table.until(lambda: sessions_up(table))


def the_other_tunnel_takes_over(table):
    """The endpoint of the first one falls silent: dead-peer detection, then back again."""
    table.ip('outer', 'route', 'add', 'blackhole', '203.0.113.1/32', 'metric', '0', check=False)
    table.rig.exec('inet', 'ip', 'route', 'add', 'blackhole', '203.0.113.1/32')
    table.until(lambda: table.route('10.40.0.0/24') == ['vpn-1-2'])
    table.reaches('host', '10.40.0.1')
    table.rig.exec('inet', 'ip', 'route', 'del', 'blackhole', '203.0.113.1/32')


def a_clean_stop_leaves_nothing(table):
    pids = table.charons()
    stop(table)
    check(eventually(lambda: not table.spaces(table.cgw), 20), f'left: {table.spaces(table.cgw)}')
    check(not [pid for pid in pids if 'charon' in called(pid)], 'a charon is left')
    now = table.ip('customer', 'route') + table.ip('customer', 'rule')
    check(now.replace('.254', '.1') == table.before, f'{table.before} became {now}')
    check(devices(table) == table.devices, f'{devices(table)}')
    tables = table.rig.exec('customer', 'nft', 'list', 'tables')
    check(table.cgw not in tables, f'left: {tables}')


XML = '''<?xml version="1.0" encoding="UTF-8"?>
<vpn_connection id="vpn-1">
  <customer_gateway_id>{cgw}</customer_gateway_id>
  <vpn_gateway_id>vgw-8db04f81</vpn_gateway_id>
  <vpn_connection_type>ipsec.1</vpn_connection_type>
  {attributes}
{tunnels}</vpn_connection>
'''

XML_TUNNEL = '''  <ipsec_tunnel>
    <customer_gateway>
      <tunnel_outside_address><ip_address>198.51.101.10</ip_address></tunnel_outside_address>
      <tunnel_inside_address><ip_address>169.254.{number}.2</ip_address></tunnel_inside_address>
      <bgp><asn>65001</asn><hold_time>6</hold_time></bgp>
    </customer_gateway>
    <vpn_gateway>
      <tunnel_outside_address><ip_address>{outside}</ip_address></tunnel_outside_address>
      <tunnel_inside_address><ip_address>169.254.{number}.1</ip_address></tunnel_inside_address>
      <bgp><asn>{asn}</asn><hold_time>6</hold_time></bgp>
    </vpn_gateway>
    <ike>{key}</ike>
    <ipsec><dead_peer_detection><interval>1</interval><retries>2</retries></dead_peer_detection>
    </ipsec>
  </ipsec_tunnel>
'''


# (number of the inside /30, outside address, AS, key)
TWO_ENDS = tuple((number, f'203.0.113.{number}', 64512, KEYS[number - 1]) for number in (1, 2))
STOCK_END = ((4, '198.51.103.10', 64601, KEYS[3]),)


def xml(table, name, attributes='', key='<pre_shared_key>{}</pre_shared_key>', ends=TWO_ENDS):
    path = table.rig.dir / name
    path.touch(mode=0o600)
    path.write_text(XML.format(cgw=table.cgw, attributes=attributes, tunnels=''.join(
        XML_TUNNEL.format(number=number, outside=outside, asn=asn, key=key.format(secret))
        for number, outside, asn, secret in ends)))
    return path


def stop(table):
    table.customer.terminate()
    check(eventually(lambda: table.customer.poll() is not None, PATIENCE), 'it does not stop')
    check(table.customer.returncode == 0, f'status {table.customer.returncode}: {table.said()}')


def the_xml_that_aws_gives_is_enough(table):
    table.start_customer('--configuration', xml(table, 'bgp.xml'), '--announce', '10.20.1.0/24')
    table.until(lambda: table.states() == {'vpn-1/1': 'up', 'vpn-1/2': 'up'})
    table.until(lambda: table.route('10.40.0.0/24') == ['vpn-1-1'])
    table.reaches('host', '10.40.0.1')
    stop(table)


def ikev1_by_xml(table):
    """With a stock gateway that takes nothing else; the XML does not say which version it is."""
    path = xml(table, 'stock.xml', ends=STOCK_END)
    table.start_customer('--configuration', path, '--announce', '10.20.1.0/24', '--ike', '1')
    table.until(lambda: table.states() == {'vpn-1/1': 'up'})
    check(eventually(lambda: table.tunnels()['vpn-1/1']['ike'] == 1, PATIENCE),
          f'{table.tunnels()}')
    table.reaches('host', '10.50.0.1')
    stop(table)


def without_bgp_and_with_a_namespace_of_its_own(table):
    """Static routes follow the tunnels, and the machine's table is not touched."""
    path = xml(table, 'static.xml', '<vpn_connection_attributes>NoBGPVPNConnection'
               '</vpn_connection_attributes>')
    table.start_customer('--configuration', path, '--reach', '10.99.0.0/16', '--separate')
    inner = f'sekisho-{table.cgw}'
    table.until(lambda: table.states() == {'vpn-1/1': 'up', 'vpn-1/2': 'up'})
    way = lambda: command('ip', '-n', inner, 'route', 'show', '10.99.0.0/16', check=False)
    table.until(lambda: 'dev vpn-1-1' in way())
    check(not table.pins() and '10.99' not in table.ip('customer', 'route'), table.pins())
    table.rig.exec('inet', 'ip', 'route', 'add', 'blackhole', '203.0.113.1/32')
    table.until(lambda: 'dev vpn-1-2' in way())
    table.rig.exec('inet', 'ip', 'route', 'del', 'blackhole', '203.0.113.1/32')
    stop(table)
    check(not table.spaces(table.cgw), f'left: {table.spaces(table.cgw)}')


def what_is_wrong_is_said(table):
    def run(*words):
        return subprocess.run([table.program, *[str(word) for word in words]],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False)
    ran = run('--network', table.file, '--customer-gateway', 'nobody')
    check(ran.returncode == 2 and 'no customer gateway is called "nobody"' in ran.stdout and
          table.cgw in ran.stdout and 'cgw-branch' in ran.stdout, ran.stdout)
    text = table.file.read_text().replace(f', psk: {KEYS[1]}', '')
    other = table.rig.dir / 'keyless.yaml'
    other.write_text(text)
    ran = run('--network', other, '--customer-gateway', table.cgw, '--check')
    check(ran.returncode == 2 and 'vpn-1/2 has no key' in ran.stdout, ran.stdout)
    ran = run('--configuration', xml(table, 'keyless.xml', key=''))
    check(ran.returncode == 2 and 'tunnel 1 has no pre_shared_key' in ran.stdout, ran.stdout)
    cut = table.rig.dir / 'cut.xml'
    cut.write_text((table.rig.dir / 'bgp.xml').read_text()[:900])
    ran = run('--configuration', cut)
    check(ran.returncode == 2 and 'is not XML' in ran.stdout, ran.stdout)


TESTS = (its_tunnels_come_up, packets_go_through_every_tunnel, keys_are_nowhere_to_be_seen,
         one_of_two_is_chosen_for_the_way_out, each_far_end_is_pinned,
         no_route_cuts_the_tunnel_it_came_through, the_pins_follow_the_underlay,
         without_a_way_it_waits_and_says_so, another_address_of_its_own_is_followed,
         an_upgrade_and_a_crash_lose_no_tunnel,
         the_other_tunnel_takes_over, a_clean_stop_leaves_nothing,
         the_xml_that_aws_gives_is_enough, ikev1_by_xml,
         without_bgp_and_with_a_namespace_of_its_own, what_is_wrong_is_said)


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Table(*PROGRAMS), TESTS, WANTED, first=its_tunnels_come_up))
