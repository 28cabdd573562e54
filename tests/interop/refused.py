#!/usr/bin/env python3
"""What no gateway can be made of: one sentence that says what to do, status 3, and nothing is left.

    refused.py SEKISHOD SEKISHO [TEST ...]

What the machine lacks is taken away for the one command, in namespaces of its own.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

import tap
from interop import check
from rig import PLANE, Rig, command, eventually

OUTSIDE = '203.0.113.9'
NOBODY = '65534'
COVERED = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


class Poor:
    def __init__(self, program, asker):
        tap.need(*tap.TUNNELS)
        self.program, self.asker = program, asker
        self.rig = Rig()
        self.rig.space('outer')
        self.rig.link('line', 'outer', ['192.0.2.1/24'], ['192.0.2.2/24'])
        self.gateway, self.second = f'bare{os.getpid()}', f'twin{os.getpid()}'
        self.file = self.write('poor.yaml', 'userspace')
        self.empty = self.rig.dir / 'empty'
        self.empty.mkdir()
        self.before = self.devices()

    def write(self, name, plane):
        path = self.rig.dir / name
        path.write_text(f'''vpn_gateways:
  - {{id: {self.gateway}, platform: sekisho, plane: {plane}}}
customer_gateways: [{{id: c, address: 198.51.100.1}}]
vpn_connections:
  - {{id: v, vpn_gateway: {self.gateway}, customer_gateway: c, tunnels: [
      {{outside: {OUTSIDE}, inside: {{vgw: 169.254.9.1, cgw: 169.254.9.2}}, psk: abcdefgh}}]}}
''')
        path.chmod(0o644)
        return path

    def words(self, file=None, outer=True):
        where = ['--outer', self.rig.name_of('outer')] if outer else []
        return [self.program, '--network', str(file or self.file), *where, '--journal', 'none',
                '--control', str(self.rig.dir / 'control')]

    def without(self, over, path):
        return ['unshare', '--mount', 'sh', '-c', COVERED, 'sh', str(over), path, *self.words()]

    def devices(self):
        links = json.loads(self.rig.exec('outer', 'ip', '-j', 'link'))
        return [one['ifname'] for one in links] + \
            [self.rig.exec('outer', 'sysctl', '-n', 'net.ipv4.ip_forward')]

    def left(self):
        names = command('ip', 'netns', 'list').splitlines()
        found = [name for name in names if self.gateway in name or self.second in name]
        for name in (self.gateway, self.second):
            found += [str(path) for path in pathlib.Path('/run/sekishod').glob(f'*{name}*')]
        tables = self.rig.exec('outer', 'nft', 'list', 'tables')
        return found + ([tables] if self.gateway in tables or self.second in tables else [])

    def other(self):
        """Another gateway, with the same outside address."""
        path = self.write('other.yaml', PLANE)
        path.write_text(path.read_text().replace(self.gateway, self.second))
        return [*self.words(path)[:-1], str(self.rig.dir / 'other')]

    def second_is_refused(self, *parts):
        self.told_so(self.other(), *parts)
        spaces = command('ip', 'netns', 'list')
        check(self.second not in spaces, f'left: {spaces}')

    def told_so(self, words, *parts):
        ran = subprocess.run(words, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=120, check=False)
        check(ran.returncode == 3, f'status {ran.returncode}: {ran.stdout}{ran.stderr}')
        check(ran.stderr.startswith('error: ') and ran.stderr.count('\n') == 1 and not ran.stdout,
              f'one line was expected: {ran.stdout}{ran.stderr}')
        check(all(part in ran.stderr for part in parts), f'it does not say {parts}: {ran.stderr}')

    def refused(self, words, *parts):
        self.told_so(words, *parts)
        check(eventually(lambda: not self.left(), 30), f'left: {self.left()}')
        check(self.devices() == self.before, f'{self.before} became {self.devices()}')

    def close(self):
        for line in command('ip', 'netns', 'list', check=False).splitlines():
            space = line.split()[0]
            if self.gateway in space or self.second in space:  # of a test that failed
                for pid in command('ip', 'netns', 'pids', space, check=False).split():
                    os.kill(int(pid), signal.SIGKILL)
                command('ip', 'netns', 'del', space, check=False)
        self.rig.close()


# -- tests --

def somebody_who_is_not_root(poor):
    poor.refused(['setpriv', '--reuid', NOBODY, '--clear-groups', *poor.words(outer=False)],
                 'root', 'CAP_SYS_ADMIN')


def a_program_or_a_part_of_one_that_is_missing(poor):
    """Named with its package."""
    for over, path, package in (
            ('/dev/null', '/usr/sbin/charon-systemd', 'charon-systemd'),
            ('/dev/null', '/usr/sbin/nft', 'nftables'),
            (poor.empty, '/usr/lib/ipsec/plugins', 'libcharon-extra-plugins')):
        poor.refused(poor.without(over, path), f'install the package {package}')


def a_machine_without_tun(poor):
    poor.refused(poor.without('/dev/null', '/dev/net/tun'), 'the module tun', '/dev/net/tun')


def a_machine_without_namespaces(poor):
    """Of a user namespace that may make none."""
    script = ('echo 0 > /proc/sys/user/max_net_namespaces && mount -t tmpfs none /run/netns && '
              'exec "$@"')
    poor.refused(['unshare', '--user', '--map-root-user', '--net', '--mount', 'sh', '-c', script,
                  'sh', *poor.words(outer=False)], 'network namespaces are needed')


def a_kernel_without_esp(poor):
    """Where this one has it, there is nothing to be refused; libipsec is the way out otherwise."""
    try:
        poor.rig.exec('outer', 'ip', 'xfrm', 'state', 'add', 'src', '192.0.2.2', 'dst',
                      '192.0.2.1', 'proto', 'esp', 'spi', '0x1000', 'mode', 'tunnel', 'aead',
                      'rfc4106(gcm(aes))', '0x' + '11' * 20, '128')
    except RuntimeError:
        poor.refused(poor.words(poor.write('xfrm.yaml', 'xfrm')), 'the modules esp4 and xfrm_user')
        return None
    poor.rig.exec('outer', 'ip', 'xfrm', 'state', 'flush')
    return 'this kernel has ESP, which is not missed'


def an_address_that_the_machine_has_itself(poor):
    poor.rig.exec('outer', 'ip', 'addr', 'add', f'{OUTSIDE}/32', 'dev', 'lo')
    poor.refused(poor.words(), OUTSIDE, "is the machine's own", 'routed to the machine')
    poor.rig.exec('outer', 'ip', 'addr', 'del', f'{OUTSIDE}/32', 'dev', 'lo')


def an_outer_namespace_that_is_not_there(poor):
    words = poor.words()
    words[words.index('--outer') + 1] = 'nowhere'
    poor.refused(words, 'the network namespace nowhere')


def called(pid):
    try:
        return pathlib.Path('/proc', pid, 'comm').read_text().strip()
    except OSError:
        return None


def daemons(poor):
    """IKE daemons of this test's gateways, which are in the outer namespace or in endpoints. The
    number in the file of one that was killed may be another program's by now."""
    pids = [path.read_text().split()[0]
            for path in pathlib.Path('/run/sekishod').glob('*/charon.pid')]
    return sorted(pid for pid in pids if called(pid) == 'charon-systemd' and str(os.getpid()) in
                  command('ip', 'netns', 'identify', pid, check=False))


