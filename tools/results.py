"""Sections of bench/RESULTS.md, each written by the program that measured it; and what those
programs say that cannot measure."""
import os
import pathlib
import re
import shutil
import sys

PAGE = pathlib.Path(__file__).resolve().parents[1] / 'bench' / 'RESULTS.md'


def replace(page, title, text):
    """The page with this section, in its place; a new one stands last. text begins with its ##."""
    found = re.search(rf'^## {re.escape(title)}\n.*?(?=^## |\Z)', page, re.M | re.S)
    text = text.rstrip('\n') + '\n'
    if not found:
        return page.rstrip('\n') + '\n\n' + text
    return page[:found.start()] + text + ('\n' if page[found.end():] else '') + page[found.end():]


def put(title, text):
    PAGE.write_text(replace(PAGE.read_text(), title, text))


def machine():
    model = re.search(r'^model name\s*: (.*)$', pathlib.Path('/proc/cpuinfo').read_text(), re.M)
    return (f'{model.group(1) if model else os.uname().machine}, {os.cpu_count()} processors, '
            f'Linux {".".join(os.uname().release.split(".")[:2])}')


def need(*names, built=()):
    """Ends the program, if one of these is missing: names in PATH, or whole paths; and files that a
    build makes."""
    for path in built:
        if not pathlib.Path(path).is_file():
            missing(f'{path} is not built; make builds it')
    for name in names:
        if not (shutil.which(name) or pathlib.Path(name).exists()):
            missing(f'{name} is not installed')


def missing(sentence):
    """Ends the program: the machine lacks what is to be measured."""
    print(f'tools/{pathlib.Path(sys.argv[0]).name}: {sentence}', file=sys.stderr)
    sys.exit(3)
