#!/usr/bin/env python3
"""Everything that hangs on one gateway, made by sekishod: a Direct Connect towards BIRD, its VPC
with two subnets and two route tables, another VPC behind a peering, a static VPN.

    attachments.py SEKISHOD SEKISHO [TEST ...]

    dx ---- dxvif-1 (handed over as "dxline")          a1 -- subnet-a  table rtb-a: propagated
    site -- inet -- outer: tunnels                     a2 -- i-a2      table rtb-b: peering only
                                                       b1 -- subnet-b  table rtb-main: peering back
                                                       b2 -- i-b2      table rtb-shut: nothing

TAP on standard output; what the machine does not permit is skipped aloud.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

import tap
from interop import check
from rig import PLANE, Rig, command, eventually
from site_ends import Site

PATIENCE = 60.0
KEY = 'sEcr3t.one_11'
VLAN = 101 if PLANE == 'xfrm' else 0  # 802.1Q where the test brings its kernel

BIRD = '''log stderr all;
router id 169.254.100.2;
protocol device {}
protocol direct { ipv4; interface "lan*"; }
protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
protocol bfd {}
protocol bgp hub {
  local 169.254.100.2 as 65100;
  neighbor 169.254.100.1 as 64512;
  password "dx-secret";
  ttl security on;
  bfd on;
  connect delay time 1; connect retry time 2; error wait time 1, 4;
  ipv4 { import all; export where source = RTS_DEVICE; };
}
'''

NETWORK = '''vpcs:
  - id: vpc-a
    cidrs: [10.10.0.0/16]
    route_tables:
      - {{id: rtb-a, propagate: [{gateway}]}}
      - {{id: rtb-b, routes: [{{prefix: 10.11.0.0/16, target: pcx-ab}}{more}]}}
    subnets:
      - {{id: subnet-a, cidr: 10.10.1.0/24, route_table: rtb-a, interface: port-a}}
      - {{id: subnet-a2, cidr: 10.10.2.0/24, route_table: rtb-b}}
    instances:
      - {{id: i-a1, subnet: subnet-a, address: 10.10.1.10}}
      - {{id: i-a2, subnet: subnet-a2, address: 10.10.2.10}}
  - id: vpc-b
    cidrs: [10.11.0.0/16]
    route_tables:
      - {{id: rtb-main, routes: [{{prefix: 10.10.0.0/16, target: pcx-ab}},
         {{prefix: 10.30.0.0/16, target: pcx-ab}}]}}
      - {{id: rtb-shut}}
    subnets:
      - {{id: subnet-b, cidr: 10.11.1.0/24, route_table: rtb-main}}
      - {{id: subnet-b2, cidr: 10.11.2.0/24, route_table: rtb-shut}}
    instances:
      - {{id: i-b1, subnet: subnet-b, address: 10.11.1.10}}
      - {{id: i-b2, subnet: subnet-b2, address: 10.11.2.10}}
vpc_peerings:
  - {{id: pcx-ab, requester: vpc-a, accepter: vpc-b}}
vpn_gateways:
  - {{id: {gateway}, asn: 64512, platform: sekisho, plane: {plane}, vpc: vpc-a}}
customer_gateways:
  - {{id: cgw-1, asn: 65001, address: 198.51.101.10}}
vpn_connections:
  - id: vpn-1
    vpn_gateway: {gateway}
    customer_gateway: cgw-1
    static_routes: [10.20.1.0/24]
    dpd: {{delay: 4s, retries: 3, interval: 4s}}
    tunnels:
      - {{outside: 203.0.113.1, inside: {{vgw: 169.254.1.1, cgw: 169.254.1.2}}, psk: {key}}}
direct_connects:
  - id: dxvif-1
    vpn_gateway: {gateway}
    router: dx-edge
    interface: {line}{vlan}
    inside: {{vgw: 169.254.100.1, peer: 169.254.100.2}}
    bgp: {{ttl_security: 1, md5_file: {md5}, bfd: {{interval: 300ms, multiplier: 3}}}}
routers:
  - {{id: dx-edge, platform: bird, bgp: {{asn: 65100, announce: [10.30.0.0/16]}}}}
'''


class Table:
    def __init__(self, program, asker):
        tap.need(*tap.TUNNELS)
        self.program, self.asker = program, asker
        self.rig = Rig()
        self.gateway = f'vgw{os.getpid()}'
        self.inner = f'sekisho-{self.gateway}'
        self.vpc = {vpc: f'sekisho@{self.gateway}@{vpc}' for vpc in ('vpc-a', 'vpc-b')}
        self.control = self.rig.dir / 'control'
        self.file = self.rig.dir / 'network.yaml'
        self.process = None
        self.build()

    def build(self):
        for name in ('inet', 'outer', 'site', 'host', 'dx', 'a1', 'a2', 'b1', 'b2'):
            self.rig.space(name)
        self.pair('inet', 'outer', 'outer', 'eth0', '203.0.112.1/24', '203.0.112.2/24')
        self.ip('outer', 'route', 'add', 'default', 'via', '203.0.112.1')
        self.ip('inet', 'route', 'add', '203.0.113.0/24', 'via', '203.0.112.2')
        self.pair('inet', 'site', 'site', 'eth0', '198.51.101.1/24', '198.51.101.10/24')
        self.ip('site', 'route', 'add', 'default', 'via', '198.51.101.1')
        for space in ('inet', 'site', 'dx'):
            self.rig.exec(space, 'sysctl', '-qw', 'net.ipv4.ip_forward=1',
                          'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0')
        self.pair('site', 'host', 'lan0', 'eth0', '10.20.1.1/24', '10.20.1.2/24')
        self.ip('host', 'route', 'add', 'default', 'via', '10.20.1.1')
        self.plug_in()
        self.ip('dx', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0-end')
        self.ip('dx', 'addr', 'add', '10.30.0.1/16', 'dev', 'lan0')
        for device in ('lan0', 'lan0-end'):
            self.ip('dx', 'link', 'set', device, 'up')
        for name, device, net in (('a1', 'port-a', '10.10.1'), ('a2', 'i-a2', '10.10.2'),
                                  ('b1', 'subnet-b', '10.11.1'), ('b2', 'i-b2', '10.11.2')):
            self.pair('outer', name, device, 'eth0', None, f'{net}.10/24')
            self.ip(name, 'route', 'add', 'default', 'via', f'{net}.1')
        self.site = Site(self.rig, 'site', '198.51.101.10', '203.0.113.1', '169.254.1.2',
                         '169.254.1.1', KEY, '10.20.1.0/24')

    def pair(self, one, other, port, peer, address, other_address):
        one, other = self.rig.name_of(one), self.rig.name_of(other)
        command('ip', '-n', one, 'link', 'add', port, 'type', 'veth', 'peer', 'name', peer,
                'netns', other)
        for space, name, addr in ((one, port, address), (other, peer, other_address)):
            if addr:
                command('ip', '-n', space, 'addr', 'add', addr, 'dev', name)
            command('ip', '-n', space, 'link', 'set', name, 'up', check=False)  # or taken already

    def plug_in(self):
        """The line of the Direct Connect, whose far end tags what it sends where we do."""
        far = '169.254.100.2/30'
        self.pair('outer', 'dx', 'dxline', 'eth0', None, None if VLAN else far)
        if VLAN:
            self.ip('dx', 'link', 'add', 'link', 'eth0', 'name', 'eth0.tag', 'type', 'vlan', 'id',
                    str(VLAN))
            self.ip('dx', 'addr', 'add', far, 'dev', 'eth0.tag')
            self.ip('dx', 'link', 'set', 'eth0.tag', 'up')

    def ip(self, space, *words, check=True):
        return self.rig.exec(space, 'ip', *words, check=check)

    def last_words(self):
        return '\n'.join(self.process.output.read_text().splitlines()[-30:]) if self.process else ''

    def close(self):
        self.rig.close()
        for space in command('ip', 'netns', 'list').split():
            if self.gateway in space:
                command('ip', 'netns', 'del', space, check=False)

    # -- the gateway --

    def write(self, line='dxline', more=''):
        md5 = self.rig.dir / 'md5.key'
        md5.write_text('dx-secret\n')
        md5.chmod(0o600)
        self.file.write_text(NETWORK.format(gateway=self.gateway, key=KEY, line=line, md5=md5,
                                            plane=PLANE, more=more,
                                            vlan=f'\n    vlan: {VLAN}' if VLAN else ''))
        self.file.chmod(0o600)

    def words(self):
        return (self.program, '--network', self.file, '--gateway', self.gateway, '--control',
                self.control, '--outer', self.rig.name_of('outer'), '--journal',
                self.rig.dir / 'journal')

    def start(self):
        self.process = self.rig.run(None, *self.words())

    def refused(self):
        """How it ends that cannot begin."""
        done = subprocess.run([str(word) for word in self.words()], capture_output=True, text=True,
                              timeout=60, check=False)
        return done.returncode, done.stderr.strip()

    def ask(self, what):
        told = command(self.asker, 'show', '--control', self.control, '--json', what, check=False)
        try:
            return json.loads(told)
        except ValueError:
            return {}

    def states(self):
        rows = self.ask('attachments').get('attachments', [])
        return {row['attachment']: row.get('state') for row in rows}

    def vpc_routes(self):
        rows = self.ask('fib').get('vpcs', [])
        return {row['vpc']: (row['wanted'], row['installed']) for row in rows}

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        return self.process.returncode

    # -- who reaches whom --

    def answers(self, source, target, count=2):
        told = self.rig.exec(source, 'ping', '-q', '-I', ADDRESSES[source], '-c', str(count), '-i',
                             '0.2', '-W', '1', target, check=False)
        found = re.search(r'(\d+) received', told)
        return int(found[1]) if found else 0

    def reaches(self, source, target):
        return bool(eventually(lambda: self.answers(source, target, 1), PATIENCE))

    def start_others(self):
        path = self.rig.dir / 'dx.conf'
        path.write_text(BIRD)
        self.rig.run('dx', 'bird', '-f', '-c', path, '-s', self.rig.dir / 'dx.ctl')
        self.site.start_charon()
        check(eventually(self.site.is_there, PATIENCE), 'the site has no charon')
        self.site.load()
        for net in ('10.10.0.0/16', '10.11.0.0/16', '10.30.0.0/16'):
            self.site.ip('route', 'add', net, 'dev', 'ipsec0')
        check(eventually(self.is_tunnel_up, PATIENCE), f"{self.ask('tunnels')}")

    def is_tunnel_up(self):
        """A site that knocked before the gateway knew it is told so, and knocks no more."""
        if self.states().get('vpn-1') == 'up':
            return True
        self.site.swanctl('--initiate', '--child', 't1', '--timeout', '5', check=False)
        return False


ADDRESSES = {'a1': '10.10.1.10', 'a2': '10.10.2.10', 'b1': '10.11.1.10', 'b2': '10.11.2.10',
             'dx': '10.30.0.1', 'host': '10.20.1.2'}

# Both ways, since an answer must come back: a1's table has what is propagated and no peering, a2's
# the peering and nothing that is propagated; b1's the way back to vpc-a and, in vain, to the Direct
# Connect; b2's is empty.
REACH = {('a1', 'a2'), ('b1', 'b2'), ('a2', 'b1'), ('a1', 'dx'), ('a1', 'host'), ('dx', 'host')}


def every_pair(table):
    names = sorted(ADDRESSES)
    pairs = [(one, other) for one in names for other in names if one != other]
    for one, other in pairs:
        if (one, other) in REACH or (other, one) in REACH:
            check(table.reaches(one, ADDRESSES[other]), f'{one} does not reach {other}')
    for one, other in pairs:
        if (one, other) not in REACH and (other, one) not in REACH:
            check(table.answers(one, ADDRESSES[other], 1) == 0, f'{one} reaches {other}')


def all_of_it_comes_up(table):
    table.write()
    table.start()
    table.start_others()
    wanted = {'dxvif-1', 'vpc-a', 'vpc-b', 'pcx-ab', 'subnet-a', 'i-a2', 'subnet-b', 'i-b2',
              'vpn-1'}
    check(eventually(lambda: {name for name, state in table.states().items()
                              if state == 'up'} >= wanted, PATIENCE), f'{table.states()}')
    row = next(row for row in table.ask('attachments')['attachments']
               if row['attachment'] == 'dxvif-1')
    check(row['device'] == 'dxvif-1', f'{row}')
    check(eventually(lambda: table.vpc_routes() == {'vpc-a': (3, 3), 'vpc-b': (2, 2)}, PATIENCE),
          f'{table.vpc_routes()}')


def who_shall_reach_whom_does_and_nobody_else(table):
    every_pair(table)


def a_killed_gateway_loses_no_packet(table):
    pings = table.rig.run('a1', 'ping', '-q', '-i', '0.1', '-c', '60', '-W', '2', '10.20.1.2')
    table.process.kill()
    table.process.wait()
    table.start()
    pings.wait(60)
    told = pings.output.read_text()
    check(re.search(r'60 received', told), told)
    check(eventually(lambda: table.states().get('dxvif-1') == 'up', PATIENCE), 'dxvif-1 is down')
    check(table.reaches('a1', '10.30.0.1'), 'the Direct Connect does not come back')


def what_is_removed_comes_back(table):
    space = table.vpc['vpc-a']
    command('ip', '-n', space, 'route', 'flush', 'table', '1002', 'proto', '116')
    check(table.reaches('a1', '10.30.0.1'), 'a route did not come back')
    command('ip', '-n', space, 'link', 'del', 'pcx-ab')
    check(table.reaches('a2', '10.11.1.10'), 'the peering did not come back')
    table.ip('dx', 'link', 'del', 'eth0')
    check(eventually(lambda: table.states().get('dxvif-1') == 'down', PATIENCE), 'dxvif-1 is up')
    check(table.answers('a1', '10.30.0.1', 1) == 0, 'a1 reaches dx')
    table.plug_in()
    check(table.reaches('a1', '10.30.0.1'), 'the Direct Connect did not come back')


def a_reload_touches_only_what_changed(table):
    """An instance that nothing was plugged in for gets a device of its own; nothing else ends."""
    def indices():
        told = json.loads(command('ip', '-n', table.vpc['vpc-a'], '-j', 'link'))
        told += json.loads(command('ip', '-n', table.inner, '-j', 'link'))
        return {link['ifname']: link['ifindex'] for link in told}
    before = indices()
    table.pair('outer', 'b1', 'spare', 'eth9', None, '10.11.1.10/24')
    table.file.write_text(table.file.read_text().replace(
        'subnet: subnet-b, address: 10.11.1.10', 'subnet: subnet-b, address: 10.11.1.10, '
        'interface: spare'))
    os.kill(table.process.pid, signal.SIGHUP)
    check(eventually(lambda: table.states().get('i-b1') == 'up', PATIENCE), f'{table.states()}')
    check(indices() == before, f'{before} and {indices()}')
    table.write()
    os.kill(table.process.pid, signal.SIGHUP)
    check(eventually(lambda: 'spare' in table.ip('outer', '-br', 'link'), PATIENCE), 'not back')
    check(indices() == before, f'{before} and {indices()}')
    check(table.reaches('a2', '10.11.1.10'), 'a2 does not reach b1')


def nothing_is_left(table):
    check(table.stop() == 0, 'it did not end well')
    left = command('ip', 'netns', 'list')
    check(table.gateway not in left, left)
    outer = table.ip('outer', '-br', 'link')
    for device in ('dxline', 'port-a', 'i-a2', 'subnet-b', 'i-b2'):
        check(device in outer, f'{device} did not come back: {outer}')
    check_unlocked(table)


def check_unlocked(table):
    lock = pathlib.Path('/run/sekishod', table.gateway + '.lock')
    check(eventually(lambda: not lock.exists(), PATIENCE), f'{lock} is left')


def what_cannot_be_is_one_sentence(table):
    table.write(line='eth77')
    status, said = table.refused()
    check(status == 3, f'{status}: {said}')
    wanted = 'error: dxvif-1: there is no interface called eth77 in the outer namespace'
    check(said.endswith(wanted), said)
    check(table.gateway not in command('ip', 'netns', 'list'), 'something is left')
    check_unlocked(table)


TESTS = [all_of_it_comes_up, who_shall_reach_whom_does_and_nobody_else,
         a_killed_gateway_loses_no_packet, what_is_removed_comes_back,
         a_reload_touches_only_what_changed, nothing_is_left,
         what_cannot_be_is_one_sentence]


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Table(*PROGRAMS), TESTS, WANTED))
