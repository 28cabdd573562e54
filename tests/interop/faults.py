#!/usr/bin/env python3
"""What goes wrong around a tunnel, one thing after the other; the other tunnel never notices.

    faults.py SEKISHOD SEKISHO FALSE_CLOCK [TEST ...]

    site1 --- inet --- outer          the tunnel that everything happens to, vpn-1
    site2 ---/ |                      the other one, vpn-2, whose endpoint inet translates 1:1
               `- drops, floods       what happens to vpn-1's packets

sekishod and its charons see a time of day that the test sets (tests/preload). Other faults stand
where their rigs are: a charon, a keeper, a gateway that is killed, a device and a namespace that
are deleted (tunnels.py), a customer behind NAT, silence (kinds.py).
"""
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import sys
import time

sys.dont_write_bytecode = True

import tap
import tunnels
from interop import check
from rig import command, eventually
from site_ends import STRONGSWAN, Site

PATIENCE = 90.0
KEY, OTHER_KEY = tunnels.KEYS[0], 'an0ther.key_11'
PUBLIC, LOCAL = '203.0.114.2', '203.0.113.2'  # of the other tunnel's endpoint, in front and behind
MOVED = '198.51.101.99'
HOUR = 3600
CHARON = '/usr/sbin/charon-systemd'
FLOOD_MEMORY_KB = 32 * 1024


class Sturdy(Site):
    """A site that asks for longer than a busy machine stands still."""

    def start_charon(self):
        text = STRONGSWAN.format(dir=self.dir)
        text = text.replace('retransmit_timeout = 4', 'retransmit_timeout = 2')
        text = text.replace('retransmit_tries = 2', 'retransmit_tries = 9')
        self.write('strongswan.conf', text)
        self.write('swanctl/swanctl.conf', self.swanctl_text())
        self.charon = self.rig.run(self.name, CHARON, environment=self.environment())

    def load(self):
        super().load()
        self.initiate()

    def initiate(self):
        """Whoever is not answered goes on asking."""
        self.swanctl('--initiate', '--child', 't1', '--timeout', '13', check=False)

    def say_again(self):
        """The file as it is now, and the connection from its beginning."""
        self.write('swanctl/swanctl.conf', self.swanctl_text())
        self.swanctl('--load-creds', '--clear')
        self.swanctl('--load-conns')
        self.swanctl('--terminate', '--ike', 'vgw', '--timeout', '10', check=False)
        self.initiate()


