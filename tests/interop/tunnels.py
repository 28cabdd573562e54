#!/usr/bin/env python3
"""Tunnels that sekishod makes itself, against stock strongSwan and BIRD, in network namespaces.

    tunnels.py SEKISHOD SEKISHO [TEST ...]

    site1 --- inet --- outer          the underlay; sekishod runs in outer
    site2 ---/           |            each site: strongSwan, BIRD, a LAN behind it
                     endpoints        made by sekishod, one for each tunnel
                         |
                       inner          made by sekishod; an instance hangs on it

TAP on standard output; what the machine does not permit is skipped aloud.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import keys
import tap
from interop import check
from rig import PLANE, Rig, command, eventually
from site_ends import Site

PATIENCE = 90.0
KEYS = ('sEcr3t.one_11', 'sEcr3t.two_22')
LANS = ('10.20.0.0/16', '10.20.0.0/16')


class Table:
    End = Site
    Rig = Rig

    def __init__(self, program, asker):
        tap.need(*tap.TUNNELS)
        self.program, self.asker = program, asker
        self.rig = self.Rig()
        self.gateway = f'vgw{os.getpid()}'
        self.inner = f'sekisho-{self.gateway}'
        self.control = self.rig.dir / 'control'
        self.file = self.rig.dir / 'network.yaml'
        self.process = None
        self.sites = []
        self.build()

    # -- the underlay --

    def build(self):
        rig = self.rig
        for name in ('inet', 'outer', 'instance', 'site1', 'site2'):
            rig.space(name)
        self.pair('inet', 'outer', 'outer', 'eth0', '203.0.112.1/24', '203.0.112.2/24')
        self.ip('outer', 'route', 'add', 'default', 'via', '203.0.112.1')
        self.ip('inet', 'route', 'add', '203.0.113.0/24', 'via', '203.0.112.2')
        for space in ('inet', 'site1', 'site2'):
            self.set(space, 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0',
                     'net.ipv4.conf.default.rp_filter=0')
        for number in (1, 2):
            name, net = f'site{number}', f'198.51.10{number}'
            self.pair('inet', name, name, 'eth0', f'{net}.1/24', f'{net}.10/24')
            self.ip(name, 'route', 'add', 'default', 'via', f'{net}.1')
            self.pair(name, 'instance', 'lan0', f'site{number}', f'10.20.{number}.1/24',
                      f'10.20.{number}.2/24')
            self.sites.append(self.End(rig, name, f'{net}.10', f'203.0.113.{number}',
                                       f'169.254.{number}.2', f'169.254.{number}.1',
                                       KEYS[number - 1], f'10.20.{number}.0/24',
                                       asn=65000 + number,
                                       extra=('0.0.0.0/1', '128.0.0.0/1', '203.0.113.0/24',
                                              '198.51.0.0/16') if number == 1 else ()))

    def pair(self, one, other, port, peer, address, other_address):
        one, other = self.rig.name_of(one), self.rig.name_of(other)
        command('ip', '-n', one, 'link', 'add', port, 'type', 'veth', 'peer', 'name', peer,
                'netns', other)
        for space, name, addr in ((one, port, address), (other, peer, other_address)):
            command('ip', '-n', space, 'addr', 'add', addr, 'dev', name)
            command('ip', '-n', space, 'link', 'set', name, 'up')

    def ip(self, space, *words, check=True):
        return self.rig.exec(space, 'ip', *words, check=check)

    def set(self, space, *settings):
        self.rig.exec(space, 'sysctl', '-qw', *settings)

    # -- the gateway --

    def write(self, changed='', options='{}'):
        key = self.rig.dir / 'two.key'
        key.write_text(KEYS[1] + '\n')
        key.chmod(0o600)
        self.file.write_text(f'''vpn_gateways:
  - {{id: {self.gateway}, asn: 64512, platform: sekisho, plane: {PLANE}}}
customer_gateways:
  - {{id: cgw-1, asn: 65001, address: 198.51.101.10}}
  - {{id: cgw-2, asn: 65002, address: 198.51.102.10}}
vpn_connections:
  - id: vpn-1
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-1
    dpd: {{delay: 4s, retries: 3, interval: 4s}}
    guard: hold
    options: {options}
    tunnels:
      - {{outside: 203.0.113.1, inside: {{vgw: 169.254.1.1, cgw: 169.254.1.2}}, psk: {KEYS[0]}}}
  - id: vpn-2
    vpn_gateway: {self.gateway}
    customer_gateway: cgw-2
    dpd: {{delay: 4s, retries: 3, interval: 4s}}
    tunnels:
      - {{outside: 203.0.113.2, inside: {{vgw: 169.254.2.1, cgw: 169.254.2.2}}, psk_file: {key}}}
{changed}''')
        self.file.chmod(0o600)

    def start(self, *before):
        self.process = self.rig.run(None, *before, self.program, '--network', self.file,
                                    '--gateway', self.gateway, '--control', self.control, '--outer',
                                    self.rig.name_of('outer'), '--pool', '203.0.113.0/24',
                                    '--journal', self.rig.dir / 'journal')

    def main(self):
        return self.process.pid

    def ask(self, what):
        told = command(self.asker, 'show', '--control', self.control, '--json', what, check=False)
        try:
            return json.loads(told)
        except ValueError:
            return {}

    def states(self):
        return {one['tunnel']: one['state'] for one in self.ask('tunnels').get('tunnels', [])}

    def pings(self, source, target, count=3):
        """How many answers came."""
        told = self.rig.exec(source, 'ping', '-q', '-c', str(count), '-i', '0.2', '-W', '1', target,
                             check=False)
        found = re.search(r'(\d+) received', told)
        return int(found[1]) if found else 0

    def said(self):
        return self.process.output.read_text()[-2500:]

    def everything(self):
        parts = [f'sekishod: {self.said()}', f'tunnels: {self.ask("tunnels")}']
        parts += [f'{site.name}: {site.said()}' for site in self.sites]
        return '\n'.join(parts)

    def close(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(30)
            except Exception:  # pylint: disable=broad-except
                pass
        self.sweep()
        self.rig.close()

    def sweep(self):
        """Whatever sekishod left, in case a test failed: only of this test's gateway."""
        names = [line.split()[0] for line in command('ip', 'netns', 'list').splitlines() if line]
        for space in names:
            if space != self.inner and not space.startswith(self.inner + '@'):
                continue
            for pid in command('ip', 'netns', 'pids', space, check=False).split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except (ProcessLookupError, ValueError):
                    pass
            command('ip', 'netns', 'del', space, check=False)


