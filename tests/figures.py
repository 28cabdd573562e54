#!/usr/bin/env python3
"""Figures of the incident in docs/lab.md are those of tests/data/lab_incident.json, to which
tests/interop/lab_incident.py holds each new run: whoever measures others changes both.

    figures.py [PAGE]
"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS / 'interop'))

import tap  # noqa: E402

PAGE = TESTS.parent / 'docs' / 'lab.md'
NUMBERS = ('no', 'one', 'two')


def ranges(sets, name, moment='period'):
    """least, greatest, number"""
    found = sets[name]['moments_s'][moment]
    return found['min'], found['max'], found['n']


def claims(sets):
    """What the page must say, in these words."""
    least, most, count = ranges(sets, 'sekishod_aws_early')
    yield 'early cycles', f'; {count}: {least:.2f} to {most:.2f} |'
    least, most, count = ranges(sets, 'ikev1_aws')
    rare, rarest, repeated = ranges(sets, 'ikev1_aws_repeated')
    yield 'IKEv1', (f'flaps faster**, every {least:.1f} to {most:.1f} s with AWS\'s timers ({count}'
                    f' of {count + repeated} cycles; one of {rare:.1f} s has a repetition, and one'
                    f' of {rarest:.1f} s,')
    least, most, count = ranges(sets, 'ikev1_fast')
    rare, rarest, repeated = ranges(sets, 'ikev1_fast_repeated')
    second, _, seconds = ranges(sets, 'ikev1_fast_second')
    yield 'IKEv1, fast', (
        f'every {least:.1f} to {most:.1f} s with the fast ones ({count}; {repeated} with a'
        f' repetition: {rare:.1f} to {rarest:.1f} s; {NUMBERS[seconds]} with a second session,'
        f' which there fits in seldom: {second:.1f} s)')
    least, most, count = ranges(sets, 'ikev1_aws', 'loop_again_after_new_ike_sa')
    yield 'IKEv1, the first cycle', \
        f'The first cycle takes {least:.1f} to {most:.1f} s ({count} labs)'


def main():
    words = sys.argv[1:]
    if len(words) > 1 or not all(pathlib.Path(word).is_file() for word in words):
        tap.refuse(f'expected the path of a page, or nothing; found: {" ".join(words)}')
    page = pathlib.Path(words[0]) if words else PAGE
    said = ' '.join(page.read_text().split())
    sets = json.loads((TESTS / 'data' / 'lab_incident.json').read_text())['sets']
    found = list(claims(sets))
    failed = 0
    print(f'1..{len(found)}')
    for number, (name, sentence) in enumerate(found, 1):
        right = sentence in said
        failed += not right
        if not right:
            print(f'# {page} does not say "{sentence}"')
        print(f'{"" if right else "not "}ok {number} - {name}')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
