#!/usr/bin/env python3
"""What the gateway tells Prometheus, held to the format's grammar and to its other answers.

    metrics.py SEKISHOD SEKISHO [TEST ...]

A gateway with two sites of its own, in one network namespace. The grammar is that of the text
format 0.0.4, read strictly: what Prometheus would forgive is refused here. TAP on standard output.
"""
import json
import pathlib
import re
import socket
import sys

sys.dont_write_bytecode = True

import tap
from rig import Rig, Unable, eventually

PATIENCE = 60.0
WHERE = '127.0.0.1:9179'
ASK = f'''
import sys, urllib.request
with urllib.request.urlopen("http://{WHERE}/metrics", timeout=60) as answer:
    print(answer.headers["Content-Type"])
    sys.stdout.flush()
    sys.stdout.buffer.write(answer.read())
'''
NAME = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
VALUE = re.compile(r'-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?')
CONTENT = 'text/plain; version=0.0.4; charset=utf-8'


class Wrong(Exception):
    """What the grammar does not allow."""


def read_labels(text, line):
    labels = {}
    while text:
        found = LABEL.match(text)
        if not found:
            raise Wrong(f'not a label: {line}')
        if found[1] in labels:
            raise Wrong(f'a label twice: {line}')
        labels[found[1]] = found[2]
        text = text[found.end():]
        if text and not re.match(r',(?=.)', text):
            raise Wrong(f'not the end of a label: {line}')
        text = text[1:]
    return labels


def read_sample(line):
    """(name, labels, value) of a line."""
    name = NAME.match(line)
    if not name:
        raise Wrong(f'not a name: {line}')
    rest, labels = line[name.end():], {}
    if rest.startswith('{'):
        end = rest.rfind('}')
        if end < 2:
            raise Wrong(f'labels without end, or none: {line}')
        labels, rest = read_labels(rest[1:end], line), rest[end + 1:]
    if not (rest.startswith(' ') and VALUE.fullmatch(rest[1:])):
        raise Wrong(f'not a value: {line}')
    return name[0], labels, float(rest[1:])


def read_exposition(text):
    """{name: (type, {labels: value})}; Wrong where the grammar does not allow it."""
    families, family, kind, lines = {}, None, None, text.split('\n')
    if lines.pop() != '':
        raise Wrong('the last line has no end')
    for line in lines:
        words = line.split(' ', 3)
        if words[:2] == ['#', 'HELP']:
            if len(words) != 4 or words[2] in families or not NAME.fullmatch(words[2]):
                raise Wrong(f'a HELP twice, or of nothing: {line}')
            if re.search(r'\\(?![\\n])', words[3]):
                raise Wrong(f'not an escape: {line}')
            family, kind = words[2], None
            families[family] = (None, {})
        elif words[:2] == ['#', 'TYPE']:
            known = len(words) == 4 and words[3] in ('counter', 'gauge')
            if not known or words[2] != family or kind:
                raise Wrong(f'a TYPE in the wrong place: {line}')
            kind = words[3]
            if (kind == 'counter') != family.endswith('_total'):
                raise Wrong(f'only counters end in _total: {line}')
            families[family] = (kind, {})
        else:
            name, labels, value = read_sample(line)
            if name != family or not kind:
                raise Wrong(f'not below its own TYPE: {line}')
            if kind == 'counter' and value < 0:
                raise Wrong(f'a counter below zero: {line}')
            key = tuple(sorted(labels.items()))
            if key in families[family][1]:
                raise Wrong(f'a line twice: {line}')
            families[family][1][key] = value
    return families


