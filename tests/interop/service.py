#!/usr/bin/env python3
"""The packaged unit, packaging/sekishod@.service as it is, under a systemd of its own.

    tests/kernel/plane --systemd SEKISHOD SEKISHO tests/interop/service.py [TEST ...]

The table of tunnels.py in a machine whose process 1 is systemd: sekishod and its network file lie
where the unit says, and the machine's own network namespace is the underlay. Whatever becomes of
the service, an instance pings both sites meanwhile, and no packet may be lost, no charon end and no
SA be negotiated again. TAP on standard output.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import tap
import tunnels
from interop import check
from rig import Rig, command, eventually
from tunnels import KEYS, PATIENCE, both_up, called, charons_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / 'packaging/sekishod@.service'
NAME = 'vgw-main'
SERVICE = f'sekishod@{NAME}'
TARGETS = ('10.20.1.1', '10.20.2.1')
LOOK = 1.0  # to ask costs a process, which is dear there
SEALED = {'NoNewPrivs': '1', 'Seccomp': '2'}


class OwnSpace(Rig):
    """The space called outer is the machine's own."""

    def space(self, name):
        if name != 'outer':
            return super().space(name)
        command('ip', 'netns', 'attach', self.name_of(name), str(os.getpid()))
        return self.name_of(name)  # not among those whose processes are ended


class Machine(tunnels.Table):
    Rig = OwnSpace

    def __init__(self, program, asker):
        tap.need('systemctl', 'journalctl')
        super().__init__(program, asker)
        self.gateway, self.inner = NAME, f'sekisho-{NAME}'
        self.control = pathlib.Path('/run/sekisho', NAME, 'control')
        self.file = pathlib.Path('/etc/sekisho/network.yaml')
        self.file.parent.mkdir()
        shutil.copy(program, '/usr/bin/sekishod')
        shutil.copy(UNIT, '/etc/systemd/system')
        self.systemctl('daemon-reload')

    def systemctl(self, verb, *words):
        """systemctl's status: of start, restart and the like, whether it was done."""
        return subprocess.run(['systemctl', verb, *words], stderr=subprocess.DEVNULL,
                              timeout=PATIENCE, check=False).returncode

    def property(self, name):
        return command('systemctl', 'show', '--value', '-p', name, SERVICE).strip()

    def is_active(self):
        return self.property('ActiveState') == 'active'

    def main(self):
        return int(self.property('MainPID'))

    def start(self, *before):
        check(self.systemctl('start', SERVICE) == 0, self.journal())

    def journal(self):
        command('journalctl', '--sync')
        return command('journalctl', '--quiet', '-o', 'cat', '-u', SERVICE)

    def said(self):
        return self.journal()[-2500:]

    def close(self):
        self.systemctl('stop', SERVICE)
        self.rig.close()


def negotiated(table):
    """All that the sites' charons have told of SAs."""
    return [line.partition('] ')[2] for site in table.sites
            for line in (site.dir / 'charon.log').read_text().splitlines()
            if re.search(r'(IKE|CHILD)_SA .*(established|delet|closed)', line)]


@contextlib.contextmanager
def nothing_is_felt(table):
    """What is done meanwhile concerns no tunnel: of ten packets a second through each all come."""
    charons, before = charons_of(table), negotiated(table)
    check(charons and len(before) >= len(table.sites), f'{charons} {before}')
    told = table.rig.dir / 'vpc-ping.out'
    start = told.stat().st_size if told.exists() else 0
    pings = [table.rig.run('vpc', 'ping', '-n', '-i', '0.1', target) for target in TARGETS]
    yield
    time.sleep(2)
    check(eventually(lambda: both_up(table), PATIENCE, LOOK), table.everything())
    for ping in pings:
        ping.send_signal(signal.SIGINT)
        ping.wait(PATIENCE)
    said = told.read_text()[start:]
    for target in TARGETS:
        came = [int(number) for number in re.findall(f'from {target}: icmp_seq=([0-9]+) ', said)]
        check(came == list(range(1, len(came) + 1)) and len(came) > 5, f'{target}: {came}')
    check(charons_of(table) == charons, f'charons: {charons}, then {charons_of(table)}')
    check(negotiated(table) == before, f'{negotiated(table)[len(before):]}')


def comes_again(table, former, times):
    """systemd has started it once more, for the so-manieth time."""
    check(eventually(lambda: table.main() not in (0, former), PATIENCE, LOOK), table.journal())
    check(eventually(table.is_active, PATIENCE, LOOK), table.journal())
    check(table.property('NRestarts') == str(times), table.property('NRestarts'))
    check(eventually(lambda: both_up(table), PATIENCE, LOOK), table.everything())


def a_start_ends_well_only_when_it_is_ready(table):
    """Not with a file that is wrong, which no other start would mend; nor before the word is said
    that comes with being ready."""
    table.file.write_text('vpn_gateways: [{id: vgw-main, asn: many}]\n')
    check(table.systemctl('start', SERVICE) != 0, 'a wrong file is fine')
    check(table.property('ExecMainStatus') == '2', table.journal())
    check(table.property('ActiveState') == 'failed' and table.property('NRestarts') == '0',
          table.property('NRestarts'))
    table.write()
    table.start()
    check(table.property('StatusText') == 'vgw-main, 2 neighbors', table.journal())
    check(len(table.states()) == 2, table.everything())
    check(table.systemctl('stop', SERVICE) == 0, table.journal())


def the_tunnels_come_up(table):
    tunnels.both_tunnels_come_up(table)
    tunnels.bgp_comes_up_inside(table)
    tunnels.an_instance_reaches_the_sites(table)