def tells(poor, control='control'):
    """It was not refused: it has its tunnel, and a daemon for it."""
    told = command(poor.asker, 'show', '--control', poor.rig.dir / control, '--json', 'tunnels',
                   check=False)
    return '"v/1"' in told and bool(daemons(poor))


def ends(process, status):
    check(eventually(lambda: process.poll() is not None, 60), 'it does not end')
    check(process.returncode == status, f'status {process.returncode}: {said(process)}')


def said(process):
    return process.output.read_text()[-3000:]


def leaves_nothing(poor):
    check(eventually(lambda: not poor.left(), 30), f'left: {poor.left()}')
    check(poor.devices() == poor.before, f'{poor.before} became {poor.devices()}')


def an_address_that_another_gateway_has(poor):
    """One that lives, and one that was killed and whose IKE daemon goes on."""
    first = poor.rig.run(None, *poor.words(poor.write('one.yaml', PLANE)))
    check(eventually(lambda: tells(poor), 60), said(first))
    before = daemons(poor)
    poor.second_is_refused(f'the gateway {poor.gateway} on this machine')
    check(daemons(poor) == before and first.poll() is None, 'the first one was disturbed')
    first.kill()
    first.wait()
    poor.second_is_refused(*(('UDP port 500', 'stop it') if PLANE == 'xfrm' else
                             (OUTSIDE, poor.gateway, 'was killed', f'process {before[0]}')))
    check(daemons(poor) == before, 'what was left was disturbed')
    again = poor.rig.run(None, *poor.words(poor.rig.dir / 'one.yaml'))
    check(eventually(lambda: tells(poor), 60), said(again))
    check(daemons(poor) == before, 'it was not adopted')
    again.terminate()
    ends(again, 0)
    leaves_nothing(poor)


