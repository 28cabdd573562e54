"""What the gates share: which files there are, C without its comments, and TAP.

A gate is a program with a function `checks(root)` that yields pairs (claim, problems). Problems is
a list of sentences, each beginning with the place; an empty list means that the claim holds; a
Skip says why it could not be asked. `selftest` calls the same function on trees that it has broken.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

SHOWN_PROBLEMS = 20


class Skip:
    def __init__(self, why):
        self.why = why


NOTE = object()  # in the place of problems: the claim is none, only worth saying


class Tree:
    """The files of a source tree: those that git tracks, or all of them where there is no git."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.paths = sorted(p for p in self._tracked() if (self.root / p).is_file())
        self._texts = {}

    def _tracked(self):
        if (self.root / '.git').exists() and shutil.which('git'):
            listed = subprocess.run(['git', '-c', 'safe.directory=*', 'ls-files', '-z'],
                                    cwd=self.root, capture_output=True, check=True)
            return [p for p in listed.stdout.decode().split('\0') if p]
        every = (p.relative_to(self.root) for p in self.root.rglob('*'))
        return [str(p) for p in every
                if p.parts[0] != '.git' and not re.match(r'build($|-)', p.parts[0])]

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(errors='replace')
        return self._texts[path]

    def code(self, path):
        """The text with comments, strings and characters blanked; lines keep their numbers."""
        return blank(self.text(path), strings=True)

    def sources(self, *suffixes, under='src'):
        return [p for p in self.paths if p.startswith(under + '/') and p.endswith(suffixes)]

    def rooms(self):
        return sorted({p.split('/')[1] for p in self.sources('') if p.count('/') == 2})

    def modules(self):
        """Every .c of a room that is neither a test nor a fuzz target."""
        return [p for p in self.sources('.c') if not is_test(p)]


def is_test(path):
    """Tests, fuzz targets, and what several tests of a room share: x_rig.h or test_x.h."""
    name = path.split('/')[-1]
    return name.endswith(('_test.c', '_fuzz.c', '_rig.h')) or re.match(r'test_\w+\.h$', name)


LEXEME = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank(text, strings):
    def hide(match):
        found = match.group(0)
        if found[0] in '"\'' and not strings:
            return found
        return re.sub(r'[^\n]', ' ', found)
    return LEXEME.sub(hide, text)


def included(text):
    """(line, what stands between the delimiters, whether quoted) of every include."""
    text = blank(text, strings=False)
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', text, re.M):
        yield line_of(text, match.start(2)), match.group(2), match.group(1) == '"'


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def rows(tree, path):
    """The lines of a table file as lists of fields divided by '|', without comments and blanks."""
    if path not in tree.paths:
        return []
    lines = (line.split('#')[0].strip() for line in tree.text(path).splitlines())
    return [[field.strip() for field in line.split('|')] for line in lines if line]


class Room:
    def __init__(self, core, may_include):
        self.core = core
        self.may_include = may_include


def room_table(tree):
    """tools/rooms.txt: name -> Room, in the order of the file."""
    table = {}
    for fields in rows(tree, 'tools/rooms.txt'):
        kind, allowed = fields[1], fields[2].split() if len(fields) > 2 else []
        table[fields[0]] = Room(kind == 'core', set(allowed))
    return table


def main(checks):
    parser = argparse.ArgumentParser()
    parser.add_argument('root', nargs='?', default=pathlib.Path(__file__).parents[2])
    failed = count = 0
    for claim, problems in checks(parser.parse_args().root):
        if problems is NOTE:
            print(f'# note: {claim}')
            continue
        count += 1
        if isinstance(problems, Skip):
            print(f'ok {count} - {claim} # SKIP {problems.why}')
            continue
        for problem in problems[:SHOWN_PROBLEMS]:
            print('# ' + problem.replace('\n', '\n# '))
        if len(problems) > SHOWN_PROBLEMS:
            print(f'# and {len(problems) - SHOWN_PROBLEMS} more')
        failed += bool(problems)
        print(f'{"not " if problems else ""}ok {count} - {claim}')
    print(f'1..{count}')
    sys.exit(failed > 0)
