#!/usr/bin/env python3
"""What alone.py promises: whoever is killed leaves no process, no namespace and no file of /run.

    killed.py [TEST ...]

TAP on standard output; what the machine does not permit is skipped aloud.
"""
import os
import pathlib
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

import tap
from alone import MARK, Unable, alone
from rig import eventually

ALONE = pathlib.Path(__file__).with_name('alone.py')
PATIENCE = 60
# one that would outlive it, as charon does, and one in a namespace that has a name
LEAVES = ('setsid sh -c "sleep 600 & " && ip netns add left && touch /run/left && '
          '(ip netns exec left sleep 600 &) && echo ready && sleep 600')


def begin(*words):
    clean = {name: value for name, value in os.environ.items() if name != MARK}
    return subprocess.Popen([sys.executable, '-B', ALONE, *words], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean)


def space_of(pid):
    try:
        return os.readlink(f'/proc/{pid}/ns/pid')
    except OSError:
        return None


def living(space):
    return [pid for pid in os.listdir('/proc') if pid.isdigit() and space_of(pid) == space]


def children(pid):
    return pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()


def who_is_killed_leaves_nothing():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        ran = begin('sh', '-c', LEAVES)
        if ran.stdout.readline() != 'ready\n':
            yield f'it did not begin: {ran.communicate()[0]}'
            continue
        first, = children(ran.pid)
        space = space_of(first)
        if not eventually(lambda where=space: len(living(where)) == 5, PATIENCE):
            yield f'{number.name}: {living(space)} lived, expected 5'
        ran.send_signal(number)
        if ran.wait(PATIENCE) != -number:
            yield f'{number.name}: status {ran.returncode}'
        if not eventually(lambda where=space: not living(where), PATIENCE):
            yield f'{number.name}: {living(space)} live'
    if pathlib.Path('/run/left').exists() or pathlib.Path('/run/netns/left').exists():
        yield 'something is in /run'


def it_ends_as_its_program_does():
    for words, status in (('exit 0', 0), ('exit 3', 3), ('kill -9 $$', -9), ('kill -11 $$', -11)):
        ran = begin('sh', '-c', words)
        said, _ = ran.communicate(timeout=PATIENCE)
        if ran.returncode != status or said:
            yield f'{words}: status {ran.returncode}, expected {status}: {said}'


def who_is_nobodys_child_is_buried():
    """Else it would seem to live on."""
    ran = begin('sh', '-c', '(sleep 0.1 & echo $! >/run/pid) && sleep 1 && '
                'while [ -e /proc/$(cat /run/pid) ]; do sleep 0.1; done')
    if ran.wait(PATIENCE):
        yield f'status {ran.returncode}: {ran.stdout.read()}'


TESTS = (who_is_killed_leaves_nothing, it_ends_as_its_program_does, who_is_nobodys_child_is_buried)


def main():
    tests = tap.choose(TESTS, sys.argv[1:])
    try:
        alone()
    except Unable as why:
        print(f'1..0 # SKIP {why}')
        return 0
    return tap.tell_problems(tests)


if __name__ == '__main__':
    sys.exit(main())