class Faults(tunnels.Table):
    shim = None

    def build(self):
        super().build()
        self.sites = [Sturdy(self.rig, site.name, site.own, site.gateway, site.inside, site.hub,
                             site.key, site.lan, asn=site.asn, extra=('192.0.2.0/24',),
                             starts=False)
                      for site in self.sites]
        self.sites[1].gateway = PUBLIC
        self.ip('inet', 'route', 'add', '203.0.114.0/24', 'via', '203.0.112.2')
        self.rig.exec('inet', 'nft', '-f', '-', text=f'''table ip translates {{
  chain others {{ type filter hook prerouting priority raw
    ip daddr != {PUBLIC} ip saddr != {LOCAL} notrack
  }}
  chain own {{ type filter hook output priority raw
    notrack
  }}
  chain in {{ type nat hook prerouting priority dstnat
    ip daddr {PUBLIC} dnat to {LOCAL}
  }}
  chain out {{ type nat hook postrouting priority srcnat
    ip saddr {LOCAL} snat to {PUBLIC}
  }}
}}
''')
        self.clock = self.rig.dir / 'clock'
        self.set_clock(0)
        self.bystander = None

    def write(self, changed='', peer='198.51.101.10'):
        super().write(changed)
        text = self.file.read_text().replace('address: 198.51.101.10', f'address: {peer}')
        text = text.replace('delay: 4s, retries: 3, interval: 4s',
                            'delay: 3s, retries: 8, interval: 2s')
        self.file.write_text(text.replace(f'outside: {LOCAL},',
                                          f'outside: {PUBLIC}, outside_local: {LOCAL},'))

    def set_clock(self, seconds):
        with open(self.clock, 'r+b' if self.clock.exists() else 'wb') as file:
            file.write(struct.pack('=q', seconds))

    def false_charon(self):
        """What charon is to sekishod: the same, with another clock."""
        real = self.rig.dir / 'charon-systemd'
        shutil.copy(CHARON, real)
        path = self.rig.dir / 'false-charon'
        path.write_text(f'#!/bin/sh\nexec env LD_PRELOAD={self.shim} FALSE_CLOCK={self.clock} '
                        f'{real} "$@"\n')
        path.chmod(0o755)
        return path

    def start(self, *before):
        """In a mount namespace of its own, for the sake of charon's name."""
        charon = self.false_charon()
        script = (f'mount --make-private "$(findmnt -n -o TARGET -T {CHARON})" && '
                  f'mount --bind {charon} {CHARON} && '
                  f'exec env LD_PRELOAD={self.shim} FALSE_CLOCK={self.clock} "$@"')
        super().start('unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c', script, 'sh',
                      *before)

    def tunnel(self, name='vpn-1/1'):
        return {one['tunnel']: one for one in self.ask('tunnels').get('tunnels', [])}.get(name, {})

    def message(self, name='vpn-1/1'):
        told = {one['tunnel']: one for one in self.ask('telemetry').get('telemetry', [])}
        return told.get(name, {}).get('status'), told.get(name, {}).get('status_message')

    def works(self):
        return self.message() == ('UP', '1 BGP ROUTES') and self.pings('vpc', '10.20.1.1', 1)

    def fails_with(self, cause):
        tunnel = self.tunnel()
        return tunnel.get('state') == 'down' and tunnel.get('cause') == cause and \
            self.message() == ('DOWN', 'IPSEC IS DOWN')

    def until(self, ask):
        check(eventually(ask, PATIENCE), self.everything())

    def drop(self, rule):
        self.rig.exec('inet', 'nft', '-f', '-', text=f'''table ip faults {{
  chain both {{ type filter hook forward priority filter
    {rule}
  }}
}}
''')

    def pass_again(self):
        self.rig.exec('inet', 'nft', 'delete', 'table', 'ip', 'faults', check=False)

    def folder(self):
        """Of vpn-1's charon, which is the one that knows its outside address."""
        space = f'{self.inner}@vpn-1-1'
        pids = command('ip', 'netns', 'pids', space, check=False).split()
        for path in pathlib.Path('/run/sekishod').glob('sk*/charon.pid'):
            if path.read_text().split()[0] in pids:
                return path.parent
        return None

    def own_swanctl(self, *words):
        return command('timeout', '15', 'swanctl', *words, '--uri',
                       f'unix://{self.folder()}/charon.vici', check=False)

    def everything(self):
        site = self.sites[0]
        return '\n'.join((super().everything(), 'ours:', self.own_swanctl('--list-sas'), 'theirs:',
                          site.swanctl('--list-sas', check=False)))

    def numbers(self):
        return numbers_in(self.own_swanctl('--list-sas'))

    def never_fell(self, before):
        now = self.tunnel()
        return now['state'] == 'up' and all(now[key] == before[key]
                                            for key in ('up_count', 'failures'))

    def memory_kb(self):
        pid = (self.folder() / 'charon.pid').read_text().split()[0]
        for line in pathlib.Path('/proc', pid, 'status').read_text().splitlines():
            if line.startswith('VmRSS'):
                return int(line.split()[1])
        return 0


def numbers_in(told):
    """Of the IKE SAs and of the CHILD SAs that are in use."""
    return (re.findall(r'#(\d+), ESTABLISHED', told), re.findall(r'#(\d+), .*INSTALLED', told))


# -- the tests --

def both_come_up(table):
    tunnels.both_tunnels_come_up(table)
    tunnels.bgp_comes_up_inside(table)
    tunnels.an_instance_reaches_the_sites(table)
    table.other = table.tunnel('vpn-2/1')
    check(table.ask('tunnels').get('replay_window') == 128, 'the replay window is not named')
    table.bystander = table.rig.run('vpc', 'ping', '-q', '-i', '0.2', '-W', '20', '10.20.2.1')
    table.until(lambda: table.tunnel('vpn-2/1')['nat_t'] is True)


def refused_until_mended(table, cause, attribute, wrong):
    """The first site is another in this one attribute, then itself again."""
    site = table.sites[0]
    for value, ends in ((wrong, lambda: table.fails_with(cause)),
                        (getattr(site, attribute), table.works)):
        setattr(site, attribute, value)
        site.say_again()
        table.until(ends)


def a_key_that_is_wrong_on_one_side(table):
    refused_until_mended(table, 'authentication-failed', 'key', OTHER_KEY)


def proposals_that_do_not_meet(table):
    """AWS has no 3DES; then it is mended."""
    text = table.sites[0].swanctl_text
    refused_until_mended(table, 'no-proposal', 'swanctl_text', lambda: text().replace(
        'encap =', 'proposals = 3des-md5-modp1024\n encap ='))


