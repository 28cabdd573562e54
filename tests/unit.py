#!/usr/bin/env python3
"""packaging/sekishod@.service, as systemd reads it: every word is one that it knows.

    unit.py SEKISHOD [TEST ...]

TAP on standard output; skipped aloud where there is no systemd-analyze.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / 'interop'))

import tap  # noqa: E402

UNIT = pathlib.Path(__file__).parents[1] / 'packaging/sekishod@.service'
INSTALLED = '/usr/bin/sekishod'


def said(folder, text):
    """What systemd-analyze has to say about a unit with this text; its status is 0 for warnings."""
    path = pathlib.Path(folder) / 'sekishod@vgw-main.service'
    path.write_text(text)
    ran = subprocess.run(['systemd-analyze', 'verify', '--man=no', path], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=50, check=False)
    ours = [line for line in ran.stdout.splitlines() if 'sekishod' in line]
    return ours or ([f'status {ran.returncode}: {ran.stdout}'] if ran.returncode else [])


def the_unit_is_understood(folder, text):
    return said(folder, text)


def a_mistake_in_it_would_be_told(folder, text):
    """Of a word, of a value, and of the program."""
    pairs = (('OOMPolicy=', 'OomPolicy='), ('OOMPolicy=continue', 'OOMPolicy=perhaps'),
             ('ExecStart=', 'ExecStart=/nowhere'))
    return [f'{new} is not told' for old, new in pairs
            if old not in text or not said(folder, text.replace(old, new, 1))]


TESTS = (the_unit_is_understood, a_mistake_in_it_would_be_told)


def main():
    (program,), wanted = tap.files('sekishod')
    tests = tap.choose(TESTS, wanted)
    if not shutil.which('systemd-analyze'):
        print('1..0 # SKIP systemd-analyze is missing (package systemd)')
        return 0
    text = UNIT.read_text()
    if INSTALLED not in text:
        sys.exit(f'{UNIT.name} does not start {INSTALLED}')
    text = text.replace(INSTALLED, program)
    with tempfile.TemporaryDirectory() as folder:
        return tap.tell_problems(tests, folder, text)


if __name__ == '__main__':
    sys.exit(main())