def two_that_start_at_the_same_time(poor):
    """One of them has it."""
    runs = [poor.rig.run(None, *poor.words(poor.write('one.yaml', PLANE))),
            poor.rig.run(None, *poor.other())]
    check(eventually(lambda: any(run.poll() is not None for run in runs), 60), 'both run')
    lost = next(run for run in runs if run.poll() is not None)
    won = next(run for run in runs if run is not lost)
    ends(lost, 3)
    check('on this machine' in said(lost), said(lost))
    check(eventually(lambda: tells(poor) or tells(poor, 'other'), 60), said(won))
    check(won.poll() is None, said(won))
    won.terminate()
    ends(won, 0)
    leaves_nothing(poor)


def ports_that_another_ike_daemon_has(poor):
    """The kernel's plane's would share them with it, and one would hear nothing."""
    taker = poor.rig.run('outer', sys.executable, '-c', 'import socket, time; '
                         'one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); '
                         'one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); '
                         'one.bind(("", 4500)); print("taken", flush=True); time.sleep(600)')
    check(eventually(lambda: 'taken' in said(taker), 60), 'no port was taken')
    poor.refused(poor.words(poor.write('one.yaml', PLANE)), 'UDP port 4500', 'stop it')
    poor.rig.stop(taker)


def a_dead_peer_timing_that_is_not_kept(poor):
    """Nobody is refused for it, but it is told: the kernel's plane has one for all."""
    file = poor.write('two.yaml', PLANE)
    file.write_text(file.read_text() + '''  - {id: w, vpn_gateway: GATEWAY, customer_gateway: c,
     dpd: {delay: 3s, retries: 2, interval: 7s}, tunnels: [
      {outside: 203.0.113.8, inside: {vgw: 169.254.8.1, cgw: 169.254.8.2}, psk: abcdefgh}]}
'''.replace('GATEWAY', poor.gateway))
    runs = poor.rig.run(None, *poor.words(file))
    check(eventually(lambda: 'share one dead-peer timing' in said(runs), 60), said(runs))
    told = [line for line in said(runs).splitlines() if 'share one dead-peer timing' in line]
    check(len(told) == 1 and 'w/1' in told[0], f'{told}')
    runs.terminate()
    ends(runs, 0)
    leaves_nothing(poor)


TESTS = (somebody_who_is_not_root, a_program_or_a_part_of_one_that_is_missing,
         a_machine_without_tun, a_machine_without_namespaces, a_kernel_without_esp,
         an_address_that_the_machine_has_itself, an_outer_namespace_that_is_not_there,
         an_address_that_another_gateway_has, two_that_start_at_the_same_time)
if PLANE == 'xfrm':
    TESTS += (ports_that_another_ike_daemon_has, a_dead_peer_timing_that_is_not_kept)


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Poor(*PROGRAMS), TESTS, WANTED))