# -- what is left, and what is seen --

def spaces_of(table):
    return [line.split()[0] for line in command('ip', 'netns', 'list').splitlines()
            if line.startswith(table.inner)]


def called(pid):
    """'' when it is gone; one that only waits for its parent to ask is."""
    try:
        stat = (pathlib.Path('/proc') / pid / 'stat').read_text()
    except OSError:
        return ''
    name, _, rest = stat.partition('(')[2].rpartition(')')
    return '' if rest.split()[0] == 'Z' else name


def charons_of(table):
    """On the userspace plane one for each tunnel, in its endpoint; on the kernel's one for all."""
    pids = []
    for space in spaces_of(table) if PLANE == 'userspace' else [table.rig.name_of('outer')]:
        pids += command('ip', 'netns', 'pids', space, check=False).split()
    return sorted(pid for pid in pids if 'charon' in called(pid))


def outer_devices(table):
    devices = json.loads(table.ip('outer', '-j', 'link'))
    return {one['ifname'] for one in devices}


def device_packets(table, device):
    """(received, sent)"""
    told = json.loads(command('ip', '-n', table.inner, '-j', '-s', 'link', 'show', device))
    stats = told[0]['stats64']
    return stats['rx']['packets'], stats['tx']['packets']


def outer_packets(table, endpoint):
    """Sent by the charon of an endpoint, or all that the outer namespace has sent."""
    space = f'{table.inner}@{endpoint}' if PLANE == 'userspace' else table.rig.name_of('outer')
    told = json.loads(command('ip', '-n', space, '-j', '-s', 'link', 'show', 'eth0'))
    return told[0]['stats64']['tx']['packets']


