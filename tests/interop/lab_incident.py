#!/usr/bin/env python3
"""The incident in labs, for minutes: with AWS's timers and IKEv2, and with IKEv1, several side by
side. Every moment of the first cycle, and every further cycle's length, is held against what was
measured (interop/measured.py). As root; not a test of `make test`: `make soak` runs it.

    lab_incident.py [--seconds 420] [--labs 3] [SEKISHO SEKISHOD]

What it found is its last page, bench/INCIDENT.md.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import lab  # noqa: E402
import lab_story  # noqa: E402
import measured  # noqa: E402
from rig import Unable  # noqa: E402

# name, timers (None: AWS's), lines of the connection, sets of measured.json and lab_incident.json,
# seconds after which charon repeats a request
KINDS = (
    ('IKEv2, AWS\'s timers', '', '', 'aws_with_echo', 'sekishod_aws', 10),
    ('IKEv1, AWS\'s timers', '', '    ike: 1\n', None, 'ikev1_aws', 10),
    ('IKEv1, fast timers', lab_story.FAST, '    ike: 1\n', None, 'ikev1_fast', 3),
)


def network(timers, more):
    text = (lab_story.EXAMPLES / 'incident.yaml').read_text()
    where = '    customer_gateway: cgw-vyatta\n'
    text = text.replace(where, where + timers + more)
    return re.sub(r'(?m)^(story:\n  - .*\n)(  - .*\n)*', r'\1', text)


class Run:
    def __init__(self, programs, folder, number, kind, seconds):
        self.kind = kind
        self.name = f'ti{os.getpid()}x{number}'
        path = folder / f'{self.name}.yaml'
        path.write_text(network(kind[1], kind[2]))
        self.out = open(folder / f'{self.name}.json', 'w+')
        # other phases of the timers in each: the announcement comes later
        self.process = subprocess.Popen(
            [programs[0], 'lab', 'run', '--lab', self.name, '--sekishod', programs[1], '--json',
             '--from', f'{57 - 2.3 * number % 11:.1f}s', '--for', f'{seconds}s', str(path)],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=subprocess.DEVNULL)

    def answer(self, limit_s):
        self.process.wait(limit_s)
        self.out.seek(0)
        return json.loads(self.out.read())


def apart(kind, name):
    """Have cycles that are other than most in this way their own range?"""
    return bool(name) and measured.has(f'{kind[4]}_{name}')


def judge(kind, answer, late_s):
    """Yields (right, what) of each moment and cycle, early cycles by their own range."""
    allowed = measured.either(kind[3], kind[4]) if kind[3] else measured.ours(kind[4])
    early = measured.ours(f'{kind[4]}_early') if kind[3] else {}
    began = measured.loops(answer)
    first_early = len(began) > 1 and measured.is_early(answer, began[0], began[1])
    yield len(began) > 2, f'{len(began)} loops'
    yield from measured.judge(measured.first_cycle(answer),
                              {**allowed, **early} if first_early and early else allowed, late_s)
    for start, length, name in measured.cycles(answer):
        limits = (measured.ours(f'{kind[4]}_{name}') if apart(kind, name) else allowed)['period']
        yield measured.within(length, limits, late_s), \
            f'a cycle of {length} s{", " if name else ""}{name}, expected {limits}'
        if name == 'repeated':  # by its clock, and charon's jobs are late by little
            waited = measured.waited_s(answer, start, start + length)
            yield kind[5] <= waited <= kind[5] + 0.3 + late_s, \
                f'a new IKE_SA {waited:.3f} s after the old one, expected {kind[5]} s'


def page(kind, answers):
    found = {}
    for answer in answers:
        for name, value in measured.first_cycle(answer).items():
            if value is not None:
                found.setdefault(name, []).append(value)
        for _, length, name in measured.cycles(answer):
            found.setdefault(f'period, {name}' if apart(kind, name) else 'period',
                             []).append(length)
    yield f'## {kind[0]}: {len(answers)} labs'
    yield ''
    yield '| seconds after the announcement | least | median | greatest | n |'
    yield '|---|---:|---:|---:|---:|'
    for name, values in found.items():
        yield (f'| {name} | {min(values):.3f} | {statistics.median(values):.3f} |'
               f' {max(values):.3f} | {len(values)} |')
    yield ''


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('sekisho', nargs='?', default='build/sekisho')
    parser.add_argument('sekishod', nargs='?', default='build/sekishod')
    parser.add_argument('--seconds', type=int, default=420)
    parser.add_argument('--labs', type=int, default=3, help='of each kind')
    given = parser.parse_args()
    try:
        lab.permitted()
    except Unable as why:
        print(f'1..0 # SKIP {why}')
        return 0
    print(f'1..{len(KINDS) * given.labs}', flush=True)
    lateness, runs, wrongs = measured.Lateness(), [], 0
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(130))
    with tempfile.TemporaryDirectory(prefix='sekisho-incident-') as folder:
        try:
            for number in range(given.labs * len(KINDS)):
                runs.append(Run((given.sekisho, given.sekishod), pathlib.Path(folder), number,
                                KINDS[number % len(KINDS)], given.seconds))
                time.sleep(0.5)
            lateness.start()
            answers = [(run.kind, run.answer(given.seconds + 180)) for run in runs]
        finally:
            for run in runs:
                lab.end(run.process, given.sekisho, run.name)
    late_s = lateness.end()
    for number, (kind, answer) in enumerate(answers, 1):
        wrong = [said for right, said in judge(kind, answer, late_s) if not right]
        for said in wrong:
            print(f'# {said}')
        wrongs += bool(wrong)
        print(f'{"not ok" if wrong else "ok"} {number} - {kind[0]}')
    print(f'# page: Seconds; the machine woke who slept at most {late_s:.3f} s late.\n# page:')
    for kind in KINDS:
        for line in page(kind, [answer for of, answer in answers if of is kind]):
            print(f'# page: {line}')
    return 1 if wrongs else 0


if __name__ == '__main__':
    sys.exit(main())
