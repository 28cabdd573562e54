#!/usr/bin/env python3
"""Ten connections on one gateway: twenty tunnels, ten sites of strongSwan with FRR or BIRD, a
Direct Connect, two VPCs that are peered. Whoever reaches whom in the model does so in the lab, and
nobody else does; an eleventh connection is refused.

    ten.py SEKISHOD SEKISHO [TEST ...]

TAP on standard output; what the machine does not permit is skipped aloud.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import tap
from interop import check
from lab import Lab, eventually, permitted

SITES = 10
ALWAYS = 20.0  # seconds until a ping that must come has come, on a busy machine
PINGERS = 8
TOP = '''vpcs:
  - id: vpc-main
    cidrs: [10.210.0.0/16]
    route_tables:
      - {id: rtb-app, propagate: [vgw], routes: [{prefix: 10.211.0.0/16, target: pcx}]}
      - {id: rtb-alone, routes: [{prefix: 10.211.0.0/16, target: pcx}]}
    subnets:
      - {id: subnet-app, cidr: 10.210.1.0/24, route_table: rtb-app}
      - {id: subnet-alone, cidr: 10.210.2.0/24, route_table: rtb-alone}
    instances:
      - {id: i-app, subnet: subnet-app, address: 10.210.1.10}
      - {id: i-alone, subnet: subnet-alone, address: 10.210.2.10}
  - id: vpc-peer
    cidrs: [10.211.0.0/16]
    route_tables:
      - id: rtb-peer
        routes: [{prefix: 10.210.0.0/16, target: pcx}, {prefix: 10.0.0.0/8, target: pcx}]
    subnets: [{id: subnet-peer, cidr: 10.211.1.0/24, route_table: rtb-peer}]
    instances: [{id: i-peer, subnet: subnet-peer, address: 10.211.1.10}]
vpc_peerings: [{id: pcx, requester: vpc-main, accepter: vpc-peer}]
vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc-main, platform: sekisho}]
direct_connects:
  - {id: dxvif, vpn_gateway: vgw, router: dx, vlan: 101,
     inside: {vgw: 169.254.200.1, peer: 169.254.200.2}}
'''


def file_of(count):
    """The network; every site has an address, two tunnels and a network behind it."""
    sites = range(1, count + 1)
    lines = [TOP + 'customer_gateways:']
    lines += [f'  - {{id: cgw-{i}, asn: {65000 + i}, address: 198.51.100.{i}, router: site-{i}}}'
              for i in sites]
    lines.append('vpn_connections:')
    for i in sites:
        lines.append(f'  - id: vpn-{i}\n    vpn_gateway: vgw\n    customer_gateway: cgw-{i}\n'
                     '    tunnels:')
        lines += [f'      - {{outside: 203.0.113.{2 * i + t}, psk: abcd.{i}_{t}x, inside: '
                  f'{{vgw: 169.254.{i}.{4 * t + 1}, cgw: 169.254.{i}.{4 * t + 2}}}}}'
                  for t in (1, 2)]
    lines.append('routers:\n'
                 '  - {id: dx, platform: bird, bgp: {asn: 64999, announce: [10.100.0.0/16]}}')
    lines += [f'  - {{id: site-{i}, platform: {"bird" if i % 2 else "frr"}, address: '
              f'198.51.100.{i}, bgp: {{asn: {65000 + i}, announce: [10.{i}.0.0/16]}}}}'
              for i in sites]
    return '\n'.join(lines) + '\n'


class Ten:
    def __init__(self, sekishod, sekisho, name):
        self.sekishod, self.sekisho, self.name = sekishod, sekisho, name
        self.folder = tempfile.TemporaryDirectory()
        self.file = self.write(SITES)
        self.lab = Lab(sekishod, sekisho, name, self.file)

    def close(self):
        self.lab.run('down')
        self.folder.cleanup()

    def write(self, count):
        path = pathlib.Path(self.folder.name) / f'{count}.yaml'
        path.write_text(file_of(count))
        path.chmod(0o600)
        return path

    def pings(self, way):
        source, target = way['from'], way['to']
        ran = self.lab.run('exec', source['node'], 'ping', '-q', '-c1', '-W1', '-I',
                           source['address'], target['address'])
        return ran.returncode == 0


# -- tests --

def twenty_tunnels_come_up(ten):
    ran = ten.lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    check(eventually(lambda: ten.lab.status()[0] == 0, 120), f'not well: {ten.lab.status()}')
    said = ten.lab.status()[1]
    check(len(said['tunnels']) == 2 * SITES, f'tunnels: {said["tunnels"]}')
    check(len(said['sessions']) == 2 * SITES + 1, f'sessions: {said["sessions"]}')
    print(f'# note: ten connections: {said["processes"]} processes, '
          f'{said["own_kib"] / 1024:.0f} MiB')


def ways(ten):
    """Every pair both ways, as the model has it: (way, is there an answer)."""
    ran = subprocess.run([ten.sekisho, 'reach', '--json', str(ten.file)], text=True,
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    pairs = json.loads(ran.stdout)['pairs']
    for pair in pairs:
        yield {'from': pair['from'], 'to': pair['to']}, pair['reached']
        yield {'from': pair['to'], 'to': pair['from']}, pair['reached']


def who_reaches_whom_is_as_the_model_has_it(ten):
    expected = list(ways(ten))
    count = SITES + 4  # the instances, and who is behind the Direct Connect
    check(len(expected) == count * (count - 1), f'{len(expected)} ways')
    check(len({answers for _, answers in expected}) == 2, 'the model has one answer for all')
    with concurrent.futures.ThreadPoolExecutor(PINGERS) as pool:
        first = list(pool.map(lambda item: eventually(lambda: ten.pings(item[0]), ALWAYS)
                              if item[1] else ten.pings(item[0]), expected))
    wrong = [f'{way["from"]} to {way["to"]}: {"an answer" if came else "no answer"}'
             for (way, answers), came in zip(expected, first) if bool(came) != answers]
    check(not wrong, '\n'.join(wrong))


def nothing_stays(ten):
    ran = ten.lab.run('down')
    check(ran.returncode == 0, f'down: {ran.stderr}')
    check(not ten.lab.left(), f'left: {ten.lab.left()}')


def an_eleventh_is_refused(ten):
    path = ten.write(SITES + 1)
    ran = subprocess.run([ten.sekishod, '--network', str(path), '--gateway', 'vgw'], text=True,
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    check(ran.returncode == 2, f'status {ran.returncode}: {ran.stderr}')
    check('VpnConnectionLimitExceeded: vgw has 11 VPN connections, and may have 10' in ran.stderr,
          ran.stderr)


TESTS = (twenty_tunnels_come_up, who_reaches_whom_is_as_the_model_has_it, nothing_stays,
         an_eleventh_is_refused)


def main():
    (sekishod, sekisho), wanted = tap.programs()

    def make():
        permitted()
        return Ten(sekishod, sekisho, f'ten{os.getpid()}')
    return tap.tell(make, TESTS, wanted)


if __name__ == '__main__':
    sys.exit(main())