BROKEN = ('a 1', '# TYPE a gauge\na 1\n', '# HELP a A.\na 1\n', '# HELP a A.\n# TYPE a gauge\na 1',
          '# HELP a A.\n# TYPE a gauge\nb 1\n', '# HELP a A.\n# TYPE a gauge\na  1\n',
          '# HELP a A.\n# TYPE a gauge\na{} 1\n', '# HELP a A.\n# TYPE a gauge\na{b="c",} 1\n',
          '# HELP a A.\n# TYPE a gauge\na{b="c"d="e"} 1\n', '# HELP a A.\n# TYPE a counter\na 1\n',
          '# HELP a A.\n# TYPE a gauge\na{b="\\x"} 1\n', '# HELP a A.\n# TYPE a gauge\na 1\na 1\n',
          '# HELP a A.\n# TYPE a gauge\na{b="c",b="d"} 1\n', '# HELP a A.\n# TYPE a gauge\na 01\n',
          '# HELP a A.\n# TYPE a gauge\n# HELP b B.\n# TYPE b gauge\na 1\n',
          '# HELP a_total A.\n# TYPE a_total counter\na_total -1\n')


def the_grammar_is_strict(_):
    for text in BROKEN:
        try:
            read_exposition(text)
        except Wrong:
            continue
        raise Wrong(f'taken for sound: {text!r}')
    read_exposition('# HELP a A.\n# TYPE a gauge\na{b="c\\"",d="}"} 1.5\n')


class Gateway:
    def __init__(self, rig, program, sekisho):
        self.rig, self.sekisho = rig, sekisho
        self.control = rig.dir / 'control'
        file = rig.dir / 'network.yaml'
        file.write_text(NETWORK)
        rig.exec('hub', 'ip', 'addr', 'add', '169.254.0.1/16', 'dev', 'lo')
        self.process = rig.run('hub', program, '--network', file, '--gateway', 'vgw', '--control',
                               self.control, '--metrics', WHERE, '--journal', rig.dir / 'journal',
                               '--no-tunnels')
        for site in ('site-a', 'site-b'):
            rig.run('hub', program, '--network', file, '--router', site, '--journal', 'none',
                    '--no-kernel')

    def scrape(self):
        content, text = self.rig.exec('hub', sys.executable, '-c', ASK).split('\n', 1)
        if content != CONTENT:
            raise Wrong(f'Content-Type is {content}')
        return read_exposition(text)

    def show(self, what):
        return json.loads(self.rig.exec('hub', self.sekisho, 'show', what, '--json', '--control',
                                        self.control))

    def answers(self):
        with socket.socket(socket.AF_UNIX) as asks:
            return asks.connect_ex(str(self.control)) == 0


NETWORK = '''
vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]
customer_gateways:
  - {id: cgw-a, asn: 65001, address: 198.51.100.1, router: site-a}
  - {id: cgw-b, asn: 65002, address: 198.51.100.2, router: site-b}
vpn_connections:
  - {id: vpn-a, vpn_gateway: vgw, customer_gateway: cgw-a, ipsec: none, tunnels: [
      {outside: 203.0.113.1, inside: {vgw: 169.254.1.1, cgw: 169.254.1.2}}]}
  - {id: vpn-b, vpn_gateway: vgw, customer_gateway: cgw-b, ipsec: none, tunnels: [
      {outside: 203.0.113.2, inside: {vgw: 169.254.1.5, cgw: 169.254.1.6}}]}
routers:
  - {id: site-a, platform: frr, bgp: {asn: 65001, announce: [10.1.0.0/16, 127.0.0.0/8, 0.0.0.0/0]}}
  - {id: site-b, platform: frr, bgp: {asn: 65002, announce: [10.2.0.0/16]}}
'''


def one(families, name, **labels):
    return families[name][1].get(tuple(sorted(labels.items())))


def check(claim, said):
    if not claim:
        raise Wrong(said)


def everything_promised_is_told(gateway):
    table = pathlib.Path(__file__).parents[2] / 'src' / 'run' / 'metrics.def'
    names = re.findall(r'^METRIC\(\w+, "(\w+)"', table.read_text(), re.M)
    check(len(names) > 40, f'{table} names {len(names)} metrics')
    check(list(gateway.scrape()) == names, 'not the table, or not in its order')


