#!/usr/bin/env python3
"""Holds what the program shows against what it showed before.

cases.txt names each screen, the exit status and the words; NAME.txt beside it is the screen. Words
of the form NAME=VALUE come first and are the environment; `pty` runs it on a terminal of that
width; JOURNAL stands for the journal of a simulated gateway, and is shown as that of a daemon.
bad/*.yaml are networks that must be refused, bad/*.txt what is said then: on standard error
only, with status 2, soon, and in little memory.

    golden.py PROGRAM            compares, as TAP
    golden.py --write PROGRAM    writes the screens anew; read the difference before you commit it
"""
import difflib
import json
import os
import pathlib
import pty
import re
import resource
import struct
import subprocess
import sys
import tempfile
import termios
import fcntl
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = 60
CALLED = 'build/sekisho'  # as it calls itself, wherever it is built
MEMORY_KIB = 512 << 10  # of a refusal, sanitizers included
SHOWN_LINES = 40
ENVIRONMENT = {'LC_ALL': 'C.UTF-8', 'PATH': os.environ.get('PATH', ''), 'TERM': 'xterm'}
for name, value in os.environ.items():
    if name.endswith('SAN_OPTIONS'):
        ENVIRONMENT[name] = value


JOURNAL = '/var/lib/sekisho/vgw-main'


class Ran:
    def __init__(self, status, out, err=''):
        self.status, self.out, self.err = status, out, err


def steady(text):
    """The machine's own time is the only thing that two runs do not share."""
    return re.sub(r'\s+(\d+ networks? run in )\d+ ms', r'  \1N ms', text)


def run(program, words, stdin=subprocess.DEVNULL):
    environment = dict(ENVIRONMENT)
    words = list(words)
    while words and re.match(r'[A-Z_]+=', words[0]):
        name, _, value = words.pop(0).partition('=')
        environment[name] = value
    if 'JOURNAL' in words:
        return run_journal(program, words)
    if words and words[0] == 'pty':
        return run_on_terminal(program, words[1:], environment)
    done = subprocess.run([CALLED, *words], executable=program, cwd=ROOT, env=environment,
                          stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=SECONDS)
    return Ran(done.returncode, done.stdout.decode(errors='replace'),
               done.stderr.decode(errors='replace'))


def run_journal(program, words):
    with tempfile.TemporaryDirectory() as directory:
        made = run(program, ['simulate', '--journal', directory, 'examples/incident.yaml'])
        ran = run(program, [directory if word == 'JOURNAL' else word for word in words])
        if made.err:
            ran.err += made.err
        ran.out, ran.err = (text.replace(directory, JOURNAL) for text in (ran.out, ran.err))
        return ran


