#!/usr/bin/env python3
"""A network file with real daemons: up, asked, down, and nothing left, however it ends.

    lab.py SEKISHOD SEKISHO [TEST ...]

TAP on standard output; what the machine does not permit is skipped aloud. Labs are called after
this process, so that several run side by side.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import keys
import tap
from interop import Failed, check
from rig import Rig, Unable, command

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCIDENT = ROOT / 'examples' / 'incident.yaml'
PATIENCE = 60.0
LABS = pathlib.Path('/run/sekisho/lab')
KEEPERS = pathlib.Path('/run/sekishod')
SITES = 10


def eventually(ask, seconds=PATIENCE, pause=0.2):
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(pause)


def many_sites(count):
    """A gateway and so many sites, each with an address and a tunnel of its own."""
    sites = range(1, count + 1)
    lines = ['vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]', 'customer_gateways:']
    lines += [f'  - {{id: cgw-{i}, asn: {65000 + i}, address: 198.51.100.{i}, router: site-{i}}}'
              for i in sites]
    lines.append('vpn_connections:')
    for i in sites:
        lines.append(f'  - {{id: vpn-{i}, vpn_gateway: vgw, customer_gateway: cgw-{i}, tunnels: ['
                     f'{{outside: 203.0.113.{i}, inside: {{vgw: 169.254.{i}.1, cgw: '
                     f'169.254.{i}.2}}}}]}}')
    lines.append('routers:')
    for i in sites:
        lines.append(f'  - {{id: site-{i}, platform: {"bird" if i % 2 else "frr"}, '
                     f'address: 198.51.100.{i}, bgp: {{asn: {65000 + i}, '
                     f'announce: [10.{i}.0.0/16]}}}}')
    return '\n'.join(lines) + '\n'


class Lab:
    def __init__(self, sekishod, sekisho, name, file):
        self.words = [sekisho, 'lab', '--lab', name]
        self.sekishod, self.name, self.file = sekishod, name, str(file)

    def run(self, *words):
        return subprocess.run([*self.words, *words], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                              check=False)

    def up(self):
        return self.run('up', '--sekishod', self.sekishod, self.file)

    def begin(self):
        return subprocess.Popen([*self.words, 'up', '--sekishod', self.sekishod, self.file],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def status(self):
        ran = self.run('status', '--json')
        return (ran.returncode, json.loads(ran.stdout)) if ran.stdout else (ran.returncode, {})

    def record(self):
        try:
            return json.loads((LABS / self.name / 'lab.json').read_text())
        except (OSError, ValueError):
            return {}

    def owns(self, path):
        """Of sekishod's files a lock is called after its gateway, or has its name in it."""
        try:
            inside = path.read_text() if '@' in path.name else ''
        except OSError:
            inside = ''
        return f'lab-{self.name}-' in path.name + inside

    def left(self):
        """What there still is of it: namespaces, files, processes."""
        spaces = [name for name in os.listdir('/run/netns')
                  if name.startswith(f'sekisho-lab-{self.name}-')]
        files = [str(path) for path in (LABS / self.name, LABS / f'{self.name}.lock')
                 if path.exists()]
        if KEEPERS.exists():
            files += [path.name for path in KEEPERS.iterdir() if self.owns(path)]
        mark = f'SEKISHO_LAB={self.name}'.encode()
        processes = []
        for path in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                if mark in (path / 'environ').read_bytes().split(b'\0'):
                    processes.append((path / 'cmdline').read_bytes().replace(b'\0', b' '))
            except OSError:
                pass
        return spaces + files + processes


def devices():
    return [one['ifname'] for one in json.loads(command('ip', '-j', 'link'))]


# -- tests --

def check_keys_are_kept(lab):
    """The keys are the lab's own: stock daemons have them in files of root's, and nobody else."""
    folder = LABS / lab.name
    told = ''.join(path.read_text() for path in folder.rglob('swanctl.conf'))
    secrets = set(re.findall(r'secret = "(.+)"', told))
    check(secrets, f'no key is in a swanctl.conf of {folder}')
    found = list(keys.of_processes(secrets)) + list(keys.in_files(secrets, '/run/sekishod'))
    check(not found, f'a key is in {found}')
    for path in keys.in_files(secrets, folder):
        check(path.name in ('swanctl.conf', 'network.yaml', 'begun.yaml', 'lab.json'),
              f'a key is in {path}')
        check(not keys.is_open(path, folder), f'{path} has a key and is open to others')


