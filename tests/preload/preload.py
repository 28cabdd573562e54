#!/usr/bin/env python3
"""The shared objects that lie to programs under test do what they are told, or say what is wrong.

    preload.py FALSE_CLOCK KILL_POINT [TEST ...]

FALSE_CLOCK sets a clock (false_clock.c), KILL_POINT kills between two effects (kill_point.c). TAP
on standard output.
"""
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'interop'))

import tap  # noqa: E402

HOUR = 3600
SLACK_S = 120  # between our look at the clock and the program's
TIMES = 'import time; print(int(time.time()))'
MONOTONIC = 'import time; print(int(time.monotonic()))'
EFFECTS = 3
ECHOES = '; '.join(f'echo {number}' for number in range(EFFECTS))


def run(shim, words, **told):
    clean = {name: value for name, value in os.environ.items()
             if name not in ('FALSE_CLOCK', 'KILL_AT')}
    return subprocess.run(words, env={**clean, 'LD_PRELOAD': str(shim), **told}, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def refuses(shim, name, value):
    """Yields what is wrong, if it is not refused with one sentence that names what was told."""
    ran = run(shim, ['true'], **({} if value is None else {name: value}))
    if ran.returncode != -signal.SIGABRT or ran.stderr.count('\n') != 1 or \
            not ran.stderr.startswith(name) or (value or '') not in ran.stderr:
        yield f'{name}={value}: status {ran.returncode}, {ran.stderr!r}'


def a_clock_that_is_none_is_refused(folder, false_clock, _):
    short, long = folder / 'short', folder / 'long'
    short.write_bytes(b'1234567')
    long.write_bytes(b'123456789')
    for value in (None, '', str(folder / 'nowhere'), str(folder), str(short), str(long)):
        yield from refuses(false_clock, 'FALSE_CLOCK', value)


def the_clock_is_off_by_what_it_is_told(folder, false_clock, _):
    """Whoever asks; a clock that nobody can set is not."""
    path = folder / 'clock'
    for off in (0, HOUR, -HOUR):
        path.write_bytes(struct.pack('=q', off))
        for words, now, expected in ((['date', '+%s'], time.time, off),
                                     ([sys.executable, '-c', TIMES], time.time, off),
                                     ([sys.executable, '-c', MONOTONIC], time.monotonic, 0)):
            ran = run(false_clock, words, FALSE_CLOCK=str(path))
            if ran.returncode or not -1 <= now() + expected - int(ran.stdout) < SLACK_S:
                yield f'{words} with {off}: {ran.stdout.strip()} {ran.stderr}'


def a_point_that_is_none_is_refused(_, __, kill_point):
    for value in (None, '', 'x', '-1', '+1', ' 1', '5x', '1.5', '99999999999999999999'):
        yield from refuses(kill_point, 'KILL_AT', value)


def it_is_killed_before_the_effect_it_is_told(_, __, kill_point):
    for point in range(EFFECTS + 2):
        ran = run(kill_point, ['sh', '-c', ECHOES], KILL_AT=str(point))
        lines = [str(number) for number in range(min(point, EFFECTS))]
        status = -signal.SIGKILL if point < EFFECTS else 0
        if ran.returncode != status or ran.stdout.split() != lines:
            yield f'effect {point}: status {ran.returncode}, {ran.stdout!r} {ran.stderr}'


TESTS = (a_clock_that_is_none_is_refused, the_clock_is_off_by_what_it_is_told,
         a_point_that_is_none_is_refused, it_is_killed_before_the_effect_it_is_told)


def main():
    shims, wanted = tap.files('false_clock.so', 'kill_point.so')
    tests = tap.choose(TESTS, wanted)
    with tempfile.TemporaryDirectory() as folder:
        return tap.tell_problems(tests, pathlib.Path(folder), *shims)


if __name__ == '__main__':
    sys.exit(main())
