#!/usr/bin/env python3
"""What no gateway can be made of: one sentence that says what to do, status 3, and nothing is left.

    refused.py SEKISHOD SEKISHO [TEST ...]

What the machine lacks is taken away for the one command, in namespaces of its own.
"""
import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

import tap
from interop import check
from rig import Rig, command, eventually

OUTSIDE = '203.0.113.9'
NOBODY = '65534'
COVERED = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


class Poor:
    def __init__(self, program, _asker):
        tap.need(*tap.TUNNELS)
        self.program = program
        self.rig = Rig()
        self.rig.space('outer')
        self.rig.link('line', 'outer', ['192.0.2.1/24'], ['192.0.2.2/24'])
        self.gateway = f'poor{os.getpid()}'
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
        found = [name for name in names if self.gateway in name]
        found += [str(path) for path in pathlib.Path('/run/sekishod').glob(f'*{self.gateway}*')]
        tables = self.rig.exec('outer', 'nft', 'list', 'tables')
        return found + ([tables] if self.gateway in tables else [])

    def refused(self, words, *parts):
        ran = subprocess.run(words, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=120, check=False)
        check(ran.returncode == 3, f'status {ran.returncode}: {ran.stdout}{ran.stderr}')
        check(ran.stderr.startswith('error: ') and ran.stderr.count('\n') == 1 and not ran.stdout,
              f'one line was expected: {ran.stdout}{ran.stderr}')
        check(all(part in ran.stderr for part in parts), f'it does not say {parts}: {ran.stderr}')
        check(eventually(lambda: not self.left(), 30), f'left: {self.left()}')
        check(self.devices() == self.before, f'{self.before} became {self.devices()}')

    def close(self):
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
    script = ('echo 0 > /proc/sys/user/max_net_namespaces && mount -t tmpfs none /run && '
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
    else:
        poor.rig.exec('outer', 'ip', 'xfrm', 'state', 'flush')
        print('# this kernel has ESP: that it is missed was not looked at')


def an_address_that_the_machine_has_itself(poor):
    poor.rig.exec('outer', 'ip', 'addr', 'add', f'{OUTSIDE}/32', 'dev', 'lo')
    poor.refused(poor.words(), OUTSIDE, "is the machine's own", 'routed to the machine')
    poor.rig.exec('outer', 'ip', 'addr', 'del', f'{OUTSIDE}/32', 'dev', 'lo')


def an_outer_namespace_that_is_not_there(poor):
    words = poor.words()
    words[words.index('--outer') + 1] = 'nowhere'
    poor.refused(words, 'the network namespace nowhere')


TESTS = (somebody_who_is_not_root, a_program_or_a_part_of_one_that_is_missing,
         a_machine_without_tun, a_machine_without_namespaces, a_kernel_without_esp,
         an_address_that_the_machine_has_itself, an_outer_namespace_that_is_not_there)


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Poor(*PROGRAMS), TESTS, WANTED))
