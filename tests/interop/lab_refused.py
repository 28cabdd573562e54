#!/usr/bin/env python3
"""What no lab can be made of: one sentence, an exit status, and nothing was started.

    lab_refused.py SEKISHOD SEKISHO [TEST ...]

What the machine lacks is taken away for the one command, in a mount namespace of its own: a program
that is missing is one that cannot be executed, memory that is short is what /proc/meminfo says.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from interop import check
from lab import INCIDENT, LABS, Lab, OWN, eventually, many_sites, run_tests
from rig import Rig

SHORT_KIB = 150000


def refused(lab, status, *parts, words=None):
    """It ends so, says one line with these parts, and leaves nothing."""
    words = words or [*lab.words, 'up', '--sekishod', lab.sekishod, lab.file]
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=60, check=False)
    check(ran.returncode == status, f'status {ran.returncode}, expected {status}: {ran.stderr}')
    check(ran.stderr.startswith('error: ') and ran.stderr.count('\n') == 1 and not ran.stdout,
          f'one line was expected: {ran.stdout}{ran.stderr}')
    check(all(part in ran.stderr for part in parts), f'it does not say {parts}: {ran.stderr}')
    check(not lab.left(), f'left: {lab.left()}')


def without(lab, over, path):
    """The command, where one file lies over another."""
    covered = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    return ['unshare', '--mount', 'sh', '-c', covered, 'sh',
            str(over), path, *lab.words, 'up', '--sekishod', lab.sekishod, lab.file]


def other_file(lab, folder, old, new):
    text = OWN.replace(old, new)
    check(text != OWN, f'{old} is not in the file')
    path = pathlib.Path(folder) / 'network.yaml'
    path.write_text(text)
    lab.file = str(path)


# -- tests --

def a_platform_that_nothing_behaves_like(lab):
    """Of the file, so 2; it says which can be used."""
    with tempfile.TemporaryDirectory() as folder:
        for platform in ('cisco-ios', 'junos'):
            other_file(lab, folder, 'platform: sekisho, address', f'platform: {platform}, address')
            refused(lab, 2, f'site: nothing here behaves like {platform}', 'vyatta', 'bird')


def a_missing_daemon(lab):
    """Named with its package."""
    for path, package in (('/usr/sbin/bird', 'bird2'), ('/usr/lib/frr/bgpd', 'frr'),
                          ('/usr/lib/frr/staticd', 'frr'),
                          ('/usr/sbin/swanctl', 'strongswan-swanctl'),
                          ('/usr/sbin/charon-systemd', 'charon-systemd')):
        refused(lab, 3, path, package, words=without(lab, '/dev/null', path))
    refused(lab, 3, '/nowhere/sekishod',
            words=[*lab.words, 'up', '--sekishod', '/nowhere/sekishod', lab.file])


def too_little_memory(lab):
    """How much it takes, and how much there is."""
    with tempfile.NamedTemporaryFile('w') as file:
        lines = pathlib.Path('/proc/meminfo').read_text().splitlines()
        file.write('\n'.join(f'MemAvailable: {SHORT_KIB} kB' if line.startswith('MemAvailable')
                             else line for line in lines) + '\n')
        file.flush()
        refused(lab, 3, 'not enough memory', f'{SHORT_KIB // 1024} MiB are available',
                words=without(lab, file.name, '/proc/meminfo'))


def a_plain_user(lab):
    """Whoever has not the rights is told which, before anything is begun or looked at."""
    needed = 'error: a lab cannot be had here: start it as root, or with CAP_NET_ADMIN'
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(lab.words[0], folder)
        file = shutil.copyfile(INCIDENT, pathlib.Path(folder) / 'incident.yaml')
        nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', program,
                  *lab.words[1:]]
        for verb in ('up', 'run', 'down'):
            refused(lab, 3, needed, words=[*nobody, verb, str(file)])
        (LABS / lab.name).mkdir(parents=True)
        (LABS / lab.name / 'lab.json').touch(0o600)
        for words in (['status'], ['record'], ['exec', 'vyatta', 'ls'], ['down']):
            ran = subprocess.run([*nobody, *words], stdin=subprocess.DEVNULL, text=True,
                                 capture_output=True, timeout=60, check=False)
            check(ran.returncode == 3 and ran.stderr.startswith(needed) and not ran.stdout,
                  f'{words}: {ran.returncode} {ran.stderr}')
        check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')


def addresses_of_the_labs_own(lab):
    """The links between its namespaces have addresses, too."""
    with tempfile.TemporaryDirectory() as folder:
        other_file(lab, folder, '198.51.100.10', '100.64.0.1')
        refused(lab, 2, '100.64.0.1', '100.64.0.0/10')


def what_sekishod_refuses(lab):
    """More connections than its gateway may have: of the file, and before anything is made."""
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(many_sites(11))
        file.flush()
        lab.file = file.name
        refused(lab, 2, f'error: {file.name}: VpnConnectionLimitExceeded: ',
                'limits: {connections: 11}')


def addresses_of_the_machine(lab):
    """It may have them, too: the lab's are in namespaces, and theirs alone."""
    rig = Rig()
    try:
        rig.space('host')
        rig.exec('host', 'ip', 'addr', 'add', '203.0.113.1/24', 'dev', 'lo')
        before = rig.exec('host', 'ip', 'addr')
        # the network namespace alone: what is mounted must be seen by the others
        lab.words = ['nsenter', f'--net=/run/netns/{rig.name_of("host")}', *lab.words]
        with tempfile.TemporaryDirectory() as folder:
            other_file(lab, folder, 'id: vpn\n', 'id: vpn \n')
            ran = lab.up()
            check(ran.returncode == 0, f'up: {ran.stderr}')
            check(eventually(lambda: lab.status()[0] == 0), f'not well: {lab.status()}')
            check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')
        check(rig.exec('host', 'ip', 'addr') == before, 'the machine has other addresses now')
    finally:
        lab.run('down')
        rig.close()


def one_that_is_being_started(lab):
    """A second up of the same name waits for nobody."""
    process = lab.begin()
    try:
        check(eventually(lambda: lab.record().get('nodes'), pause=0.005), 'nothing was begun')
        ran = lab.up()
        check(ran.returncode == 3 and ran.stderr.count('\n') == 1, f'up: {ran.stderr}')
        check((LABS / lab.name).exists(), 'the first one was taken away')
    finally:
        check(process.wait(60) == 0, 'the first one did not come up')
        check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')


TESTS = [a_platform_that_nothing_behaves_like, a_missing_daemon, too_little_memory, a_plain_user,
         addresses_of_the_labs_own, what_sekishod_refuses, addresses_of_the_machine,
         one_that_is_being_started]


if __name__ == '__main__':
    sys.exit(run_tests(TESTS))
