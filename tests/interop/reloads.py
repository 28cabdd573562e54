#!/usr/bin/env python3
"""A file that changes what a running gateway carries: a VPC's ranges, subnets, tables and
peerings, the VPC itself, its Direct Connect, its VPN. What does not change loses no packet.

    reloads.py SEKISHOD SEKISHO [TEST ...]

The table is attachments.py's. Who stays, pings all along, ten times a second; a test that names
them ends with every answer counted.

TAP on standard output; what the machine does not permit is skipped aloud.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import sys

sys.dont_write_bytecode = True

import tap
from attachments import ADDRESSES, KEY, PATIENCE, Table
from interop import check
from rig import PLANE, command, eventually

ADDRESSES['c1'] = '10.12.1.10'  # who is there in one test alone


def status_of(pid):
    """Of a process, as the kernel has it; {}: it is gone."""
    try:
        lines = pathlib.Path(f'/proc/{pid}/status').read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(':') for line in lines)}


class Changing(Table):
    """A file in pieces: each test says what differs."""

    def __init__(self, program, asker):
        super().__init__(program, asker)
        self.rig.space('c1')

    def change(self, *edits):
        """The first file with these replaced, read again: what became of it."""
        self.write()
        text = self.file.read_text()
        for old, new in edits:
            check(text.count(old) == 1, f'{old!r} is {text.count(old)} times in the file')
            text = text.replace(old, new)
        self.file.write_text(text)
        before = self.said_of_reloads()
        os.kill(self.process.pid, signal.SIGHUP)
        check(eventually(lambda: len(self.said_of_reloads()) > len(before), PATIENCE),
              'it did not read the file again')
        return self.said_of_reloads()[-1]

    def words(self):
        return (*super().words(), '--pool', '203.0.113.0/24')

    def said(self):
        return self.process.output.read_text().splitlines()

    def said_of_reloads(self):
        return [line for line in self.said() if 'event=reloaded' in line
                or 'event=not-reloaded' in line]

    def taken(self, *edits):
        said = self.change(*edits)
        check('event=reloaded' in said, '\n'.join(self.said()[-3:]))

    def sessions(self):
        """How often each neighbor's session came up."""
        return {row['neighbor']: row['established']
                for row in self.ask('neighbors').get('neighbors', [])}

    def charons(self):
        """On the userspace plane one for each tunnel, in its endpoint; else one for all."""
        spaces = [space.split()[0] for space in command('ip', 'netns', 'list').splitlines()
                  if self.gateway in space] if PLANE == 'userspace' else [self.rig.name_of('outer')]
        pids = {pid for space in spaces for pid in
                command('ip', 'netns', 'pids', space, check=False).split()}
        return {pid for pid in pids if 'charon' in status_of(pid).get('Name', '')}

    @staticmethod
    def charons_of(count):
        return count if PLANE == 'userspace' else 1

    def indices(self, space):
        told = json.loads(command('ip', '-n', space, '-j', 'link'))
        return {link['ifname']: link['ifindex'] for link in told}

    @contextlib.contextmanager
    def steady(self, *pairs):
        """Meanwhile these answer each other without a gap."""
        began = []
        for one, other in pairs:
            process = self.rig.run(one, 'ping', '-n', '-i', '0.1', '-W', '2', '-I',
                                   ADDRESSES[one], ADDRESSES[other])
            began.append((one, other, process, process.output.stat().st_size))
        yield
        for one, other, process, offset in began:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            told = process.output.read_bytes()[offset:].decode()
            counts = re.search(r'(\d+) packets transmitted, (\d+) received', told)
            # the last one is under way when it ends
            check(counts and int(counts[1]) - int(counts[2]) <= 1,
                  f'{one} to {other}: {told[-300:]}')


STAY = (('a1', 'host'), ('a1', 'dx'), ('dx', 'host'))


def all_of_it_comes_up(table):
    table.write()
    table.start()
    table.start_others()
    for one, other in STAY + (('a2', 'b1'),):
        check(table.reaches(one, ADDRESSES[other]), f'{one} does not reach {other}')


# -- a VPC --

