"""The list of deliberate breaks, tools/mutants.txt: what tools/mutants applies, and the gate
`mutants` asks to fit the tree."""
import collections
import re
import sys

LIST = 'tools/mutants.txt'

# title: what it breaks. old, new: the lines of the file, and what stands there instead.
Mutant = collections.namedtuple('Mutant', 'title file old new suites line')


def read_list(text):
    """Blocks divided by empty lines; those of lines that begin with ## are headings:

        # title
        path of the file
        - what stands there: part of one line, or whole lines
        + what shall stand there instead
        : suites, the likeliest first
    """
    for match in re.finditer(r'(?:^.+\n)+', text, re.M):
        number = text.count('\n', 0, match.start()) + 1
        lines = match.group(0).splitlines()
        if all(line.startswith('##') for line in lines):  # a heading or an explanation
            continue
        kinds = ''.join(line[0] if line[0] in '#-+:' else 'f' for line in lines)
        if not re.fullmatch(r'#f-+\+*:', kinds):
            sys.exit(f'{LIST}:{number}: expected # title, file, - old, + new, : suites')
        yield Mutant(lines[0][1:].strip(), lines[1].strip(),
                     [line[2:] for line in lines if line[0] == '-'],
                     [line[2:] for line in lines if line[0] == '+'], lines[-1][1:].split(), number)


def place(mutant, text):
    """(first line, number of lines) of what is replaced; a sentence when it does not fit."""
    lines = text.splitlines()
    if len(mutant.old) == 1:
        found = [i for i, line in enumerate(lines) if mutant.old[0].strip() in line]
    else:
        wanted = [line.strip() for line in mutant.old]
        stripped = [line.strip() for line in lines]
        found = [i for i in range(len(lines)) if stripped[i:i + len(wanted)] == wanted]
    if len(found) != 1:
        return f'{mutant.old[0].strip()!r} stands {len(found)} times in {mutant.file}'
    return found[0], len(mutant.old)


def broken(mutant, text):
    at, count = place(mutant, text)
    lines = text.splitlines()
    if count == 1 and len(mutant.new) <= 1:
        new = [lines[at].replace(mutant.old[0].strip(), ''.join(mutant.new).strip())]
    else:
        new = mutant.new
    return '\n'.join(lines[:at] + new + lines[at + count:]) + '\n'


def misfits(mutants, tree):
    for mutant in mutants:
        problem = (place(mutant, tree.text(mutant.file)) if mutant.file in tree.paths
                   else f'{mutant.file} is not there')
        if isinstance(problem, str):
            yield f'{LIST}:{mutant.line}: {mutant.title}: {problem}'