def esp_states(table):
    """Of the kernel's: two for each tunnel that is up."""
    return table.ip('outer', 'xfrm', 'state').count('proto esp')


# -- the tests --

def both_tunnels_come_up(table):
    table.write()
    table.before = outer_devices(table)
    table.forwarded = forwards(table)
    table.start()
    check(eventually(lambda: 'event=ready' in table.said(), PATIENCE), table.said())
    for site in table.sites:
        site.start_charon()
    for site in table.sites:
        check(eventually(site.is_there, PATIENCE), f'{site.name}: {site.said()}')
        site.load()
    check(eventually(lambda: table.states() == {'vpn-1/1': 'up', 'vpn-2/1': 'up'}, PATIENCE),
          table.everything())
    table.own = outer_devices(table) - table.before  # what charons' directories are called, too
    check(len(table.own) == (2 if PLANE == 'userspace' else 0), f'{table.own}')


def bgp_comes_up_inside(table):
    for site in table.sites:
        site.start_bird()
    check(eventually(lambda: [one['status_message'] for one in
                              table.ask('telemetry').get('telemetry', [])] ==
                     ['1 BGP ROUTES', '1 BGP ROUTES'], PATIENCE),
          f'{table.ask("telemetry")} {table.everything()}')
    check(eventually(lambda: table.sites[1].has_route('10.20.1.0/24'), PATIENCE),
          table.sites[1].ip('route'))


def packets_flow_from_site_to_site(table):
    for source, target in (('site1', '10.20.2.1'), ('site2', '10.20.1.1')):
        own = '10.20.1.1' if source == 'site1' else '10.20.2.1'
        check(eventually(lambda: 'bytes from' in table.rig.exec(
            source, 'ping', '-c1', '-W1', '-I', own, target, check=False), PATIENCE),
              f'{source} does not reach {target}: {table.everything()}')


