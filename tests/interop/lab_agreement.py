#!/usr/bin/env python3
"""Two random networks in the simulator and with real daemons, in a hurry; tools/soak has a hundred.

    lab_agreement.py SEKISHOD SEKISHO [SEED ...]

In one, two sites by FRR and a Direct Connect by BIRD, which announces a default that the guard
carves for one and refuses for the other. In the other a site by FRR has a default of distance 210
and hears one of a Direct Connect: it flaps, and its period is compared.
"""
import re
import sys

sys.dont_write_bytecode = True

import tap
from lab import ROOT, permitted
from rig import Unable

SEEDS = ('11', '28')


def result(line):
    found = re.match(r'(seed \d+): (agrees|DISAGREES|left out|no lab)', line)
    return found and (found[2] == 'agrees', f'the network of {found[1]} ends alike in both', None)


def main():
    (sekishod, sekisho), seeds = tap.programs()
    tap.numbers('seed', seeds)
    try:
        permitted()
    except Unable as error:
        print(f'1..0 # SKIP {error}')
        return 0
    words = [ROOT / 'tools' / 'lab-agreement', '--hurried', '--side-by-side', str(len(SEEDS)),
             '--sekisho', sekisho, '--sekishod', sekishod]
    for seed in seeds or SEEDS:
        words += ['--only', seed]
    return tap.relay(words, len(seeds or SEEDS), result)


if __name__ == '__main__':
    sys.exit(main())
