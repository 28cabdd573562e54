#!/usr/bin/env python3
"""The incident with real daemons: sekisho lab run, by a small network file and quick timers.

    lab_story.py SEKISHO SEKISHOD

Five labs side by side: the default is announced, and the tunnel goes round in itself, at the
moments that were measured in a laboratory (interop/measured.py); the gateway holds it back, and
nothing happens; the router has pinned its way, and uses the default; the announcer withdraws it,
and that is the cure; the router is restarted, and that is none. Then four recordings are played by
the simulator. SEKISHO_LAB_SECONDS is for how long "nothing happens" is watched.
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
import measured  # noqa: E402
import tap  # noqa: E402
from lab import end, permitted  # noqa: E402
from rig import Unable  # noqa: E402

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / 'examples'
QUICK = ('    bgp: {keepalive: 1s, hold: 3s, connect_retry: 1s}\n'
         '    dpd: {delay: 1s, retries: 3, interval: 1s}\n')
FAST = ('    bgp: {keepalive: 3s, hold: 9s, connect_retry: 3s}\n'
        '    dpd: {delay: 3s, retries: 3, interval: 3s}\n')  # the laboratory's
LIMIT_S = 180  # for what takes 20 s where nobody else is
WATCH_S = int(os.environ.get('SEKISHO_LAB_SECONDS', '12'))
RESTART = '  - {at: 70s, restart: {router: vyatta}}\n'
WITHDRAWAL = '  - {at: 75s, withdraw: {router: dx-edge, prefix: 0.0.0.0/0}}\n'


def quick(name, story='', timers=QUICK):
    """The example with these timers; the story ends with its first step and these."""
    text = (EXAMPLES / name).read_text()
    where = '    customer_gateway: cgw-vyatta\n'
    text = text.replace(where, where + timers)
    text = re.sub(r'(?m)^(story:\n  - .*\n)(  - .*\n)*', r'\1' + story, text)
    assert text.count('keepalive: ') == 1 and text.count('  - {at: ') == 1 + story.count('\n')
    return text


class Lab:
    def __init__(self, programs, folder, name, text, seconds):
        self.recorded = folder / f'{name}.recorded.yaml'
        self.name = f'tl{os.getpid()}{name}'
        path = folder / f'{name}.yaml'
        path.write_text(text)
        sekisho, sekishod = programs
        self.out = open(folder / f'{name}.json', 'w+')
        self.err = open(folder / f'{name}.err', 'w+')
        self.pcap = folder / f'{name}.pcap'
        more = ['--pcap', str(self.pcap)] if name == 'c' else []
        self.process = subprocess.Popen(
            [sekisho, 'lab', 'run', '--lab', self.name, '--sekishod', sekishod, '--json', '--from',
             '57s', '--for', f'{seconds}s', '--record', str(self.recorded), *more,
             str(path)],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err)

    def answer(self):
        self.process.wait(LIMIT_S)
        for stream in (self.out, self.err):
            stream.seek(0)
        said = self.out.read()
        if not said:
            raise AssertionError(f'{self.name}: {self.err.read().strip()[-300:]}')
        return {**json.loads(said), 'pcap': self.pcap}


def kinds(answer, **where):
    return [moment['kind'] for moment in answer['timeline']
            if all(moment.get(key) == value for key, value in where.items())]


def in_order(found, wanted):
    """Do these come in this order, whatever stands between?"""
    rest = iter(found)
    return all(any(kind == other for other in rest) for kind in wanted)


def default_of(answer, router):
    return [route for route in answer['tables'][router]['routes']
            if route['prefix'] == '0.0.0.0/0' and route['used']]


def it_goes_round(answer):
    """Loop, BGP lost at both ends, IKE given up, a new IKE SA, and the loop again."""
    tunnel = kinds(answer)
    yield in_order(tunnel, ['story', 'swallowed', 'session-down', 'ike-given-up', 'ike-up',
                            'session-up', 'swallowed']), tunnel
    for node in ('vgw-main', 'vyatta'):
        yield 'session-down' in kinds(answer, node=node, neighbor='vpn-vyatta/1'), node
    yield 'guard-warned' in kinds(answer, node='vgw-main'), 'the gateway says so'
    found = measured.first_cycle(answer)
    allowed = measured.either('fast_with_echo', 'sekishod_fast')
    late_s = LATENESS.worst_s
    if late_s > measured.TOO_LATE_S:
        print(f'# the machine stood still for {late_s:.2f} s: its moments say nothing')
        return
    yield from measured.judge(found, allowed, late_s)
    early = measured.ours('sekishod_fast_early')
    for _, length, kind in measured.cycles(answer):
        limits = (early if kind == 'early' else allowed)['period']
        yield measured.within(length, limits, late_s), ('a cycle', length, kind, limits)


def the_vpcs_tables_have_it(answer):
    """The default is propagated into the VPC, and its kernel has it."""
    found = [(route['target'], route['origin'], route['used'])
             for route in answer['tables']['rtb-app']['routes'] if route['prefix'] == '0.0.0.0/0']
    yield found == [('vgw-main', 'propagated', True)], answer['tables']['rtb-app']
    branch = answer['tables']['rtb-branch']
    yield len(branch['routes']) == 3 and all(route['used'] for route in branch['routes']), branch


def it_holds(answer):
    yield 'swallowed' not in kinds(answer), kinds(answer)
    yield 'session-down' not in kinds(answer), kinds(answer)
    yield answer['tunnels'][0]['up'] and answer['tunnels'][0]['bgp'] == 'Established', 'up'
    yield not answer['flaps'], answer['flaps']


def the_guard_holds_it_back(answer):
    yield from it_holds(answer)
    yield from the_vpcs_tables_have_it(answer)
    yield 'guard-held' in kinds(answer, node='vgw-main'), kinds(answer)
    yield [route['interface'] for route in default_of(answer, 'vyatta')] == ['eth0'], 'its own'


def a_pinned_way_lets_it_be_used(answer):
    yield from it_holds(answer)
    yield [route['source'] for route in default_of(answer, 'vyatta')] == ['ebgp'], \
        answer['tables']['vyatta']
    yield from the_update_was_captured(answer['pcap'])


def the_update_was_captured(folder):
    """The gateway's UPDATE with NLRI 0.0.0.0/0, as it stood in the tunnel."""
    if not shutil.which('tshark'):
        print('# tshark is missing: nobody looks into the capture')
        return
    ran = subprocess.run(
        ['tshark', '-r', str(folder / 'vpn-vyatta-1.pcap'), '-T', 'fields', '-E', 'occurrence=a',
         '-e', 'ip.src', '-e', 'bgp.prefix_length', '-e', 'bgp.nlri_prefix', '-Y',
         'bgp.type == 2 && ip.src == 169.254.252.30 && bgp.nlri_prefix == 0.0.0.0'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    lines = [line.split('\t') for line in ran.stdout.splitlines()]
    yield any('0' in line[1].split(',') and '0.0.0.0' in line[2].split(',') for line in lines), \
        ('no such UPDATE', ran.stdout, ran.stderr)


def the_announcer_ends_it(answer):
    yield 'swallowed' in kinds(answer), kinds(answer)
    steps = [moment['at_s'] for moment in answer['timeline'] if moment['kind'] == 'story']
    last = max(moment['at_s'] for moment in answer['timeline'] if moment['kind'] == 'swallowed')
    yield len(steps) == 2 and last < steps[1] + 1, (steps, last)
    yield answer['tunnels'][0]['up'] and answer['tunnels'][0]['bgp'] == 'Established', \
        answer['tunnels']


def a_restart_ends_nothing(answer):
    """The Vyatta boots, its tunnel comes up, and swallows itself."""
    booted = [moment['at_s'] for moment in answer['timeline'] if moment['kind'] == 'boot']
    yield len(booted) == 1, kinds(answer)
    later = [moment['kind'] for moment in answer['timeline']
             if booted and moment['at_s'] >= booted[0]]
    yield in_order(later, ['boot', 'ike-up', 'session-up', 'swallowed']), later


def the_recording_is_the_story(sekisho, labs):
    """What came from outside, and nothing else; and a simulated run goes as the real one did."""
    for name, verbs in (('a', ['announce']), ('b', ['announce']), ('d', ['announce', 'withdraw']),
                        ('e', ['announce', 'restart'])):
        text = labs[name].recorded.read_text()
        story = re.search(r'(?ms)^story:\n(.*?)(^$|\Z)', text).group(1)
        steps = re.findall(r'at: ([0-9.]+)s(?:, |\n    )([a-z]+): ', story)
        yield [verb for _, verb in steps] == verbs, (name, story)
        yield steps[0][0] == '60', (name, story)
        yield 'psk' not in text, (name, 'the keys are in it')
        ran = subprocess.run([sekisho, 'simulate', '--json', str(labs[name].recorded)], check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        yield ran.stdout, (name, ran.stderr)
        answer = json.loads(ran.stdout)
        swallowed = [tunnel['swallowed_s'] for tunnel in answer['tunnels']]
        yield (swallowed[0] is None) == (name == 'b'), (name, swallowed)
        yield (name == 'b') == ('recorded' not in answer), (name, answer.get('recorded'))
        if name != 'b':
            first = answer['recorded']['moments'][0]
            yield first['what'] == 'session-down of vpn-vyatta/1 at vgw-main', (name, first)
            yield first['simulated_s'] is not None, (name, first)


CASES = (
    ('a', 'incident.yaml', '', FAST, 57, it_goes_round),
    ('b', 'incident-held.yaml', '', QUICK, 3 + WATCH_S, the_guard_holds_it_back),
    ('c', 'incident-pinned.yaml', '', QUICK, 3 + WATCH_S, a_pinned_way_lets_it_be_used),
    ('d', 'incident.yaml', WITHDRAWAL, QUICK, 50, the_announcer_ends_it),
    ('e', 'incident.yaml', RESTART, QUICK, 52, a_restart_ends_nothing),
)
LATENESS = measured.Lateness()


def main():
    (sekisho, sekishod), more = tap.files('sekisho', 'sekishod')
    if more:
        tap.refuse(f'all are played together, none by name; found: {" ".join(more)}')
    try:
        permitted()
    except Unable as why:
        print(f'1..0 # SKIP {why}')
        return 0
    print(f'1..{len(CASES) + 1}', flush=True)
    failed = 0
    labs = []
    with tempfile.TemporaryDirectory(prefix='sekisho-lab-') as folder:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(130))
        try:
            LATENESS.start()
            for name, example, story, timers, seconds, _ in CASES:
                labs.append(Lab((sekisho, sekishod), pathlib.Path(folder), name,
                                quick(example, story, timers), seconds))
                time.sleep(0.2)
            for number, (lab, case) in enumerate(zip(labs, CASES), 1):
                wrong = [said for right, said in case[5](lab.answer()) if not right]
                for said in wrong:
                    print(f'# {said}')
                failed += bool(wrong)
                print(f'{"not ok" if wrong else "ok"} {number} - {case[5].__name__}', flush=True)
            by_name = {case[0]: lab for lab, case in zip(labs, CASES)}
            wrong = [said for right, said in the_recording_is_the_story(sekisho, by_name)
                     if not right]
            for said in wrong:
                print(f'# {said}')
            failed += bool(wrong)
            print(f'{"not ok" if wrong else "ok"} {len(CASES) + 1} - the_recording_is_the_story')
        finally:
            for lab in labs:
                end(lab.process, sekisho, lab.name)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