THIRD_SUBNET = (
    ('    cidrs: [10.10.0.0/16]\n', '    cidrs: [10.10.0.0/16, 10.12.0.0/16]\n'),
    ('      - {id: rtb-a, propagate',
     '      - {id: rtb-c, propagate: [GATEWAY]}\n      - {id: rtb-a, propagate'),
    ('      - {id: subnet-a2,', '      - {id: subnet-c, cidr: 10.12.1.0/24, route_table: rtb-c}\n'
     '      - {id: subnet-a2,'),
    ('      - {id: i-a2,', '      - {id: i-c, subnet: subnet-c, address: 10.12.1.10}\n'
     '      - {id: i-a2,'))


def third(table):
    return [(old, new.replace('GATEWAY', table.gateway)) for old, new in THIRD_SUBNET]


def a_range_with_a_subnet_and_a_table_comes(table):
    """The new table is the file's first: no route of another one moves for it."""
    before = table.indices(table.vpc['vpc-a']), table.sessions()
    rules = command('ip', '-n', table.vpc['vpc-a'], 'rule')
    table.pair('outer', 'c1', 'i-c', 'eth0', None, '10.12.1.10/24')
    table.ip('c1', 'route', 'add', 'default', 'via', '10.12.1.1')
    with table.steady(*STAY, ('a2', 'b1')):
        table.taken(*third(table))
        check(table.reaches('c1', '10.30.0.1'), 'c1 does not reach dx')
        check(table.reaches('c1', '10.10.1.10'), 'c1 does not reach a1')
    check(table.answers('c1', '10.11.1.10', 1) == 0, 'c1 has a way over the peering')
    check({name: index for name, index in table.indices(table.vpc['vpc-a']).items()
           if name != 'i-c'} == before[0], 'devices were made anew')
    check(table.sessions() == before[1], f'{table.sessions()}, were {before[1]}')
    lines = {line for line in rules.splitlines() if 'port-a' in line or 'subnet-a' in line}
    after = command('ip', '-n', table.vpc['vpc-a'], 'rule').splitlines()
    check(lines <= set(after), f'{lines - set(after)} are not there any more')


def and_goes(table):
    with table.steady(*STAY, ('a2', 'b1')):
        table.taken()
        check(eventually(lambda: 'i-c' in table.ip('outer', '-br', 'link'), PATIENCE),
              'the device of i-c did not come back')
        check(eventually(lambda: '10.12.0.0/16' not in command('ip', '-n', table.inner, 'route'),
                         PATIENCE), 'the gateway has a way to the range that is gone')
        check(eventually(lambda: '10.12.0.0/16' not in table.ip('dx', 'route'), PATIENCE),
              'the neighbor was not told that the range is gone')
        check('10.10.0.0/16' in table.ip('dx', 'route'), 'the other range is gone, too')


def a_static_route_and_propagation_change_alone(table):
    """a1's table gets the peering, and a2's what is propagated; then neither."""
    edits = [(f'propagate: [{table.gateway}]}}', f'propagate: [{table.gateway}], routes: '
              '[{prefix: 10.11.0.0/16, target: pcx-ab}]}'),
             ('{id: rtb-b, ', f'{{id: rtb-b, propagate: [{table.gateway}], ')]
    with table.steady(*STAY, ('a2', 'b1')):
        table.taken(*edits)
        check(table.reaches('a1', '10.11.1.10'), 'a1 does not reach b1')
        check(table.reaches('a2', '10.30.0.1'), 'a2 does not reach dx')
        table.taken()
        check(eventually(lambda: table.answers('a1', '10.11.1.10', 1) == 0, PATIENCE),
              'a1 still reaches b1')
        check(eventually(lambda: table.answers('a2', '10.30.0.1', 1) == 0, PATIENCE),
              'a2 still reaches dx')


def a_peering_goes_and_comes(table):
    peering = 'vpc_peerings:\n  - {id: pcx-ab, requester: vpc-a, accepter: vpc-b}\n'
    edit = (peering, peering.replace('accepter: vpc-b', 'accepter: vpc-b, status: deleted'))
    with table.steady(*STAY):
        table.taken(edit)
        check(eventually(lambda: table.answers('a2', '10.11.1.10', 1) == 0, PATIENCE),
              'a2 still reaches b1')
        table.taken()
        check(table.reaches('a2', '10.11.1.10'), 'a2 does not reach b1')


