#!/usr/bin/env python3
"""Every command that the documentation shows is one that the programs take, and does what it says.

    commands.py SEKISHO SEKISHOD [TEST ...]

Commands are those of the man pages' EXAMPLES and of code blocks in pages (*.md). commands.txt has
a row for each: the status that it ends with, or why it is not run. Those of one page are run in
turn in one folder, by a shell, word for word: what one writes the next one reads. There are the
examples, as they are in the tree and by their names alone; a network.yaml of the reader's; DIR, an
export; and an aws that answers as that export does. What stands in /tmp is in the folder, too.

Of all commands, also those that are not run and those within a sentence, options are held against
what `sekisho help` and `sekishod --help` tell, and files of the tree and goals of make must be
there. TAP on standard output.
"""
import collections
import functools
import itertools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE / 'interop'))

import tap  # noqa: E402

ROWS = HERE / 'commands.txt'
SECONDS = 60
GENERATED = ('docs/reference/commands.md',)  # by a test of the room cli, which holds it
BEGINS = re.compile(r'(build/)?sekishod? |make\b|tools/|tests/|build/|meson |ninja |for |aws ')
NETWORK = re.compile(r'^(vpcs|vpn_gateways):')
EXPORT = 'tests/data/exports/incident/tokyo'
AWS = f'''#!/bin/sh
what=${{2#describe-}}
case $what in
    vpn-connections) what=vpn ;;
    virtual-interfaces) what=direct-connect ;;
esac
[ -e {ROOT / EXPORT}/$what.json ] || what=empty
exec cat {ROOT / EXPORT}/$what.json
'''
Shown = collections.namedtuple('Shown', 'page text')
Row = collections.namedtuple('Row', 'page status why text')


# -- what is shown --

