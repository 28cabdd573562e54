#!/usr/bin/env python3
"""A test program that is given a name which none of its tests has plays nothing, and says so.

    names.py C_TEST [TEST ...]

C_TEST is a program of tests/harness.h with the option --networks. Of the programs in Python each is
called; the lists of names in tests/meson.build are read. TAP on standard output.
"""
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
TESTS_FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = TESTS_FOLDER.parent
sys.path.insert(0, str(TESTS_FOLDER / 'interop'))

import tap  # noqa: E402

NOBODY = 'nobody_is_called_so'
PATHS_AT_MOST = 3
# who is started by a test, and has none itself
SERVANTS = ('alone.py', 'exabgp_watch.py', 'ike_flood.py')


def called(*words):
    return subprocess.run([str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=100,
                          check=False)


def refuses(word, *words):
    """Yields what is wrong if this word is not told, or anything was played."""
    ran = called(*words)
    name = pathlib.Path(words[0] if words[0] != sys.executable else words[2]).name
    if ran.returncode != 2 or word not in ran.stderr or ran.stdout:
        yield f'{name}: status {ran.returncode}, {ran.stdout[:200]!r}, {ran.stderr[-400:]!r}'
    if 'Traceback' in ran.stderr:
        yield f'{name}: it broke'


def programs_in_c_refuse_it(program):
    yield from refuses(NOBODY, program, NOBODY)
    yield from refuses('stories_that_people_tell', program, NOBODY)  # what there is
    yield from refuses('--netwroks', program, '--netwroks')
    yield from refuses('--networks: expected a number', program, '--networks')
    yield from refuses('--networks: expected a number', program, '--networks', 'many')


def programs_in_c_play_who_is_named(program):
    ran = called(program, 'stories_that_people_tell')
    results = [line for line in ran.stdout.splitlines() if not line.startswith('#')]
    if ran.returncode or results != ['ok 1 - stories_that_people_tell', '1..1']:
        yield f'status {ran.returncode}: {ran.stdout}{ran.stderr}'


def programs_in_python_refuse_it(_):
    """Real files stand for the paths that come first; what is too many of them is no name, either.
    """
    count = 0
    for path in sorted(TESTS_FOLDER.rglob('*.py')):
        if path.name in SERVANTS or path == pathlib.Path(__file__).resolve() or \
                "if __name__ == '__main__':" not in path.read_text():
            continue
        count += 1
        yield from refuses(NOBODY, sys.executable, '-B', path, *[path] * PATHS_AT_MOST, NOBODY)
    if count < 30:
        yield f'{count} programs, expected 30 and more'


def names_of(text):
    """Each (file in Python, names behind it) of lists in meson's language."""
    for file, names in re.findall(r"'(tests/interop/\w+\.py)'((?:,\s*'\w+')*)", text):
        yield file, re.findall(r'\w+', names)


def lists_name_who_is_there(_):
    count = 0
    for file, names in names_of((ROOT / 'tests' / 'meson.build').read_text()):
        there = re.findall(r'^def (\w+)\(', (ROOT / file).read_text(), re.M)
        yield from (f'{file} has no test {name}' for name in names if name not in there)
        count += len(names)
    if count < 15:
        yield f'{count} names, expected 15 and more'


TESTS = (programs_in_c_refuse_it, programs_in_c_play_who_is_named, programs_in_python_refuse_it,
         lists_name_who_is_there)


def main():
    (program,), wanted = tap.files('a test program in C')
    return tap.tell_problems(tap.choose(TESTS, wanted), program)


if __name__ == '__main__':
    sys.exit(main())
