"""Tests that share one table of daemons, told in TAP: the reason stands before the failure.

A table is what make() gives: close() ends it; last_words(), if it has any, are told
after a failure. A test that cannot be played here returns why."""

import os
import pathlib
import shutil
import subprocess
import sys

from rig import Unable


class Failed(Exception):
    """What was expected, and what there was."""


def check(claim, said):
    if not claim:
        raise Failed(said)


# what a table's tests stop at, and the next one can go on after
ENDS = (Failed, RuntimeError, KeyError, OSError, subprocess.TimeoutExpired)
TUNNELS = ('/usr/sbin/charon-systemd', 'swanctl', 'bird', 'nft', 'ping', '/dev/net/tun')


def need(*programs):
    """Raises Unable with the first that is not there: names in PATH, or whole paths."""
    for program in programs:
        if not (shutil.which(program) or pathlib.Path(program).exists()):
            raise Unable(f'{program} is missing')


def _remark(text):
    for line in str(text).splitlines():
        print(f'# {line}')


def told_skipped(why):
    """Behind a test's name: why it was not played, if that is what it returned."""
    return f' # SKIP {why}' if why else ''


def _passes(number, test, table):
    try:
        skipped = test(table)
    except ENDS as why:
        _remark(why if isinstance(why, Failed) else f'{type(why).__name__}: {why}')
        print(f'not ok {number} - {test.__name__}', flush=True)
        if hasattr(table, 'last_words'):
            _remark(table.last_words())
        return False
    print(f'ok {number} - {test.__name__}{told_skipped(skipped)}', flush=True)
    return True


def refuse(sentence):
    """Ends the program as one that was called wrongly."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


def choose(tests, wanted):
    """Those of these names, or all; refuses a name that none has, as a list that names a test
    which was called otherwise since would prove less and less."""
    names = [test.__name__ for test in tests]
    unknown = set(wanted) - set(names)
    if unknown:
        refuse(f'no test is called {", ".join(sorted(unknown))}; expected of: {", ".join(names)}')
    return [test for test in tests if not wanted or test.__name__ in wanted]


def tell(make, tests, wanted=(), first=None):
    """The exit status. wanted: names, or all; when first fails, nothing else could be fine."""
    chosen = choose(tests, wanted)
    try:
        table = make()
    except Unable as why:
        print(f'1..0 # SKIP {why}')
        return 0
    print(f'1..{len(chosen)}', flush=True)
    failed = 0
    try:
        for number, test in enumerate(chosen, 1):
            passed = _passes(number, test, table)
            failed += not passed
            if not passed and test is first:
                print(f'Bail out! Without {test.__name__} nothing else can be fine.')
                break
    finally:
        table.close()
    return 1 if failed else 0


def tell_problems(tests, *given):
    """Tests without a table, chosen: each gives or yields what is wrong, if anything. The exit
    status."""
    failed = 0
    for number, test in enumerate(tests, 1):
        problems = list(test(*given))
        for problem in problems:
            _remark(problem)
        print(f'{"not " if problems else ""}ok {number} - {test.__name__}')
        failed += bool(problems)
    print(f'1..{len(tests)}')
    return 1 if failed else 0


def relay(words, count, result):
    """Plays a program whose lines are count results and remarks; the exit status. result(line) is
    None for a remark, otherwise (is it fine, its name, why it was skipped or None)."""
    ran = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(f'1..{count}', flush=True)
    number = 0
    for line in ran.stdout:
        found = result(line)
        if found:
            number += 1
            fine, name, skipped = found
            print(f'{"" if fine else "not "}ok {number} - {name}{told_skipped(skipped)}')
        if not (found and found[0]) and not line.startswith('# page'):
            _remark(line)
        sys.stdout.flush()
    status = ran.wait()
    if number != count:
        _remark(f'{number} results, expected {count}')
    return status or int(number != count)


def files(*kinds):
    """The paths that the command line begins with, of these kinds, and the words behind them."""
    words = sys.argv[1:]
    there = [str(pathlib.Path(word).resolve()) for word in words[:len(kinds)]]
    if len(there) < len(kinds) or not all(os.path.isfile(path) for path in there):
        refuse(f'expected, first: {", ".join(f"the path of {kind}" for kind in kinds)}; found: '
               f'{" ".join(words) or "nothing"}')
    return there, words[len(kinds):]


def numbers(kind, words):
    """Refuses words that are none."""
    others = [word for word in words if not (word.isascii() and word.isdigit())]
    if others:
        refuse(f'no {kind} is called {", ".join(others)}; expected numbers')


def programs():
    """sekishod and sekisho, as the command line names them, and the tests that it wants."""
    return files('sekishod', 'sekisho')