def run_on_terminal(program, words, environment):
    """pty COLUMNS words: with standard output on a terminal of that width."""
    columns, words = int(words[0]), words[1:]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 50, columns, 0, 0))
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST  # a newline stays one
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    child = subprocess.Popen([CALLED, *words], executable=program, cwd=ROOT, env=environment,
                             stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    out = b''
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            piece = b''
        if not piece:
            break
        out += piece
    os.close(ours)
    _, err = child.communicate(timeout=SECONDS)
    return Ran(child.returncode, out.decode(errors='replace'), err.decode(errors='replace'))


def cases():
    for line in (HERE / 'cases.txt').read_text().splitlines():
        if line.strip() and not line.startswith('#'):
            name, status, words = (field.strip() for field in line.split('|', 2))
            yield name, int(status), words.split()


def shown(ran):
    """A screen: what was answered, and behind a line what was complained of."""
    return steady(ran.out) + ('--- standard error\n' + ran.err if ran.err else '')


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def claim(self, name, problems):
        self.count += 1
        for problem in problems[:SHOWN_LINES]:
            print('# ' + problem.rstrip('\n'))
        self.failed += bool(problems)
        print(f'{"not " if problems else ""}ok {self.count} - {name}')


def differences(path, text):
    before = path.read_text() if path.exists() else ''
    return list(difflib.unified_diff(before.splitlines(), text.splitlines(), str(path.name),
                                     'now', lineterm='', n=1))


def refused(ran, path):
    """What a refusal must be, whatever its words are."""
    problems = []
    if ran.status != 2:
        problems.append(f'{path.name}: status {ran.status}, expected 2')
    if ran.out:
        problems.append(f'{path.name}: something on standard output')
    if not ran.err.endswith('nothing was run\n'):
        problems.append(f'{path.name}: does not say that nothing was run')
    return problems


def bad_files():
    return sorted((HERE / 'bad').glob('*.yaml'))


def check_bad(program, tap, write):
    for path in bad_files():
        ran = run(program, ['check', str(path.relative_to(ROOT))])
        expected = path.with_suffix('.txt')
        if write:
            expected.write_text(ran.err)
        tap.claim('refuses ' + path.stem.replace('-', ' '),
                  refused(ran, path) + differences(expected, ran.err))


def check_flood(program, tap):
    """100 MB that never end, of standard input and as a file."""
    with tempfile.NamedTemporaryFile(suffix='.yaml') as large:
        large.truncate(100 << 20)
        by_size = run(program, ['check', large.name])
    with open('/dev/zero', 'rb') as endless:
        by_reading = run(program, ['check', '-'], stdin=endless)
    problems = []
    for name, ran in (('a file', by_size), ('standard input', by_reading)):
        if ran.status != 2 or ran.out or ran.err.count('\n') != 1:
            problems.append(f'{name}: status {ran.status}, {ran.err!r}')
    tap.claim('refuses 100 MB, and input that never ends', problems)


def check_memory(tap):
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    tap.claim('no screen and no refusal took much memory',
              [f'{most} KiB'] if most > MEMORY_KIB else [])


def readme_problems(program):
    """Each block that begins with "$ build/sekisho WORDS" goes on with what that prints; "..."
    stands for lines left out."""
    problems, blocks = [], re.findall(r'^```\n\$ build/sekisho (.*)\n((?:.*\n)*?)```$',
                                      (ROOT / 'README.md').read_text(), re.M)
    for words, block in blocks:
        printed = steady(run(program, words.split()).out).splitlines()
        at, anywhere = 0, False
        for line in block.splitlines():
            if line == '...':
                anywhere = True
                continue
            if anywhere and line in printed[at:]:
                at = printed.index(line, at)
            if at >= len(printed) or printed[at] != line:
                problems.append(f'README.md: $ build/sekisho {words}: does not print: {line}')
                break
            at, anywhere = at + 1, False
    return problems if blocks else ['README.md shows no screen']


def check_screens(program, tap, write):
    names = set()
    for name, status, words in cases():
        ran = run(program, words)
        path = HERE / name
        names.add(name)
        problems = [] if ran.status == status else [f'status {ran.status}, expected {status}']
        if 'Sanitizer' in ran.err:
            problems.append(ran.err)
        if write:
            path.write_text(shown(ran))
        tap.claim(f'{" ".join(words)}', problems + differences(path, shown(ran)))
    stray = {path.name for path in HERE.glob('*.txt')} - names - {'cases.txt'}
    tap.claim('every screen has its case', [f'{name} has none' for name in sorted(stray)])


def junit_problems(text):
    """What a build server reads: the counts are those of the cases, and failures say why."""
    suite = ElementTree.fromstring(text).find('testsuite')
    cases = suite.findall('testcase')
    counts = {'tests': len(cases), 'errors': len(suite.findall('testcase/error')),
              'failures': len(suite.findall('testcase/failure')),
              'skipped': len(suite.findall('testcase/skipped'))}
    problems = [f'{name}="{suite.get(name)}", counted {count}' for name, count in counts.items()
                if suite.get(name) != str(count)]
    if len({case.get('name') for case in cases}) != len(cases):
        problems.append('a case has no name of its own')
    for failure in suite.findall('testcase/failure'):
        if not failure.get('message') or failure.get('message').split(' (and ')[0] \
                not in failure.text:
            problems.append(f'a failure does not say why: {failure.get("message")}')
    return problems if cases else ['no case at all']


def check_forms(tap):
    """Readers that know nothing of this program can read what it writes for them."""
    for path in sorted(HERE.glob('*junit*.txt')):
        tap.claim(f'{path.stem} is read as XML', junit_problems(path.read_text()))
    for path in sorted([*HERE.glob('*sarif*.txt'), *HERE.glob('*json*.txt')]):
        tap.claim(f'{path.stem} is read as JSON',
                  [] if isinstance(json.loads(path.read_text()), dict) else ['not an object'])


def main():
    words = sys.argv[1:]
    write = '--write' in words
    words = [word for word in words if word != '--write']
    if len(words) != 1:
        print('expected the path of sekisho, and --write or nothing; found: '
              f'{" ".join(sys.argv[1:])}', file=sys.stderr)
        sys.exit(2)
    program = os.path.abspath(words[0])
    tap = Tap()
    check_screens(program, tap, write)
    check_forms(tap)
    check_bad(program, tap, write)
    check_flood(program, tap)
    tap.claim('the README shows what the program shows', readme_problems(program))
    check_memory(tap)
    print(f'1..{tap.count}')
    sys.exit(tap.failed > 0)


if __name__ == '__main__':
    main()