def is_whole(text):
    """Whether a shell would not wait for more."""
    return subprocess.run(['bash', '-n', '-c', text], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0 and \
        not text.endswith('\\')


def without_remark(text):
    return re.sub(r'\s+# .*', '', text).strip()


def commands_of(lines):
    """In a block with a prompt everything else is what was printed; in one without, a command is a
    line that begins like one."""
    prompt = any(re.match(r'[$#] ', line) for line in lines)
    lines = list(lines)
    while lines:
        line = lines.pop(0)
        if not re.match(r'[$#] ', line) if prompt else not BEGINS.match(line):
            continue
        text = without_remark(re.sub(r'^[$#] ', '', line) if prompt else line)
        while lines and not is_whole(text):
            text += '\n' + without_remark(lines.pop(0))
        yield text.replace('\\\n', '')


def plain(line):
    """A line of mdoc as it is shown."""
    return line.replace('\\e', '\\').replace('\\-', '-').replace('\\&', '')


def man_blocks(text):
    """The lines of each display: .Dl has one, .Bd -literal several."""
    for found in re.finditer(r'^\.Dl (.*)$|^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$', text, re.M):
        yield [plain(line) for line in (found[1] or found[2]).splitlines()]


def page_blocks(text):
    """Fenced blocks, and those that are set in by four."""
    for found in re.finditer(r'^```\w*\n((?:.*\n)*?)```$', text, re.M):
        yield found[1].splitlines()
    text = re.sub(r'^```(?:.*\n)*?```$', '', text, flags=re.M)
    for found in re.finditer(r'(?:\A|\n\n)((?:    .*\n|\n(?=    ))+)', text):
        yield [line[4:] for line in found[1].splitlines()]


@functools.lru_cache
def blocks():
    """(page, lines) of each block there is."""
    pages = sorted([*(ROOT / 'man').glob('*.[158]'), *ROOT.glob('*.md'), *ROOT.glob('docs/**/*.md'),
                    *ROOT.glob('bench/*.md')])
    found = []
    for path in pages:
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if name not in GENERATED:
            found += [(name, lines)
                      for lines in (page_blocks if path.suffix == '.md' else man_blocks)(text)]
    return found


@functools.lru_cache
def shown():
    return [Shown(page, text) for page, lines in blocks() for text in commands_of(lines)]


def inline():
    """Commands within a sentence, between backquotes."""
    for path in sorted([*ROOT.glob('*.md'), *ROOT.glob('docs/**/*.md'), *ROOT.glob('bench/*.md')]):
        text = re.sub(r'^```(?:.*\n)*?```$', '', path.read_text(), flags=re.M)
        for found in re.findall(r'(?<!`)`([^`]+)`(?!`)', text):
            words = ' '.join(found.split())
            if BEGINS.match(words) and str(path.relative_to(ROOT)) not in GENERATED:
                yield Shown(str(path.relative_to(ROOT)), words)


def rows():
    for line in ROWS.read_text().splitlines():
        if line.strip() and not line.startswith('#'):
            page, ends, text = (field.strip() for field in line.split('|', 2))
            number = int(ends) if ends.isdigit() else None
            yield Row(page, number, ends, text.replace('\\n', '\n'))


# -- whether it can be --

@functools.lru_cache
def options_of(program, command=None):
    """{option: whether a word follows} as the program tells them; None: no such command."""
    ran = subprocess.run([program, 'help', command] if command else [program, '--help'], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if ran.returncode:
        return None
    found = re.findall(r'^  (--[\w-]+)( [A-Z\[][^ a-z]*)?(?=\s|$)', ran.stdout, re.M)
    return {option: bool(word) for option, word in found}


def call_problems(words, whole, sekisho, sekishod):
    """Of one call of a program of ours; not whole: of an option only its name."""
    called = pathlib.PurePath(words[0]).name
    if called == 'sekishod':
        known = options_of(sekishod)
    elif len(words) == 1 or words[1] in ('help', '--version'):
        return []
    else:
        known = options_of(sekisho, words[1])
        if known is None:
            return [f'sekisho has no command {words[1]}']
        if words[1:3] == ['lab', 'exec']:  # what follows a node is another program's
            words = words[:4]
    asked = [word.partition('=')[0] for word in words[1:] if word.startswith('--')]
    return [f'{called} has no {word}' for word in asked if word not in known] + \
        [f'{word} wants a word' for at, word in enumerate(words) if whole and known.get(word) and
         (at + 1 == len(words) or words[at + 1].startswith('--'))]


def calls_of(text):
    """The words of each simple command."""
    for line in text.replace('\\\n', ' ').splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars='|;&()<>')
        lexer.whitespace_split = True
        call = []
        for word in [*lexer, ';']:
            if re.fullmatch(r'[|;&()]+', word):
                if call:
                    yield call
                call = []
            elif word not in ('do', 'then'):
                call.append(word)


@functools.lru_cache
def goals():
    rules = re.findall(r'^([\w -]+):(?!=)', (ROOT / 'Makefile').read_text(), re.M)
    return {goal for rule in rules for goal in rule.split()}


def source_of(program):
    """Of a tool, or of a test program that a build makes; a folder: of neither; None: it is not
    there."""
    found = re.match(r'build[\w-]*/(src|tests)/([a-z]+)_(\w+_(?:test|fuzz))$', program)
    if found:
        path = ROOT / found[1] / (found[2] if found[1] == 'src' else '') / f'{found[3]}.c'
    elif program.startswith(('tools/', 'tests/')):
        path = next(ROOT.glob(program), ROOT / 'nowhere')
    else:
        return ROOT
    return path if path.exists() else None


def tree_problems(words):
    """Files that stand in the tree, options of tools and test programs, goals of make."""
    for word in words:
        path = word.split(':')[0].rstrip('.,')
        if re.match(r'(tools|tests|examples|docs|packaging)/[\w./-]+$', path) and \
                not (ROOT / path).exists():
            yield f'{path} is not there'
    source = source_of(words[0])
    if source is None:
        yield f'{words[0]} has no source'
    elif source.is_file():
        text = source.read_text() + (ROOT / 'tools' / 'lab_pair.py').read_text()
        yield from (f'{words[0]} has no {word}' for word in words[1:]
                    if re.match(r'--[a-z]', word) and word.partition('=')[0] not in text)
    if words[0] == 'make':
        yield from (f'make has no goal {word}' for word in words[1:]
                    if re.fullmatch(r'[a-z][\w-]*', word) and word not in goals())


def every_command_can_be_called(sekisho, sekishod):
    count = 0
    all_of_them = [(one, True) for one in shown()] + [(one, False) for one in inline()]
    for (page, text), whole in all_of_them:
        try:
            calls = list(calls_of(text))
        except ValueError as why:
            yield f'{page}: {text}: {why}'
            continue
        for words in calls:
            count += 1
            problems = list(tree_problems(words))
            if words[0] in ('sekisho', 'sekishod', 'build/sekisho', 'build/sekishod'):
                problems += call_problems(words, whole, sekisho, sekishod)
            yield from (f'{page}: {text}: {problem}' for problem in problems)
    if count < 100:
        yield f'{count} commands, expected 100 and more'


def every_command_has_its_row(_, __):
    there, told = set(shown()), {Shown(row.page, row.text) for row in rows()}
    yield from (f'{ROWS.name} has no row for {page}: {text!r}' for page, text in
                sorted(there - told))
    yield from (f'{ROWS.name}: {page} does not show {text!r}' for page, text in
                sorted(told - there))
    yield from (f'{ROWS.name}: {row.text!r} neither ends with a status nor says why it is not run'
                for row in rows() if row.status is None and len(row.why.split()) < 3)


# -- whether it does --

def prepare(folder, sekisho, sekishod):
    (folder / 'build').mkdir()
    (folder / 'bin').mkdir()
    (folder / 'tmp').mkdir()
    for name, program in (('sekisho', sekisho), ('sekishod', sekishod)):
        for where in ('build', 'bin'):
            (folder / where / name).symlink_to(program)
    (folder / 'bin' / 'aws').write_text(AWS)
    (folder / 'bin' / 'aws').chmod(0o755)
    shutil.copytree(ROOT / 'examples', folder / 'examples')
    for path in (ROOT / 'examples').glob('*.yaml'):
        shutil.copy(path, folder)
    shutil.copy(ROOT / 'examples' / 'incident.yaml', folder / 'network.yaml')
    shutil.copytree(ROOT / EXPORT, folder / 'DIR')


def run(folder, text):
    environment = {**os.environ, 'PATH': f'{folder}/bin:{os.environ.get("PATH", "")}',
                   'LC_ALL': 'C.UTF-8'}
    text = text.replace('/tmp/', f'{folder}/tmp/')
    return subprocess.run(['bash', '-c', text], cwd=folder, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=SECONDS, check=False)


def every_command_ends_as_told(sekisho, sekishod):
    """A complaint of usage on the way, as in a pipe, is a problem whatever the status is."""
    pages = collections.defaultdict(list)
    for row in rows():
        if row.status is not None:
            pages[row.page].append(row)
    for page, these in pages.items():
        with tempfile.TemporaryDirectory(prefix='sekisho-commands-') as name:
            folder = pathlib.Path(name)
            prepare(folder, sekisho, sekishod)
            for row in these:
                if 'jq' in row.text.split() and not shutil.which('jq'):
                    print(f'# not run, as jq is missing: {row.text}')
                    continue
                ran = run(folder, row.text)
                if ran.returncode != row.status or ran.stderr:
                    yield (f'{page}: {row.text}: status {ran.returncode}, expected {row.status}: '
                           f'{ran.stderr.strip()[-300:]}')


def every_network_is_one(sekisho, sekishod):
    """Networks that stand whole on a page are read, by whom they are for."""
    networks = [(page, list(itertools.takewhile(lambda line: not BEGINS.match(line), lines)))
                for page, lines in blocks() if lines and NETWORK.match(lines[0]) and
                any(line.startswith('vpn_connections:') for line in lines)]
    for page, lines in networks:
        with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
            file.write('\n'.join(lines) + '\n')
            file.flush()
            words = [sekisho, 'check', file.name]
            if 'platform: sekisho' in lines[0]:
                words = [sekishod, '--network', file.name, '--check']
            ran = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 timeout=SECONDS, check=False)
        if ran.returncode > 1 or ran.stderr:
            yield f'{page}: status {ran.returncode}: {ran.stderr}'
    if {'README.md', 'man/sekisho-network.5'} - {page for page, _ in networks}:
        yield f'networks were seen in {[page for page, _ in networks]} only'


TESTS = (every_command_can_be_called, every_command_has_its_row, every_command_ends_as_told,
         every_network_is_one)


def main():
    programs, wanted = tap.files('sekisho', 'sekishod')
    return tap.tell_problems(tap.choose(TESTS, wanted), *programs)


if __name__ == '__main__':
    sys.exit(main())