def a_vpc_is_detached_and_attached(table):
    """Without its gateway it is none that is made here, unless it is peered with one that is."""
    edits = [(', vpc: vpc-a}', '}'), (f'propagate: [{table.gateway}]', 'propagate: []')]
    with table.steady(('dx', 'host')):
        table.taken(*edits)
        check(eventually(lambda: table.answers('a1', '10.30.0.1', 1) == 0, PATIENCE),
              'a1 still reaches dx')
        check(eventually(lambda: '10.10.0.0/16' not in table.ip('dx', 'route'), PATIENCE),
              'the range is still announced')
        table.taken()
        check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx')
        check(table.reaches('a2', '10.11.1.10'), 'a2 does not reach b1')


# -- VPN connections --

def connections(table, last):
    """The file's first one, and others up to this number."""
    more = ''.join(f"""  - id: vpn-{n}
    vpn_gateway: {table.gateway}
    customer_gateway: cgw-1
    static_routes: [10.21.{n}.0/24]
    tunnels:
      - {{outside: 203.0.113.{n}, inside: {{vgw: 169.254.{n}.1, cgw: 169.254.{n}.2}}, psk: {KEY}}}
""" for n in range(2, last + 1))
    return ('direct_connects:\n', more + 'direct_connects:\n')


def tunnels(table):
    return {row['tunnel'] for row in table.ask('tunnels').get('tunnels', [])}


def an_eleventh_connection_is_refused(table):
    """AWS's quota, in its own word; the ten are as they were."""
    before = table.sessions()
    with table.steady(*STAY):
        table.taken(connections(table, 10))
        check(eventually(lambda: len(tunnels(table)) == 10, PATIENCE), f'{tunnels(table)}')
        charons = eventually(lambda: table.charons() if len(table.charons()) ==
                             table.charons_of(10) else None, PATIENCE)
        check(charons, f'{table.charons()}')
        said = table.change(connections(table, 11))
        check('event=not-reloaded' in said, said)
        why = [line for line in table.said() if 'VpnConnectionLimitExceeded' in line]
        limit = f'{table.gateway} has 11 VPN connections, and may have 10'
        check(len(why) == 1 and limit in why[0], f'{why}')
        check(len(tunnels(table)) == 10 and table.charons() == charons, f'{tunnels(table)}')
        table.taken()
        check(eventually(lambda: len(table.charons()) == 1, PATIENCE), f'{table.charons()}')
    check(table.sessions() == before, f'{table.sessions()}, were {before}')


# -- a Direct Connect, and the only VPN connection --

def without(table, begin, end):
    """Of the first file a section is left out."""
    table.write()
    text = table.file.read_text()
    return (text[text.index(begin):text.index(end)], '')


def a_direct_connect_goes_comes_and_changes(table):
    with table.steady(('a1', 'host')):
        table.taken(without(table, 'direct_connects:', 'routers:'))
        check(eventually(lambda: 'dxline' in table.ip('outer', '-br', 'link'), PATIENCE),
              'its device did not come back')
        check(eventually(lambda: table.answers('a1', '10.30.0.1', 1) == 0, PATIENCE),
              'a1 still reaches dx')
        check('dxvif-1' not in table.states(), f'{table.states()}')
        table.taken()
        check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx')
        table.taken(('interval: 300ms', 'interval: 400ms'))
        check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx with another BFD')
        table.taken()
        check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx again')


def the_only_vpn_connection_goes_and_comes(table):
    with table.steady(('a1', 'dx'), ('a2', 'b1')):
        table.taken(without(table, 'vpn_connections:', 'direct_connects:'))
        check(eventually(lambda: not table.charons(), PATIENCE), f'{table.charons()}')
        check(table.answers('a1', '10.20.1.2', 1) == 0, 'a1 still reaches host')
        table.taken()
        check(eventually(table.is_tunnel_up, PATIENCE), f"{table.ask('tunnels')}")
        check(table.reaches('a1', '10.20.1.2'), 'a1 does not reach host')