def the_incident(lab):
    """Up, asked, and down."""
    before = devices()
    ran = lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    eventually(lambda: lab.status()[0] == 0)
    status, said = lab.status()
    check(status == 0, f'something is down: {said}')
    check([one['tunnel'] for one in said['tunnels']] == ['vpn-vyatta/1'], f'tunnels: {said}')
    check(len(said['sessions']) == 2, f'sessions: {said["sessions"]}')
    check_keys_are_kept(lab)
    table = lab.run('exec', 'vyatta', 'ip', '-4', 'route').stdout
    check(eventually(lambda: '10.30.0.0/16' in
                     lab.run('exec', 'vyatta', 'ip', '-4', 'route').stdout), f'table: {table}')
    for source, target in (('i-app', '10.20.0.20'), ('i-files', '10.10.1.10'),
                           ('i-app', '10.30.0.1')):
        check(eventually(lambda: lab.run('exec', source, 'ping', '-q', '-c1', '-W1',
                                         target).returncode == 0),
              f'{source} does not reach {target}')
    shown = lab.run('exec', 'vyatta', 'vtysh', '-c', 'show bgp summary').stdout
    check('169.254.252.30' in shown, f'vtysh: {shown}')
    again = lab.up()
    check(again.returncode == 3 and 'is up already' in again.stderr, f'twice: {again.stderr}')
    ran = lab.run('down')
    check(ran.returncode == 0, f'down: {ran.stderr}')
    check(not lab.left(), f'left: {lab.left()}')
    check(devices() == before, 'the machine has other devices than before')


def ten_sites(lab):
    """Ten sites, five of FRR and five of BIRD."""
    path = pathlib.Path(tempfile.mkstemp(suffix='.yaml')[1])
    try:
        path.write_text(many_sites(SITES))
        lab.file = str(path)
        ran = lab.up()
        check(ran.returncode == 0, f'up: {ran.stderr}')
        check(eventually(lambda: lab.status()[0] == 0, 120), f'not well: {lab.status()}')
        check(len(lab.status()[1]['sessions']) == SITES, 'sessions are missing')
        ran = lab.run('down')
        check(ran.returncode == 0, f'down: {ran.stderr}')
        check(not lab.left(), f'left: {lab.left()}')
    finally:
        path.unlink()


def two_tunnels(ipsec, second, platform, site):
    """A gateway and a site, whose second tunnel has these ends inside."""
    return f'''vpn_gateways: [{{id: vgw, asn: 64512, platform: sekisho}}]
customer_gateways: [{{id: cgw, asn: 65001, address: 198.51.100.10, router: site}}]
vpn_connections:
  - id: vpn
    vpn_gateway: vgw
    customer_gateway: cgw
    ipsec: {ipsec}
    tunnels:
      - {{outside: 203.0.113.1, inside: {{vgw: 169.254.10.1, cgw: 169.254.10.2}}}}
      - {{outside: 203.0.113.2, inside: {second}}}
routers:
  - {{id: site, platform: {platform}, address: 198.51.100.10, {site}}}
'''


OWN = two_tunnels('required', '{vgw: 169.254.11.1, cgw: 169.254.11.2}', 'sekisho',
                  'bgp: {asn: 65001}')
WITHOUT_IPSEC = two_tunnels(
    'none', '{vgw: 10.0.0.1, cgw: 192.168.77.9}', 'frr',
    'lan: [10.20.0.0/16], bgp: {asn: 65001, announce: [10.20.0.0/16]}')
WITHOUT_IPSEC += 'story: [{at: 1s, fail: {tunnel: vpn/1}}]\n'


