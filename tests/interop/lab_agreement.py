#!/usr/bin/env python3
"""Two random networks in the simulator and with real daemons, in a hurry; tools/soak has a hundred.

    lab_agreement.py SEKISHOD SEKISHO [SEED ...]

In one, two sites by FRR and a Direct Connect by BIRD, which announces two halves of a default that
the guard carves for one and refuses for the other; in the other sekishod is at both ends of two
tunnels.
"""
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from lab import ROOT, permitted
from rig import Unable

SEEDS = ('11', '18')


def main():
    sekishod, sekisho, *seeds = sys.argv[1:]
    try:
        permitted()
    except Unable as error:
        print(f'1..0 # SKIP {error}')
        return 0
    words = [ROOT / 'tools' / 'lab-agreement', '--hurried', '--side-by-side', str(len(SEEDS)),
             '--sekisho', sekisho, '--sekishod', sekishod]
    for seed in seeds or SEEDS:
        words += ['--only', seed]
    ran = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    number = 0
    for line in ran.stdout:
        found = re.match(r'(seed \d+): (agrees|DISAGREES|left out|no lab)', line)
        if found:
            number += 1
            fine = 'ok' if found[2] == 'agrees' else 'not ok'
            print(f'{fine} {number} - the network of {found[1]} ends alike in both')
        if not found or found[2] != 'agrees':
            print(f'# {line}', end='')
        sys.stdout.flush()
    status = ran.wait()
    print(f'1..{len(seeds or SEEDS)}')
    return status


if __name__ == '__main__':
    sys.exit(main())