def a_gateway_begins_without_tunnels(table):
    """And gets its first by a reload. Started anew it is one that never had any."""
    check(table.stop() == 0, 'it did not end well')
    old, new = without(table, 'vpn_connections:', 'direct_connects:')
    table.file.write_text(table.file.read_text().replace(old, new))
    table.start()
    check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx')
    with table.steady(('a1', 'dx'), ('a2', 'b1')):
        table.taken()
        check(eventually(table.is_tunnel_up, PATIENCE), f"{table.ask('tunnels')}")
        check(table.reaches('a1', '10.20.1.2'), 'a1 does not reach host')
    check(table.ask('tunnels')['plane'] == PLANE, f"{table.ask('tunnels')}")


def a_gateway_begins_with_tunnels_alone(table):
    """Gets its first attachments by a reload, and loses its last ones."""
    check(table.stop() == 0, 'it did not end well')
    alone = [without(table, 'vpcs:', 'vpn_gateways:'), (', vpc: vpc-a}', '}'),
             without(table, 'direct_connects:', 'routers:')]
    text = table.file.read_text()
    for old, new in alone:
        text = text.replace(old, new)
    table.file.write_text(text)
    table.start()
    check(eventually(table.is_tunnel_up, PATIENCE), f"{table.ask('tunnels')}")
    charons = table.charons()
    table.taken()
    check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx')
    check(table.reaches('a1', '10.20.1.2'), 'a1 does not reach host')
    check(table.reaches('a2', '10.11.1.10'), 'a2 does not reach b1')
    table.taken(*alone)
    check(eventually(lambda: all(device in table.ip('outer', '-br', 'link') for device in
                                 ('dxline', 'port-a', 'i-a2', 'subnet-b')), PATIENCE),
          'devices did not come back')
    table.taken()
    check(table.reaches('a1', '10.30.0.1'), 'a1 does not reach dx again')
    check(table.charons() == charons, 'a charon was started again')


# -- what each process may do --

CAPABILITIES = {'CHOWN': 0, 'KILL': 5, 'NET_BIND_SERVICE': 10, 'NET_ADMIN': 12, 'NET_RAW': 13,
                'SYS_ADMIN': 21}


def rights(*names):
    return sum(1 << CAPABILITIES[name] for name in names)


def check_rights(pid, permitted, bounding, exactly=True):
    status = status_of(pid)
    has = {name: int(status[f'Cap{name}'], 16) for name in ('Prm', 'Eff', 'Inh', 'Bnd', 'Amb')}
    what = f'{status["Name"]}: {has}'
    check(has['Prm'] == permitted if exactly else has['Prm'] & ~permitted == 0, what)
    check((has['Eff'] | has['Inh']) & ~has['Prm'] == 0 and has['Amb'] == 0, what)
    check(has['Bnd'] & ~bounding == 0, what)
    check(status['NoNewPrivs'] == '1', f'{what}: it may gain by executing')


def no_process_may_do_more_than_it_needs(table):
    """Of a gateway that runs: its own process, the keeper, and the IKE daemons."""
    gateway = str(table.process.pid)
    children = pathlib.Path(f'/proc/{gateway}/task/{gateway}/children').read_text().split()
    keepers = [pid for pid in children if status_of(pid)['Name'] == 'sekishod-keeper']
    check(len(keepers) == 1, f'{[status_of(pid)["Name"] for pid in children]}')
    check(status_of(gateway)['Seccomp'] == '2', 'system calls of the gateway are not filtered')
    carried = rights('NET_ADMIN', 'NET_BIND_SERVICE', 'NET_RAW', 'CHOWN')
    kept = carried | rights('SYS_ADMIN', 'KILL')
    check_rights(gateway, rights('NET_ADMIN', 'NET_BIND_SERVICE'), 0)
    check_rights(keepers[0], kept, kept)
    charons = table.charons()
    check(charons, 'there is no charon')
    for pid in charons:
        check_rights(pid, carried, kept, exactly=False)


TESTS = [all_of_it_comes_up, a_range_with_a_subnet_and_a_table_comes, and_goes,
         a_static_route_and_propagation_change_alone, a_peering_goes_and_comes,
         a_vpc_is_detached_and_attached, an_eleventh_connection_is_refused,
         a_direct_connect_goes_comes_and_changes, the_only_vpn_connection_goes_and_comes,
         a_gateway_begins_without_tunnels, a_gateway_begins_with_tunnels_alone,
         no_process_may_do_more_than_it_needs]


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Changing(*PROGRAMS), TESTS, WANTED))
