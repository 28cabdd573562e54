#!/usr/bin/env python3
"""Makes C of pages of text: pages.py out.c page.md ...

Each page is known by its file's name without the suffix. The C file defines check/pages.h's array.
"""
import pathlib
import sys


def literal(line):
    escaped = line.replace('\\', '\\\\').replace('"', '\\"')
    return f'     "{escaped}\\n"'


def main(out, pages):
    lines = ['#include "check/pages.h"', '', 'const struct page pages[] = {']
    for page in sorted(pages):
        path = pathlib.Path(page)
        lines.append(f'    {{"{path.stem}",')
        lines += [literal(line) for line in path.read_text(encoding='utf-8').splitlines()]
        lines.append('    },')
    lines += ['};', f'const size_t page_count = {len(pages)};', '']
    pathlib.Path(out).write_text('\n'.join(lines), encoding='utf-8')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2:])