def a_customer_that_moved(table):
    """AWS takes a customer gateway's address and no other; the file says when it is another."""
    site = table.sites[0]
    site.ip('addr', 'add', f'{MOVED}/24', 'dev', 'eth0')
    site.ip('addr', 'del', '198.51.101.10/24', 'dev', 'eth0')
    site.ip('addr', 'add', f'{MOVED}/24', 'dev', 'eth0', check=False)
    site.ip('route', 'replace', 'default', 'via', '198.51.101.1')
    site.own = MOVED
    site.say_again()
    table.until(lambda: table.fails_with('no-proposal') or table.fails_with('dead-peer'))
    check(not table.pings('vpc', '10.20.1.1', 1), 'a stranger has the tunnel')
    table.write(peer=MOVED)
    os.kill(table.process.pid, signal.SIGHUP)

    def asks_again():
        if table.tunnel().get('state') != 'up':
            site.initiate()
        return table.works()
    table.until(asks_again)


def three_of_ten_packets_lost(table):
    """Of IKE and of ESP, each way; never two of a kind in a row, so that nothing is left to luck.
    IKE is what begins with four zero bytes (RFC 3948 2.2)."""
    before, former = table.tunnel(), table.numbers()
    each = 'udp {} 4500 ip {} 203.0.113.1 @th,64,32 {} 0 numgen inc mod 10 {{ 0, 3, 6 }} drop'
    table.drop('\n    '.join(each.format(port, way, kind) for kind in ('==', '!=') for port, way in
                             (('sport', 'saddr'), ('dport', 'daddr'))))
    try:
        got = table.pings('vpc', '10.20.1.1', 30)
        check(3 <= got < 30, f'{got} of 30')
        check('completed' in table.own_swanctl('--rekey', '--child', 'vpn-1/1'), 'no rekeying')
        table.until(lambda: table.numbers()[1] not in ([], former[1]))
        check(table.message() == ('UP', '1 BGP ROUTES'), table.everything())
    finally:
        table.pass_again()
    table.until(table.works)
    check(table.never_fell(before), f'{before} {table.everything()}')


def an_underlay_of_1280_bytes(table):
    """What is larger goes in pieces, which both ends' firewalls let through."""
    before = table.tunnel()
    for space, device in (('inet', 'site1'), ('site1', 'eth0')):
        table.ip(space, 'link', 'set', device, 'mtu', '1280')
    large = ('ping', '-c1', '-W2', '-s', '1372', '-M', 'dont')
    for source, words in (('vpc', ('10.20.1.1',)), ('site1', ('-I', '10.20.1.1', '10.10.0.10'))):
        table.until(lambda s=source, w=words: 'bytes from' in table.rig.exec(s, *large, *w,
                                                                             check=False))
    check(table.never_fell(before), f'{before} {table.everything()}')
    for space, device in (('inet', 'site1'), ('site1', 'eth0')):
        table.ip(space, 'link', 'set', device, 'mtu', '1500')


def meetings(logs):
    return sum(log.read_text().count(' rekey collision ') for log in logs)


def both_rekey(table, which, ours, theirs):
    """Ours is held on its way while theirs arrives: a packet to a neighbor who does not say where
    it is waits in the kernel's queue until that is said."""
    site, former = table.sites[0], table.numbers()
    passed = lambda way: f' {way} 203.0.113.1 counter packets 0 ' not in table.rig.exec(
        'inet', 'nft', 'list', 'table', 'ip', 'faults')
    table.drop('\n    '.join(f'udp dport 4500 @th,64,32 0 ip {way} 203.0.113.1 counter'
                             for way in ('saddr', 'daddr')))
    table.set('inet', 'net.ipv4.neigh.site1.mcast_solicit=60')
    table.set(site.name, 'net.ipv4.conf.eth0.arp_ignore=8')
    table.ip('inet', 'neigh', 'del', site.own, 'dev', 'site1', check=False)
    try:
        told = table.own_swanctl('--rekey', *ours)
        table.until(lambda: passed('saddr'))
        told += site.swanctl('--rekey', *theirs)
        table.until(lambda: passed('daddr'))
    finally:
        table.set(site.name, 'net.ipv4.conf.eth0.arp_ignore=0')
        table.pass_again()
    check(told.count('completed') == 2, told)
    table.until(lambda: table.numbers()[which] not in ([], former[which]))
    table.until(lambda: [len(numbers) for numbers in table.numbers()] == [1, 1] ==
                [len(numbers) for numbers in numbers_in(site.swanctl('--list-sas', check=False))])