def sekishod_at_both_ends(lab):
    """A customer gateway of platform sekisho."""
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(OWN)
        file.flush()
        lab.file = file.name
        ran = lab.up()
        check(ran.returncode == 0, f'up: {ran.stderr}')
        check(eventually(lambda: lab.status()[0] == 0), f'not well: {lab.status()}')
        said = lab.status()[1]
        check(len(said['tunnels']) == 2 and len(said['sessions']) == 2, f'said: {said}')
        ran = lab.run('down')
        check(ran.returncode == 0 and not lab.left(), f'left: {lab.left()}')


def a_killed_one(lab):
    """Whoever is killed half-way leaves things, and down or the next up removes them."""
    for clear in ('down', 'up'):
        process = lab.begin()
        begun = eventually(lambda: any(one['pid'] for node in lab.record().get('nodes', [])
                                       for one in node['daemons']), pause=0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        check(begun, 'nothing was begun')
        check(lab.left(), 'a killed lab leaves nothing, so this shows nothing')
        ran = lab.up() if clear == 'up' else lab.run('down')
        check(ran.returncode == 0 or 'is up already' in ran.stderr, f'{clear}: {ran.stderr}')
        if clear == 'up':
            check(eventually(lambda: lab.status()[0] == 0), f'not well: {lab.status()}')
            check(lab.run('down').returncode == 0, 'down')
        check(not lab.left(), f'left after {clear}: {lab.left()}')


def a_killed_run(lab):
    """It would have taken the lab down; the next one does. What up has brought up stays."""
    words = ['--sekishod', lab.sekishod, '--for', '600s']
    for clear in ('run', 'up', 'down'):
        process = subprocess.Popen([*lab.words, 'run', *words, lab.file], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        up = eventually(lambda: lab.record().get('state') == 'up', pause=0.05)
        check(up and not lab.status()[1]['abandoned'], f'never up: {lab.record()}')
        ran = lab.up()
        check(ran.returncode == 3 and 'is up already' in ran.stderr, f'taken away: {ran.stderr}')
        process.send_signal(signal.SIGKILL)
        process.wait()
        check(lab.status()[1]['abandoned'], 'it does not say that it was left')
        if clear == 'run':
            ran = lab.run('run', '--sekishod', lab.sekishod, '--for', '1s', lab.file)
            check(ran.returncode in (0, 1) and 'up already' not in ran.stderr, f'run: {ran.stderr}')
        elif clear == 'up':
            ran = lab.up()
            check(ran.returncode == 0 and not lab.status()[1]['abandoned'], f'up: {ran.stderr}')
        if clear != 'run':
            check(lab.run('down').returncode == 0, 'down')
        check(not lab.left(), f'left after {clear}: {lab.left()}')


def a_lab_without_its_folder(lab):
    """Somebody has removed it: who asks is told, and down takes what still runs."""
    ran = lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    shutil.rmtree(LABS / lab.name)
    ran = lab.run('status')
    check(ran.returncode == 3 and f'lab down --lab {lab.name} removes' in ran.stderr,
          f'status: {ran.returncode} {ran.stderr}')
    ran = lab.run('down')
    check(ran.returncode == 0 and ran.stdout == f'{lab.name}: down\n', f'down: {ran.stderr}')
    check(not lab.left(), f'left: {lab.left()}')


def an_interrupted_one(lab):
    """Ctrl-C, whoever else ends it, and a terminal that is closed: what was done is taken back."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process = lab.begin()
        check(eventually(lambda: lab.record().get('nodes'), pause=0.005), 'nothing was begun')
        process.send_signal(number)
        status = process.wait(PATIENCE)
        check(status in (0, 3), f'{number.name}: status {status}')
        if status == 0:  # it was through already
            lab.run('down')
        check(not lab.left(), f'left after {number.name}: {lab.left()}')


def a_tunnel_in_a_tunnel(lab):
    """Its packets arrive, so it is up: in the timeline, in the end, and before the next story."""
    lab.file = str(ROOT / 'tests' / 'stories' / 'nested-tunnel.yaml')
    ran = lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    for begin, says in (('58s', 'vpn-direct/1, vpn-direct/2 go through vpn-branch/1 and arrive'),
                        ('100s', '')):
        ran = lab.run('run', '--sekishod', lab.sekishod, '--from', begin, '--for', '6s', lab.file)
        check(says in ran.stdout and 'swallowed' not in ran.stdout, f'said: {ran.stdout}')
        check(ran.stdout.count(' is up\n') == 6, f'said: {ran.stdout}')
        check(ran.returncode == 0, f'run: {ran.returncode}')
        check('not everything comes up' not in ran.stderr, f'run: {ran.stderr}')
    check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')


def a_program_that_ends(lab):
    """status tells, with status 1."""
    ran = lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    bird = next(one for node in lab.record()['nodes'] for one in node['daemons']
                if one['name'] == 'bird')
    os.kill(bird['pid'], signal.SIGKILL)
    check(eventually(lambda: lab.status()[0] == 1), 'nobody misses BIRD')
    runs = {one['name']: one['runs'] for node in lab.status()[1]['nodes']
            for one in node['daemons']}
    check(not runs['bird'] and runs['bgpd'], f'runs: {runs}')
    check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')


def a_tour_without_trouble(lab):
    """It says that nothing goes wrong, and does not wait for what never comes. A lab that is up of
    another file is none of this one's."""
    held = str(ROOT / 'examples' / 'incident-held.yaml')
    ran = lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    ran = lab.run('tour', '--sekishod', lab.sekishod, held)
    check(ran.returncode == 2 and f'is up, of {INCIDENT}' in ran.stderr and not ran.stdout,
          f'another file: {ran.returncode} {ran.stderr}')
    check(lab.run('down').returncode == 0, 'down')
    ran = lab.run('tour', '--sekishod', lab.sekishod, held)
    check(ran.returncode == 0, f'tour: {ran.returncode} {ran.stderr}')
    for line in ('No tunnel swallowed itself in these 1', 'vpn-vyatta/1 is up',
                 'Nothing that this story does has a remedy'):
        check(line in ran.stdout, f'no "{line}" in {ran.stdout}')
    check(not lab.left(), f'left: {lab.left()}')


def a_tour_for_a_machine(lab):
    """One object and nothing else on standard output; what people are told is on standard error."""
    held = str(ROOT / 'examples' / 'incident-held.yaml')
    ran = lab.run('tour', '--json', '--sekishod', lab.sekishod, held)
    check(ran.returncode == 0, f'tour: {ran.returncode} {ran.stderr}')
    answer = json.loads(ran.stdout)
    seen = answer['before']
    check(answer['lab'] == lab.name and answer['status'] == 0 and not answer['interrupted'],
          f'answer: {answer}')
    check(seen['flaps'] == [] and [one['state'] for one in seen['tunnels']] == ['up'],
          f'seen: {seen["tunnels"]} {seen["flaps"]}')
    reached = {(pair['from']['node'], pair['to']['node']) for pair in seen['reach']
               if pair['there']['arrives'] and pair['back']['arrives']}
    check(('i-app', 'i-files') in reached, f'reach: {seen["reach"]}')
    check(answer['check']['verdict'] == 'stable', f'verdict: {answer["check"]["verdict"]}')
    check(answer['cure'] is None and answer['after'] is None and answer['held'] is None,
          f'cure: {answer["cure"]}')
    for line in ('up', 'No tunnel swallowed itself', 'What it means: check'):
        check(line in ran.stderr, f'no "{line}" in {ran.stderr}')
    check(not lab.left(), f'left: {lab.left()}')


def a_session_by_hand(lab):
    """A BGP session is reset in its tunnel: a step of the recording, which simulate plays."""
    lab.file = str(ROOT / 'examples' / 'incident-held.yaml')
    ran = lab.up()
    check(ran.returncode == 0, f'up: {ran.stderr}')
    check(eventually(lambda: lab.status()[0] == 0), f'not well: {lab.status()}')
    ran = lab.run('exec', 'vyatta', 'vtysh', '-c', 'clear bgp 169.254.252.30')
    check(ran.returncode == 0, f'clear bgp: {ran.stdout} {ran.stderr}')
    check(eventually(lambda: lab.status()[0] == 1, pause=0.05), 'no session went down')
    early = lab.run('record').stdout.partition('story:')[2]  # it need not be back yet
    check('restart: {session: vpn-vyatta/1}' in early and 'fail:' not in early, f'early: {early}')
    check(eventually(lambda: lab.status()[0] == 0), f'not well again: {lab.status()}')
    recorded = lab.run('record').stdout
    check('restart: {session: vpn-vyatta/1}' in recorded, f'recorded: {recorded}')
    check(recorded.count('saw: session-up') == 2, f'recorded: {recorded}')
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(recorded)
        file.flush()
        ran = subprocess.run([lab.words[0], 'simulate', '--json', file.name], check=False,
                             stdout=subprocess.PIPE, timeout=PATIENCE)
    said = json.loads(ran.stdout)['recorded']
    missing = [one for one in said['moments'] if None in (one['recorded_s'], one['simulated_s'])]
    check(not missing, f'recorded and not simulated, or the other way round: {missing}')
    check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')


LINE_AND_TABLES = '''story:
  - {at: 1s, fail: {direct_connect: dxvif-1}}
  - {at: 2s, configure: {route_table: rtb-branch, remove_routes: [10.10.0.0/16]}}
  - {at: 2s, configure: {route_table: rtb-app, add_routes: [{prefix: 10.99.0.0/16, target: i-app}]}}
'''


def in_vpc(space, prefix):
    ran = subprocess.run(['ip', '-n', space, '-4', 'route', 'show', 'table', 'all'], text=True,
                         capture_output=True, timeout=PATIENCE, check=False)
    return prefix in ran.stdout


def a_restarted_tunnel(lab):
    """Its IKE_SA goes and a new one comes, and packets pass again."""
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(many_sites(2) + 'story: [{at: 1s, restart: {tunnel: vpn-2/1}}]\n')
        file.flush()
        lab.file = file.name
        ran = lab.run('run', '--json', '--sekishod', lab.sekishod, '--for', '9s', file.name)
    check(ran.returncode == 0, f'status {ran.returncode}: {ran.stderr}')
    said = json.loads(ran.stdout)
    renewed = [one['node'] for one in said['timeline']
               if one['kind'] == 'ike-up' and one['tunnel'] == 'vpn-2/1' and one['at_s'] >= 1]
    check(sorted(renewed) == ['site-2', 'vgw'], f'a new IKE_SA at: {renewed}')
    states = {one['tunnel']: one['state'] for one in said['tunnels']}
    check(states == {'vpn-1/1': 'up', 'vpn-2/1': 'up'}, f'states: {states}')
    check(not lab.left(), f'left: {lab.left()}')


def a_line_that_fails(lab):
    """The Direct Connect's, whose one end sekishod has taken; all lines are captured. And tables
    of a VPC of the lab's own and of one that sekishod makes, which change."""
    with tempfile.TemporaryDirectory() as folder:
        lab.file = str(pathlib.Path(folder) / 'line.yaml')
        without = INCIDENT.read_text().split('\nstory:')[0]
        pathlib.Path(lab.file).write_text(f'{without}\n{LINE_AND_TABLES}')
        ran = lab.up()
        check(ran.returncode == 0, f'up: {ran.stderr}')
        branch = f'sekisho-lab-{lab.name}-vpc-branch'
        main = f'sekisho@lab-{lab.name}-vgw-main.inner@vpc-main'
        check(in_vpc(branch, '10.10.0.0/16 via'), 'rtb-branch has no route to take away')
        captured = pathlib.Path(folder) / 'captured'
        ran = lab.run('run', '--json', '--sekishod', lab.sekishod, '--for', '4s', '--pcap',
                      str(captured), lab.file)
        check(ran.returncode == 0 and not ran.stderr, f'run: {ran.returncode} {ran.stderr}')
        down = [one for one in json.loads(ran.stdout)['timeline'] if one['kind'] == 'session-down']
        check(len(down) == 2, f'who misses the line? {ran.stdout}')
        check(not in_vpc(branch, '10.10.0.0/16 via'), 'rtb-branch is as it was')
        check(eventually(lambda: in_vpc(main, '10.99.0.0/16 via')), 'rtb-app is as it was')
        expected = [one['id'] for one in lab.record()['links']]
        for one in lab.record()['tunnels']:
            expected += [one['id'] + end for end in ('', '-gateway', '-customer')]
        check('dxvif-1' in expected, f'expected {expected}')
        files = sorted(path.stem for path in captured.iterdir() if path.stat().st_size > 24)
        check(files == sorted(one.replace('/', '-') for one in expected), f'captured: {files}')
        check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')


def tunnels_without_ipsec(lab):
    """No charon, and packets pass all the same; the ends inside are a pair, or any two addresses.
    One of the two fails."""
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(WITHOUT_IPSEC)
        file.flush()
        lab.file = file.name
        ran = lab.up()
        if ran.returncode == 3 and 'CONFIG_VXLAN' in ran.stderr:
            return ran.stderr.strip()
        check(ran.returncode == 0, f'up: {ran.stderr}')
        check(eventually(lambda: lab.status()[0] == 0), f'not well: {lab.status()}')
        said = lab.status()[1]
        check(len(said['sessions']) == 2 and not said['tunnels'], f'said: {said}')
        check(all(one['name'] != 'charon' for node in said['nodes'] for one in node['daemons']),
              f'who needs a charon? {said["nodes"]}')
        check(eventually(lambda: lab.run('exec', 'vgw', 'ping', '-q', '-c1', '-W1',
                                         '10.20.0.1').returncode == 0), 'nobody is reached')
        ran = lab.run('run', '--json', '--sekishod', lab.sekishod, '--for', '2s', file.name)
        states = {one['tunnel']: one['state'] for one in json.loads(ran.stdout)['tunnels']}
        check(states == {'vpn/1': 'down', 'vpn/2': 'up'}, f'states: {states}')
        for address, reached in (('169.254.10.1', False), ('10.0.0.1', True)):
            ran = lab.run('exec', 'site', 'ping', '-q', '-c1', '-W1', address)
            check((ran.returncode == 0) == reached, f'{address}: {ran.stdout}')
        check(lab.run('down').returncode == 0 and not lab.left(), f'left: {lab.left()}')
    return None


TESTS = [the_incident, ten_sites, sekishod_at_both_ends, a_killed_one, a_killed_run,
         a_lab_without_its_folder, an_interrupted_one, a_tunnel_in_a_tunnel,
         a_program_that_ends, a_tour_without_trouble, a_tour_for_a_machine, a_session_by_hand,
         a_line_that_fails, a_restarted_tunnel, tunnels_without_ipsec]


def end(process, sekisho, name):
    """Interrupts `sekisho lab run`, if it still runs, and takes its lab down, whatever is left."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    subprocess.run([sekisho, 'lab', 'down', '--lab', name], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)


def permitted():
    """Raises Unable where no lab can be had. Returns as Rig() does: alone."""
    for needed in ('/usr/sbin/charon-systemd', '/usr/sbin/swanctl', '/usr/sbin/bird',
                   '/usr/lib/frr/bgpd', '/dev/net/tun', 'nft', 'tc', 'ip'):
        if not (shutil.which(needed) or pathlib.Path(needed).exists()):
            raise Unable(f'{needed} is missing')
    Rig().close()


def run_tests(tests):
    """Each with a lab of its own, gone afterwards. Whether one failed."""
    (sekishod, sekisho), wanted = tap.programs()
    chosen = tap.choose(tests, wanted)
    try:
        permitted()
    except Unable as error:
        print(f'1..0 # SKIP {error}')
        return False
    print(f'1..{len(chosen)}')
    failed = False
    for number, test in enumerate(chosen, 1):
        lab = Lab(sekishod, sekisho, f'it{os.getpid()}x{number}', INCIDENT)
        why, skipped = '', None
        try:
            skipped = test(lab)
        except Failed as error:
            why = str(error)
        finally:
            lab.run('down')
        for line in why.splitlines():
            print(f'# {line}')
        print(f'{"not " if why else ""}ok {number} - {test.__name__}{tap.told_skipped(skipped)}',
              flush=True)
        failed |= bool(why)
    return failed


if __name__ == '__main__':
    sys.exit(run_tests(TESTS))