def differences(gateway):
    """What is told and not shown, as (what, told, shown)."""
    told, shown = gateway.scrape(), gateway.show('neighbors')['neighbors']
    fib, journal = gateway.show('fib'), gateway.show('journal')
    martians = one(told, 'sekisho_route_refused', neighbor='vpn-a/1', reason='martian')
    held = one(told, 'sekisho_guard_prefixes', attachment='vpn-b', reason='guard-hold')
    pairs = [('prefixes', one(told, 'sekisho_route_prefixes'), 3), ('martians', martians, 1),
             ('held', held, 1),
             ('fib', one(told, 'sekisho_fib_wanted'), fib['wanted']),
             ('journal', one(told, 'sekisho_journal_limit_bytes'), journal['limit'])]
    for row in shown:
        of = {'neighbor': row['neighbor']}
        pairs += [((what, family, of), one(told, f'sekisho_route_{what}', family=family, **of),
                   row[family][what]) for family in ('ipv4', 'ipv6')
                  for what in ('accepted', 'announced')]
        refused = sum(value for labels, value in told['sekisho_route_refused'][1].items()
                      if ('neighbor', row['neighbor']) in labels)
        pairs += [(('refused', of), refused, row['refused']),
                  (('best', of), one(told, 'sekisho_route_best', **of), row['best']),
                  (('ups', of), one(told, 'sekisho_bgp_session_established_total', **of), 1),
                  (('opens', of), one(told, 'sekisho_bgp_messages_received_total', kind='open',
                                      **of), row['heard']['open'])]
    return [pair for pair in pairs if pair[1] != pair[2]]


def what_is_told_is_what_is_shown(gateway):
    check(eventually(lambda: not differences(gateway), PATIENCE), f'{differences(gateway)}')


def counters_only_grow(gateway):
    before, after = gateway.scrape(), gateway.scrape()
    for name, (kind, lines) in before.items():
        for labels, value in lines.items():
            check(kind != 'counter' or after[name][1][labels] >= value, f'{name}{labels}')
    check(one(after, 'sekisho_process_scrapes_total') ==
          one(before, 'sekisho_process_scrapes_total') + 1, 'scrapes are miscounted')


def a_session_that_ends_is_told(gateway):
    site = gateway.rig.processes[-1]
    gateway.rig.stop(site)

    def told():
        now = gateway.scrape()
        return one(now, 'sekisho_bgp_session_flaps_total', neighbor='vpn-b/1') == 1 and one(
            now, 'sekisho_bgp_session_last_down_timestamp_seconds', neighbor='vpn-b/1',
            reason='notification-received') and one(
                now, 'sekisho_route_accepted', neighbor='vpn-b/1', family='ipv4') == 0
    check(eventually(told, PATIENCE), f'{gateway.scrape()}')


TESTS = (the_grammar_is_strict, everything_promised_is_told, what_is_told_is_what_is_shown,
         counters_only_grow, a_session_that_ends_is_told)


def run(rig, programs, tests):
    failed = 0
    gateway = Gateway(rig, *programs)
    eventually(gateway.answers, PATIENCE)
    for number, test in enumerate(tests, 1):
        try:
            test(gateway)
        except (Wrong, RuntimeError, json.JSONDecodeError) as error:
            failed += 1
            print(''.join(f'# {line}\n' for line in str(error).splitlines()), end='')
            print(f'not ok {number} - {test.__name__}', flush=True)
        else:
            print(f'ok {number} - {test.__name__}', flush=True)
    print(f'1..{len(tests)}')
    return 1 if failed else 0


def main():
    programs, wanted = tap.programs()
    tests = tap.choose(TESTS, wanted)
    try:
        rig = Rig()
    except Unable as unable:
        print(f'ok 1 - metrics # SKIP {unable}\n1..1')
        return 0
    try:
        return run(rig, programs, tests)
    finally:
        rig.close()


if __name__ == '__main__':
    sys.exit(main())