def both_sides_rekey_at_once(table):
    """Again if what was held was something else than a request to rekey: a probe for example."""
    if [len(numbers) for numbers in table.numbers()] != [1, 1]:
        table.sites[0].say_again()  # who was slow has asked twice
    table.until(table.works)
    before = table.tunnel()
    logs = (table.folder() / 'charon.log', table.sites[0].dir / 'charon.log')
    for ends in ((1, ('--child', 'vpn-1/1'), ('--child', 't1')),
                 (0, ('--ike', 'vpn-1/1'), ('--ike', 'vgw'))):
        said, tries = meetings(logs), 0
        while meetings(logs) == said and tries < 5:
            both_rekey(table, *ends)
            tries += 1
        check(meetings(logs) > said, 'the requests never met')
    table.until(table.works)
    check(table.never_fell(before), f'{before} {table.everything()}')


def a_flood_of_ike(table):
    """From everywhere, and in the customer's own name: who is up stays up, who is down comes up."""
    site, before, memory = table.sites[0], table.tunnel(), table.memory_kb()
    tool = pathlib.Path(__file__).with_name('ike_flood.py')
    flood = table.rig.run('inet', sys.executable, tool, 'outer', '203.0.113.1', MOVED, '0.0.0.0/0')
    seen = lambda: json.loads((flood.output.read_text().splitlines() or ['{}'])[-1])
    table.until(lambda: seen().get('cookies', 0) >= 2000)
    check(table.pings('vpc', '10.20.1.1', 5), table.everything())
    check(table.never_fell(before), f'{before} {table.everything()}')
    site.say_again()
    table.until(lambda: table.tunnel()['up_count'] > before['up_count'])
    check(flood.poll() is None, 'the flood was over by then')
    more, told = table.memory_kb() - memory, seen()
    table.rig.stop(flood)
    print(f'# {told}, {more} KiB more')
    check(more < FLOOD_MEMORY_KB, f'{more} KiB more')
    check(told['answered'] < told['sent'] / 50, f'{told}')
    table.until(table.works)


def last_stamp(table):
    """Off the clock that nobody has set, in seconds, by what the last reload was told as."""
    lines = [line for line in table.process.output.read_text().splitlines()
             if 'event=reloaded' in line]
    stamp = float(lines[-1].split()[0].removeprefix('at=')) if lines else 0
    return len(lines), stamp - time.time()


def an_hour_forth_and_back(table):
    """What a set clock must not change: lifetimes, timers, sessions, and the journal's order."""
    before, numbers, charons = table.tunnel(), table.numbers(), tunnels.charons_of(table)
    for pid in (*charons, str(table.process.pid), tunnels.keeper_of(table)):
        check(table.shim in pathlib.Path('/proc', pid, 'maps').read_text(), f'{pid} sees our clock')
    for seconds in (HOUR, -HOUR, 0):
        reloads = last_stamp(table)[0]
        table.set_clock(seconds)
        os.kill(table.process.pid, signal.SIGHUP)
        table.until(lambda n=reloads: last_stamp(table)[0] > n)
        off = last_stamp(table)[1]
        check(seconds - PATIENCE < off < seconds + 1, f'{off} is not {seconds}')
        table.sites[0].ask_bird('enable', 'extra')
        table.until(lambda: table.message() == ('UP', '2 BGP ROUTES'))
        table.sites[0].ask_bird('disable', 'extra')
        table.until(table.works)
    check(table.never_fell(before), f'{before} {table.everything()}')
    check(table.numbers() == numbers, f'{numbers} became {table.numbers()}')
    check(tunnels.charons_of(table) == charons, 'a charon was started again')


def the_other_tunnel_never_noticed(table):
    table.bystander.send_signal(signal.SIGINT)
    table.bystander.wait(60)
    told = table.bystander.output.read_text()
    check(' 0% packet loss' in told, told[-400:])
    now = table.tunnel('vpn-2/1')
    check((now['up_count'], now['failures']) == (1, 0), f'{table.other} {now}')


def the_journal_can_be_played(table):
    told = command(table.asker, 'replay', table.rig.dir / 'journal', 'verify', check=False)
    check('SOUND' in told, told)


TESTS = (both_come_up, a_key_that_is_wrong_on_one_side, proposals_that_do_not_meet,
         a_customer_that_moved, three_of_ten_packets_lost, an_underlay_of_1280_bytes,
         both_sides_rekey_at_once, a_flood_of_ike, an_hour_forth_and_back,
         the_other_tunnel_never_noticed, tunnels.a_clean_stop_leaves_nothing,
         the_journal_can_be_played)


if __name__ == '__main__':
    (*PROGRAMS, Faults.shim), WANTED = tap.files('sekishod', 'sekisho', 'false_clock.so')
    sys.exit(tap.tell(lambda: Faults(*PROGRAMS), TESTS, WANTED, first=both_come_up))