def an_instance_reaches_the_sites(table):
    table.rig.space('vpc')
    vpc = table.rig.name_of('vpc')
    command('ip', '-n', table.inner, 'link', 'add', 'vpc0', 'type', 'veth', 'peer', 'name', 'eth0',
            'netns', vpc)
    command('ip', '-n', table.inner, 'addr', 'add', '10.10.0.1/16', 'dev', 'vpc0')
    command('ip', '-n', table.inner, 'link', 'set', 'vpc0', 'up')
    table.ip('vpc', 'addr', 'add', '10.10.0.10/16', 'dev', 'eth0')
    table.ip('vpc', 'link', 'set', 'eth0', 'up')
    table.ip('vpc', 'route', 'add', 'default', 'via', '10.10.0.1')
    for site in ('site1', 'site2'):
        table.ip(site, 'route', 'add', '10.10.0.0/16', 'dev', 'ipsec0')
    check(eventually(lambda: table.pings('vpc', '10.20.1.1', 1), PATIENCE), table.everything())
    check(eventually(lambda: table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())


def keys_are_nowhere_to_be_seen(table):
    """The operator's own files have them, and nothing that we write."""
    found = list(keys.of_processes(KEYS))
    check(not found, f'a key is in the {", ".join(found)}')
    for place in (table.process.output, table.rig.dir / 'journal', '/run/sekishod'):
        found = list(keys.in_files(KEYS, place))
        check(not found, f'a key is in {found}')
    for path in pathlib.Path('/run/sekishod').glob('sk*'):
        check(path.stat().st_mode & 0o077 == 0, f'{path} is open to others')
    found = list(keys.in_files(KEYS, table.file))
    check(found == [table.file] and not keys.is_open(table.file, table.rig.dir),
          'the search finds nothing where a key must be')


def memory_of(pid):
    """What the process can write to, as one piece after another."""
    with open(f'/proc/{pid}/maps', encoding='ascii') as maps, open(f'/proc/{pid}/mem', 'rb') as mem:
        for line in maps:
            span, rights = line.split()[:2]
            begin, end = (int(at, 16) for at in span.split('-'))
            if 'w' not in rights or '[v' in line:
                continue
            mem.seek(begin)
            yield mem.read(end - begin)


def a_key_of_the_file_is_not_kept_by_the_gateway(table):
    """Its process reads the file, hands the keys over, and wipes them; the keeper has them."""
    for key in KEYS:
        found = sum(piece.count(key.encode()) for piece in memory_of(table.process.pid))
        check(found == 0, f'{found} copies of a key in the gateway')
    keeper = keeper_of(table)
    check(sum(piece.count(KEYS[0].encode()) for piece in memory_of(keeper)) > 0,
          'the search finds nothing where a key must be')


def a_second_one_of_the_gateway_is_refused(table):
    path = table.rig.dir / 'second'
    ran = subprocess.run([table.program, '--network', table.file, '--gateway', table.gateway,
                          '--outer', table.rig.name_of('outer'), '--journal', path],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                         check=False)
    check(ran.returncode == 3, f'status {ran.returncode}: {ran.stdout}')
    check(ran.stdout == f'error: another sekishod on this machine is the gateway {table.gateway}\n',
          ran.stdout)
    check(all(state == 'up' for state in table.states().values()), table.everything())


def a_covering_announcement_takes_no_outer_packet(table):
    """T07: a site announces everything, and the gateway's own outside addresses."""
    site = table.sites[0]
    site.ask_bird('enable', 'extra')
    installed = lambda: '0.0.0.0/1' in command('ip', '-n', table.inner, 'route')
    check(eventually(installed, PATIENCE), command('ip', '-n', table.inner, 'route'))
    before = device_packets(table, 'vpn-1-1')
    esp = outer_packets(table, 'vpn-2-1')
    check(table.pings('vpc', '10.20.2.1', 20) == 20, 'the other tunnel is disturbed')
    after = device_packets(table, 'vpn-1-1')
    sent = outer_packets(table, 'vpn-2-1')
    check(sent - esp >= 20, f'{sent - esp} outer packets for 20 pings')
    check(after[1] - before[1] < 15, f'{after[1] - before[1]} packets went into the tunnel whose '
          'site announces everything; 20 pings went by the other one')
    check(all(state == 'up' for state in table.states().values()), table.everything())
    site.ask_bird('disable', 'extra')
    check(eventually(lambda: not installed(), PATIENCE), 'the route stays')


def a_killed_gateway_is_taken_over_without_a_lost_packet(table):
    charons = charons_of(table)
    check(len(charons) == (2 if PLANE == 'userspace' else 1), f'{charons}')
    count = 200
    ping = table.rig.run('vpc', 'ping', '-q', '-i', '0.1', '-c', str(count), '-W', '2',
                         '10.20.1.1')
    time.sleep(1)
    table.rig.stop(table.process, hard=True)
    time.sleep(1)
    check(charons_of(table) == charons, 'a charon ended with its gateway')
    table.start()
    check(eventually(lambda: table.states() == {'vpn-1/1': 'up', 'vpn-2/1': 'up'}, PATIENCE),
          table.everything())
    ping.wait(120)
    told = ping.output.read_text()
    check(f'{count} received' in told, f'{told[-300:]} {table.everything()}')
    check(charons_of(table) == charons, 'a charon was started again')
    check(eventually(lambda: [one['status_message'] for one in
                              table.ask('telemetry').get('telemetry', [])] ==
                     ['1 BGP ROUTES', '1 BGP ROUTES'], PATIENCE), table.everything())


def both_up(table):
    return table.states() == {'vpn-1/1': 'up', 'vpn-2/1': 'up'}


def keeper_of(table):
    children = command('ps', '-o', 'pid=', '--ppid', str(table.main()), check=False)
    keepers = [pid for pid in children.split() if called(pid) == 'sekishod-keeper']
    check(len(keepers) == 1, f'keepers: {keepers}')
    return keepers[0]


def a_killed_keeper_ends_the_gateway_and_nothing_else(table):
    charons = charons_of(table)
    os.kill(int(keeper_of(table)), signal.SIGKILL)
    check(eventually(lambda: table.process.poll() is not None, PATIENCE), 'it goes on')
    check(table.process.returncode == 3, f'status {table.process.returncode}')
    check('the process that keeps the tunnels has ended' in table.said(), table.said())
    check(charons_of(table) == charons, 'a charon ended with its keeper')
    table.start()
    check(eventually(lambda: both_up(table), PATIENCE), table.everything())
    check(charons_of(table) == charons, 'a charon was started again')


def an_upgrade_loses_no_packet(table):
    """SIGQUIT: it ends without a word, and the next start goes on."""
    charons, count = charons_of(table), 60
    check(eventually(lambda: table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())
    ping = table.rig.run('vpc', 'ping', '-q', '-i', '0.1', '-c', str(count), '-W', '2',
                         '10.20.2.1')
    table.process.send_signal(signal.SIGQUIT)
    check(eventually(lambda: table.process.poll() is not None, PATIENCE), 'it goes on')
    check(table.process.returncode == 0, f'status {table.process.returncode}')
    table.start()
    check(eventually(lambda: both_up(table), PATIENCE), table.everything())
    ping.wait(60)
    check(f'{count} received' in ping.output.read_text().split('PING')[-1], ping.output.read_text())
    check(charons_of(table) == charons, 'a charon was started again')


def a_tunnel_is_replaced_at_once_and_no_packet_is_lost(table):
    """100 packets a second while both SAs are replaced; then the same the hard way."""
    check(eventually(lambda: table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())
    said = lambda *words: command(table.asker, 'replace-tunnel', '--control', table.control, *words,
                                  check=False, seconds=90)
    ping = table.rig.run('vpc', 'ping', '-q', '-i', '0.01', '-c', '300', '-W', '2', '10.20.2.1')
    first, second = said('vpn-2/1'), said('--json', 'vpn-2/1')
    check('vpn-2/1 was replaced without a gap' in first, first + table.everything())
    check(json.loads(second)['state'] == 'done', second + table.everything())
    ping.wait(60)
    check('300 received' in ping.output.read_text().split('PING')[-1], ping.output.read_text())
    check('there is no tunnel vpn-9/1' in said('vpn-9/1'), 'a tunnel that is not there')
    check('came back after' in said('--outside', 'vpn-2/1'), table.everything())
    check(eventually(lambda: table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())


def a_capture_has_what_is_inside_and_no_key(table):
    """What the site sends, as tshark reads it; and one who may ask but not look."""
    path = table.rig.dir / 'inside.pcapng'
    check(eventually(lambda: table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())
    ping = table.rig.run('vpc', 'ping', '-q', '-i', '0.1', '-c', '600', '-W', '2', '10.20.2.1')
    told = command(table.asker, 'capture', '--control', table.control, 'vpn-2/1', '--count', '20',
                   '--write', path, check=False, seconds=60)
    table.rig.stop(ping)
    check(told == f'{path}: 20 packets of vpn-2/1, 0 dropped\n', told)
    for key in KEYS:
        check(key.encode() not in path.read_bytes(), 'a key is in the file')
    ran = subprocess.run(['setpriv', '--reuid', '65534', '--clear-groups', table.asker, 'capture',
                          '--control', table.control, 'vpn-2/1'], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    check(ran.returncode == 3 and not ran.stdout and 'Permission' in ran.stderr, ran.stderr)
    if not shutil.which('tshark'):
        print('# tshark is missing: what it would read was not looked at')
        return
    rows = command('tshark', '-r', path, '-T', 'fields', '-e', 'frame.interface_name',
                   '-e', 'ip.src', '-e', 'icmp.type', '-e', 'frame.packet_flags_direction')
    seen = {tuple(row.split()) for row in rows.splitlines()}
    check(('vpn-2/1', '10.10.0.10', '8', '0x00000002') in seen, rows)
    check(('vpn-2/1', '10.20.2.1', '0', '0x00000001') in seen, rows)


def a_device_that_is_deleted_comes_back(table):
    index = lambda: [one['ifindex'] for one in json.loads(command(
        'ip', '-n', table.inner, '-j', 'link')) if one['ifname'] == 'vpn-1-1']
    before = index()
    command('ip', '-n', table.inner, 'link', 'del', 'vpn-1-1')
    if PLANE == 'userspace':  # where its charon goes with it
        check(eventually(lambda: table.states().get('vpn-1/1') == 'down', PATIENCE),
              table.everything())
    check(eventually(lambda: index() not in ([], before), PATIENCE), f'{before} {index()}')
    check(eventually(lambda: both_up(table), PATIENCE), table.everything())
    check(eventually(lambda: table.pings('vpc', '10.20.1.1', 1), PATIENCE), table.everything())


def a_namespace_that_is_deleted_comes_back(table):
    if PLANE != 'userspace':
        return 'there is no namespace for each tunnel'
    command('ip', 'netns', 'del', table.inner + '@vpn-2-1')
    check(eventually(lambda: len(spaces_of(table)) == 3 and both_up(table) and
                     table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())
    check(len(charons_of(table)) == 2, f'{charons_of(table)}')
    return None


def a_charon_that_is_killed_comes_back(table):
    pids = charons_of(table)
    os.kill(int(pids[0]), signal.SIGKILL)
    check(eventually(lambda: 'down' in table.states().values(), PATIENCE), table.everything())
    check(eventually(lambda: table.states() == {'vpn-1/1': 'up', 'vpn-2/1': 'up'}, PATIENCE),
          table.everything())
    states = 0 if PLANE == 'userspace' else 4
    check(eventually(lambda: esp_states(table) == states, PATIENCE),
          f"the former one's are left: {table.ip('outer', 'xfrm', 'state')}")
    check(eventually(lambda: table.pings('vpc', '10.20.1.1', 1) and
                     table.pings('vpc', '10.20.2.1', 1), PATIENCE), table.everything())


def a_reload_touches_only_what_changed(table):
    charons = charons_of(table)
    third = '''  - id: vpn-3
    vpn_gateway: %s
    customer_gateway: cgw-2
    tunnels:
      - {outside: 203.0.113.3, inside: {vgw: 169.254.3.1, cgw: 169.254.3.2}, psk: abcdefgh}
''' % table.gateway
    table.write(third)
    os.kill(table.process.pid, signal.SIGHUP)
    three = 3 if PLANE == 'userspace' else 1
    check(eventually(lambda: len(table.states()) == 3 and len(charons_of(table)) == three,
                     PATIENCE), table.everything())
    check(set(charons) <= set(charons_of(table)), 'a charon was started again')
    table.write(third.replace('203.0.113.3', '203.0.113.4'))
    os.kill(table.process.pid, signal.SIGHUP)
    # an endpoint has a way that leads to it, the kernel's plane the address itself
    ways = lambda: table.ip('outer', 'route', 'show', 'table', 'all')
    check(eventually(lambda: '203.0.113.4 dev' in ways(), PATIENCE), table.everything())
    check('203.0.113.3 ' not in ways(), f'the former address has a way: {ways()}')
    table.write()
    os.kill(table.process.pid, signal.SIGHUP)
    check(eventually(lambda: charons_of(table) == charons, PATIENCE), table.everything())
    count = 3 if PLANE == 'userspace' else 1
    check(eventually(lambda: len(spaces_of(table)) == count, PATIENCE), f'{spaces_of(table)}')
    check(all(state == 'up' for state in table.states().values()), table.everything())


def check_edge(table, when):
    """1400 bytes pass both ways, one more is told to whoever sent it, and fragments pass."""
    ways = (('vpc', '10.10.0.10', '10.20.1.1'), ('site1', '10.20.1.1', '10.10.0.10'))
    for space, own, target in ways:
        def ping(size, fragment, here=space, source=own, there=target):
            return table.rig.exec(here, 'ping', '-M', fragment, '-s', str(size - 28), '-c',
                                  '1', '-W', '10', '-I', source, there, check=False)
        told = ping(1400, 'do')
        check(' 1 received' in told, f'{when}, 1400 bytes from {space}: {told}')
        told = ping(2000, 'dont')
        check(' 1 received' in told, f'{when}, fragments from {space}: {told}')
        told = ping(1401, 'do')
        check(' 0 received' in told and re.search('mtu ?= ?1400', told),
              f'{when}, one byte more from {space}: {told}')
    lines = command('ip', 'netns', 'exec', table.inner, 'nft', 'list', 'table', 'inet', table.inner)
    check(set(re.findall(r'maxseg size set (\d+)', lines)) == {'1360', '1340'}, f'{when}: {lines}')


def what_does_not_fit_is_told_and_nothing_vanishes(table):
    """libipsec reads 1400 bytes of a packet, also of ciphers with which more would fit, and after
    a reload that allows these alone."""
    table.ip('vpc', 'route', 'flush', 'cache')
    check_edge(table, 'as started')
    before = table.said().count('event=reloaded')
    table.write(options='{phase2: {encryption: [AES256-GCM-16]}}')
    os.kill(table.process.pid, signal.SIGHUP)
    check(eventually(lambda: table.said().count('event=reloaded') > before, PATIENCE),
          table.everything())
    check_edge(table, 'reloaded')
    table.write()
    os.kill(table.process.pid, signal.SIGHUP)
    check(eventually(lambda: table.said().count('event=reloaded') > before + 1, PATIENCE),
          table.everything())


def lines_that_are_flushed_come_back(table):
    def lines(space):
        return command('ip', 'netns', 'exec', space, 'nft', 'list', 'table', 'inet', table.inner,
                       check=False)
    spaces = (table.inner, table.rig.name_of('outer')) if PLANE == 'userspace' else (table.inner,)
    for space in spaces:
        check('chain' in lines(space), f'{space}: {lines(space)}')
        command('ip', 'netns', 'exec', space, 'nft', 'flush', 'ruleset')
    for space in spaces:
        check(eventually(lambda s=space: 'chain' in lines(s), PATIENCE), f'{space}: none')


def forwards(table):
    return table.rig.exec('outer', 'sysctl', '-n', 'net.ipv4.ip_forward').strip()


def check_nothing_is_left(table, pids):
    check(forwards(table) == table.forwarded, 'net.ipv4.ip_forward is not what it was')
    check(eventually(lambda: not spaces_of(table), 20), f'left: {spaces_of(table)}')
    check(not [pid for pid in pids if 'charon' in called(pid)], 'a charon is left')
    check(outer_devices(table) == table.before, f'{outer_devices(table) - table.before} are left')
    tables = table.rig.exec('outer', 'nft', 'list', 'tables')
    check(table.gateway not in tables, f'left: {tables}')
    routes = table.ip('outer', 'route')
    check('203.0.113' not in routes, f'left: {routes}')
    check(esp_states(table) == 0, f"left: {table.ip('outer', 'xfrm', 'state')}")
    left = [name for name in table.own if pathlib.Path('/run/sekishod', name).exists()]
    check(not left, f'left: {left}')
    lock = pathlib.Path('/run/sekishod', table.gateway + '.lock')
    check(eventually(lambda: not lock.exists(), PATIENCE), f'left: {lock}')


def stop(table):
    table.process.terminate()
    check(eventually(lambda: table.process.poll() is not None, PATIENCE), 'it does not stop')
    check(table.process.returncode == 0, f'status {table.process.returncode}: {table.said()}')


def a_clean_stop_leaves_nothing(table):
    command('ip', '-n', table.inner, 'link', 'del', 'vpc0')
    pids = charons_of(table)
    stop(table)
    check_nothing_is_left(table, pids)


def a_file_without_tunnels_removes_what_a_killed_one_left(table):
    table.start()
    charons = 2 if PLANE == 'userspace' else 1
    check(eventually(lambda: len(charons_of(table)) == charons, PATIENCE), table.said())
    pids = charons_of(table)
    table.process.kill()
    table.process.wait()
    check(charons_of(table) == pids, 'a charon went with its gateway')
    table.file.write_text(
        f'vpn_gateways: [{{id: {table.gateway}, asn: 64512, platform: sekisho}}]\n')
    before = table.process.output.stat().st_size
    table.start()
    check(eventually(lambda: b'event=ready' in table.process.output.read_bytes()[before:],
                     PATIENCE), table.said())
    check_nothing_is_left(table, pids)
    stop(table)


def what_the_unit_permits_is_enough(table):
    """The capabilities of packaging/sekishod@.service, and nothing gained by executing."""
    unit = pathlib.Path(__file__).parents[2] / 'packaging/sekishod@.service'
    names = [name for line in unit.read_text().splitlines() if line.startswith('CapabilityB')
             for name in line.partition('=')[2].split()]
    bounds = ','.join(['-all', *('+' + name.removeprefix('CAP_').lower() for name in names)])
    table.write()
    table.start('setpriv', '--no-new-privs', '--bounding-set', bounds)
    check(eventually(lambda: both_up(table), PATIENCE), table.everything())
    bounding = re.search(r'CapBnd:\s*(\w+)',
                         pathlib.Path(f'/proc/{keeper_of(table)}/status').read_text())[1]
    check(bin(int(bounding, 16)).count('1') < len(names), f'CapBnd {bounding}')
    pids = charons_of(table)
    stop(table)
    check_nothing_is_left(table, pids)


def without_the_means_it_says_so(table):
    """One who may do nothing: a sentence and status 3, and nothing was made."""
    path = table.rig.dir / 'poor.yaml'
    path.write_text('''vpn_gateways: [{id: poor, platform: sekisho}]
customer_gateways: [{id: c, address: 198.51.100.1}]
vpn_connections:
  - {id: v, vpn_gateway: poor, customer_gateway: c, tunnels: [
      {outside: 203.0.113.9, inside: {vgw: 169.254.9.1, cgw: 169.254.9.2}, psk: abcdefgh}]}
''')
    path.chmod(0o644)
    ran = subprocess.run(['setpriv', '--reuid', '65534', '--clear-groups', table.program,
                          '--network', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=60, check=False)
    check(ran.returncode == 3, f'status {ran.returncode}: {ran.stdout}')
    check(ran.stdout.count('\n') == 1 and 'CAP_SYS_ADMIN' in ran.stdout, ran.stdout)
    check('sekisho-poor' not in command('ip', 'netns', 'list'), 'a namespace was made')


TESTS = (both_tunnels_come_up, bgp_comes_up_inside, packets_flow_from_site_to_site,
         an_instance_reaches_the_sites, what_does_not_fit_is_told_and_nothing_vanishes,
         keys_are_nowhere_to_be_seen,
         a_key_of_the_file_is_not_kept_by_the_gateway, a_second_one_of_the_gateway_is_refused,
         a_covering_announcement_takes_no_outer_packet,
         a_killed_gateway_is_taken_over_without_a_lost_packet,
         a_killed_keeper_ends_the_gateway_and_nothing_else, an_upgrade_loses_no_packet,
         a_tunnel_is_replaced_at_once_and_no_packet_is_lost,
         a_capture_has_what_is_inside_and_no_key,
         a_charon_that_is_killed_comes_back, a_device_that_is_deleted_comes_back,
         a_namespace_that_is_deleted_comes_back,
         lines_that_are_flushed_come_back, a_reload_touches_only_what_changed,
         a_clean_stop_leaves_nothing,
         a_file_without_tunnels_removes_what_a_killed_one_left,
         what_the_unit_permits_is_enough, without_the_means_it_says_so)


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Table(*PROGRAMS), TESTS, WANTED))
