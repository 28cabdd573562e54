#!/usr/bin/env python3
"""Some cells of the matrix with real daemons, in a hurry; tools/soak has forty.

    lab_cells.py SEKISHOD SEKISHO MATRIX [CELL ...]

A provider that speaks BGP, and a tunnel that flaps; a neighbor that is pinned, and a tunnel that
never comes back; a covering prefix, which the pins hold, and a router that answers for everything
behind it; a static connection's prefixes. Where the kernel has VRFs, an outer interface in one.
"""
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from lab import ROOT, permitted
from rig import Unable

CELLS = ('92', '459', '1577', '1239', '747')


def main():
    sekishod, sekisho, matrix, *cells = sys.argv[1:]
    try:
        permitted()
    except Unable as error:
        print(f'1..0 # SKIP {error}')
        return 0
    words = [ROOT / 'tools' / 'lab-matrix', '--hurried', '--side-by-side', str(len(CELLS)),
             '--sekisho', sekisho, '--sekishod', sekishod, '--matrix', matrix]
    for cell in cells or CELLS:
        words += ['--cell', cell]
    ran = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    number = 0
    for line in ran.stdout:
        found = re.match(r'cell (\d+) \((.*)\): (agrees|DISAGREES|left out|no lab)(: .*)?', line)
        if found:
            number += 1
            fine = found[3] in ('agrees', 'left out')
            why = f' # SKIP{found[4][1:]}' if found[3] == 'left out' else ''
            print(f'{"" if fine else "not "}ok {number} - cell {found[1]}, {found[2]}{why}')
        elif not line.startswith('# page'):
            print(f'# {line}', end='')
        sys.stdout.flush()
    status = ran.wait()
    print(f'1..{number}')
    return status


if __name__ == '__main__':
    sys.exit(main())
