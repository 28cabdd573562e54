#!/usr/bin/env python3
"""Some cells of the matrix with real daemons, in a hurry; tools/soak has forty.

    lab_cells.py SEKISHOD SEKISHO MATRIX [CELL ...]

A provider that speaks BGP, and a tunnel that flaps; a neighbor that is pinned, and a tunnel that
never comes back; a covering prefix, which the pins hold, and a router that answers for everything
behind it; a static connection's prefixes. Where the kernel has VRFs, an outer interface in one.
"""
import re
import sys

sys.dont_write_bytecode = True

import tap
from lab import ROOT, permitted
from rig import Unable

CELLS = ('92', '459', '1577', '1239', '747')


def result(line):
    found = re.match(r'cell (\d+) \((.*)\): (agrees|DISAGREES|left out|no lab)(?:: (.*))?', line)
    if not found:
        return None
    skipped = (found[4] or 'left out') if found[3] == 'left out' else None
    return (found[3] == 'agrees' or bool(skipped), f'cell {found[1]}, {found[2]}', skipped)


def main():
    (sekishod, sekisho, matrix), cells = tap.files('sekishod', 'sekisho', 'sim_matrix_test')
    tap.numbers('cell', cells)
    try:
        permitted()
    except Unable as error:
        print(f'1..0 # SKIP {error}')
        return 0
    words = [ROOT / 'tools' / 'lab-matrix', '--hurried', '--side-by-side', str(len(CELLS)),
             '--sekisho', sekisho, '--sekishod', sekishod, '--matrix', matrix]
    for cell in cells or CELLS:
        words += ['--cell', cell]
    return tap.relay(words, len(cells or CELLS), result)


if __name__ == '__main__':
    sys.exit(main())