def the_fence_is_there(table):
    """No test here would notice if the unit's lines were not obeyed."""
    status = pathlib.Path(f'/proc/{table.main()}/status').read_text()
    is_now = dict(line.split(':\t', 1) for line in status.splitlines() if ':\t' in line)
    check(all(is_now[name] == value for name, value in SEALED.items()), status)
    limits = pathlib.Path(f'/proc/{table.main()}/limits').read_text()
    check(re.search('Max core file size +0 +0 ', limits), limits)
    keeper = pathlib.Path(f'/proc/{tunnels.keeper_of(table)}/status').read_text()
    check(re.search('NoNewPrivs:\t1\nSeccomp:\t2', keeper), keeper)


def limit_of(table):
    return table.ask('limits')['neighbors'][1]['limit']


def a_reload_reads_the_file_again(table):
    main = table.main()
    check(limit_of(table) != 77, 'it is 77 before')
    with nothing_is_felt(table):
        table.write('    limits: {received: 77}\n')
        check(table.systemctl('reload', SERVICE) == 0, table.journal())
        check(eventually(lambda: limit_of(table) == 77, PATIENCE, LOOK), f'{table.ask("limits")}')
    check(table.main() == main and table.is_active(), table.journal())


def a_reload_of_a_wrong_file_is_refused_and_all_goes_on(table):
    """systemctl says so; what only the running one can know, its log."""
    main = table.main()
    with nothing_is_felt(table):
        table.file.write_text('vpn_gateways: [{id: vgw-main, asn: many}]\n')
        check(table.systemctl('reload', SERVICE) != 0, 'a wrong file is fine')
        check(table.main() == main and table.is_active(), table.journal())
        table.write()
        text = table.file.read_text()
        table.file.write_text(text.replace('asn: 64512', 'asn: 64513'))
        check(table.systemctl('reload', SERVICE) == 0, table.journal())
        check(eventually(lambda: 'event=not-reloaded' in table.journal(), PATIENCE, LOOK),
              table.journal())
    check(table.main() == main and table.is_active(), table.journal())
    table.write()


def one_that_hangs_is_started_again(table):
    """WatchdogSec=: it is stopped as by a debugger, and says nothing any more."""
    main = table.main()
    with nothing_is_felt(table):
        os.kill(main, signal.SIGSTOP)
        comes_again(table, main, 1)
    check('Watchdog timeout' in table.journal(), table.journal())
    check(not called(str(main)), 'the former one is still there')


def one_that_is_killed_is_started_again(table):
    for times, victim in ((2, lambda: table.main()), (3, lambda: int(tunnels.keeper_of(table)))):
        main = table.main()
        with nothing_is_felt(table):
            os.kill(victim(), signal.SIGKILL)
            comes_again(table, main, times)


def a_restart_and_an_upgrade_are_not_felt(table):
    """The second time by a program of another inode, as packages bring it."""
    for new in (False, True):
        main = table.main()
        if new:
            shutil.copy(table.program, '/usr/bin/sekishod.new')
            os.replace('/usr/bin/sekishod.new', '/usr/bin/sekishod')
        with nothing_is_felt(table):
            check(table.systemctl('restart', SERVICE) == 0, table.journal())
            check(table.is_active() and table.main() != main, table.journal())
        check(not called(str(main)), 'the former one is still there')


def a_restart_with_a_wrong_file_fails_and_leaves_the_tunnels(table):
    """And the next start adopts them."""
    with nothing_is_felt(table):
        table.file.write_text('vpn_gateways: [{id: vgw-main, asn: many}]\n')
        check(table.systemctl('restart', SERVICE) != 0, 'a wrong file is fine')
        check(table.property('ActiveState') == 'failed', table.journal())
        table.write()
        table.start()


def the_other_plane_comes_up_within_the_fence(table):
    table.file.write_text(table.file.read_text().replace('plane: xfrm', 'plane: userspace'))
    check(table.systemctl('restart', SERVICE) == 0, table.journal())
    check(eventually(lambda: both_up(table), PATIENCE, LOOK), table.everything())
    check(table.ask('tunnels')['plane'] == 'userspace', f'{table.ask("tunnels")}')
    for target in TARGETS:
        check(eventually(lambda where=target: table.pings('vpc', where, 1), PATIENCE, LOOK),
              table.everything())


def a_stop_leaves_nothing(table):
    command('ip', '-n', table.inner, 'link', 'del', 'vpc0')
    pids = charons_of(table)
    check(table.systemctl('stop', SERVICE) == 0, table.journal())
    check(table.property('Result') == 'success', table.journal())
    tunnels.check_nothing_is_left(table, pids)
    group = pathlib.Path('/sys/fs/cgroup/system.slice/system-sekishod.slice', SERVICE + '.service')
    check(not group.exists(), f'left: {group}')
    check(not table.control.parent.exists(), f'left: {table.control.parent}')
    found = [pid.name for pid in pathlib.Path('/proc').glob('[0-9]*')
             if 'sekishod' in called(pid.name)]
    check(not found, f'left: {found}')


def no_key_is_in_the_journal(table):
    told = command('journalctl', '-a', '-o', 'export')
    check('event=ready' in told, 'it is not the journal')
    check(not any(key in told for key in KEYS), 'a key is in it')


TESTS = (a_start_ends_well_only_when_it_is_ready, the_tunnels_come_up, the_fence_is_there,
         a_reload_reads_the_file_again, a_reload_of_a_wrong_file_is_refused_and_all_goes_on,
         one_that_hangs_is_started_again, one_that_is_killed_is_started_again,
         a_restart_and_an_upgrade_are_not_felt,
         a_restart_with_a_wrong_file_fails_and_leaves_the_tunnels,
         the_other_plane_comes_up_within_the_fence, a_stop_leaves_nothing,
         no_key_is_in_the_journal)


if __name__ == '__main__':
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: Machine(*PROGRAMS), TESTS, WANTED))
