#!/usr/bin/env python3
"""The journal of a running gateway: what sekisho replay makes of it is what the gateway had.

    journal.py SEKISHOD [TEST ...]

Routers of other houses exchange routes; the gateway is asked, stopped and killed. Beside SEKISHOD
lies the sekisho that was built with it.
"""
import datetime
import json
import shutil
import sys
import time

sys.dont_write_bytecode = True

import neighbors
from interop import check, main
from rig import command, eventually

PATIENCE = 60.0
MANY = 40000  # prefixes; a segment of a journal of 2 MiB is 256 KiB
TIMES = ('since_s', 'for', 'ago', 'at', 'at_s', 'journal')
FILE = ('to',)  # what the network file knows and no event says


def sekisho(table, *words):
    """Its JSON; a status that is not 0 is in it as 'status'."""
    words = [table.hub.program.parent / 'sekisho', *words, '--json']
    said = command(*[str(word) for word in words], check=False, seconds=120)
    try:
        return json.loads(said)
    except ValueError as wrong:
        raise RuntimeError(f'{words[1:]}: {said[-400:]}') from wrong


def replay(table, *words):
    return sekisho(table, 'replay', table.hub.journal, *words)


def show(table, *words):
    return sekisho(table, 'show', '--control', table.hub.control, *words)


def steady(answer):
    """Without times: those of a question are not those of an answer."""
    if isinstance(answer, dict):
        return {key: steady(value) for key, value in answer.items() if key not in TIMES + FILE}
    return [steady(one) for one in answer] if isinstance(answer, list) else answer


def all_prefixes(table):
    return [prefix for other in table.others for prefix in other.prefixes]


def tables(table, *words):
    """{prefix: neighbor} of the gateway, as replay has it."""
    routes = replay(table, 'routes', *words)['tables']['vgw-hub']['routes']
    return {route['prefix']: route['from'] for route in routes if route['chosen']}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%f')


def sound(table):
    answer = replay(table, 'verify')
    check(answer['sound'], f'{answer}; {table.hub.said()}')
    check(answer['wrong_digests'] == 0 and answer['gaps'] == 0, f'{answer}')
    return answer


def the_replay_answers_as_the_gateway_does(table):
    table.hub.words = ['--journal-size', '2']
    table.start()
    table.settles()
    for prefix in all_prefixes(table):
        alive = steady(show(table, 'paths', prefix))
        state = {}

        def agrees():  # what is told reaches the disk a moment later
            state['dead'] = steady(replay(table, 'paths', prefix))
            return state['dead'] == alive
        check(eventually(agrees, PATIENCE), f'{prefix}: {alive}, replayed {state["dead"]}')
    check(sorted(tables(table)) == sorted(all_prefixes(table)), f'{tables(table)}')


def a_moment_is_as_it_was(table):
    """What stood in the table then, and why; what came and went later does not show."""
    other = table.others[0]
    there = now()
    time.sleep(0.01)
    other.withdraw()
    kept, other.prefixes = other.prefixes, []
    table.settles()
    gone = now()
    other.prefixes = kept
    other.announce()
    table.settles()
    check(set(kept) <= set(tables(table, '--at', there)), 'they are away before they went')
    check(eventually(lambda: set(kept) <= set(tables(table)), PATIENCE), 'they are not back')
    check(not set(kept) & set(tables(table, '--at', gone)), 'they are there after they went')
    before = replay(table, 'paths', kept[0], '--at', there)
    after = replay(table, 'paths', kept[0], '--at', gone)
    check(f'vpn-{other.name}/1' in json.dumps(before), f'{before}')
    check(f'vpn-{other.name}/1' not in json.dumps(steady(after).get('paths')), f'{after}')


def a_killed_gateway_leaves_what_it_had(table):
    wanted = steady(show(table, 'neighbors'))['neighbors']
    eventually(lambda: show(table, 'journal')['waiting'] == 0, PATIENCE)
    table.rig.stop(table.hub.process, hard=True)
    answer = sound(table)
    check(answer['events'] > 20, f'{answer}')
    check(sorted(tables(table)) == sorted(all_prefixes(table)), f'{tables(table)}')
    replayed = {one['neighbor']: one for one in replay(table, 'neighbors')['neighbors']}
    for one in wanted:
        for key in ('state', 'accepted', 'best', 'refused'):
            check(one[key] == replayed[one['neighbor']][key], f'{one}, {replayed}')


def a_life_follows_the_other(table):
    table.hub.start()
    table.settles()
    table.hub.process.terminate()
    check(eventually(lambda: table.hub.process.poll() is not None, PATIENCE), 'it does not stop')
    answer = sound(table)
    check(answer['journal']['segments'] == 2 and answer['digests'] >= 1, f'{answer}')
    faults = [fault['sentence'] for fault in answer['journal']['faults']]
    check('the segment has no end: its daemon was killed' in faults, f'{answer}')


def checkpoints_prove_the_events_before_them(table):
    """Segments are turned over while a neighbor announces much, again and again."""
    first = table.others[0]
    first.prefixes = [f'172.{16 + i // 16384}.{i // 64 % 256}.{i % 64 * 4}/30' for i in range(MANY)]
    table.hub.limits[first.name] = f'received: {2 * MANY}'
    for other in table.others[1:]:
        other.stop()
    first.stop()
    table.hub.start()
    first.start()
    for wanted in range(1, 4):
        def held():
            state = show(table, 'journal')
            return state['checkpoint'] and state['checkpoint']['segment'] >= 2 + wanted
        whole = eventually(lambda: show(table, 'limits')['neighbors'][0]['accepted'] == MANY,
                           PATIENCE)
        check(whole, f'not all came: {table.hub.said()}')
        first.withdraw()
        gone = eventually(lambda: show(table, 'limits')['neighbors'][0]['accepted'] == 0, PATIENCE)
        check(gone, f'not all went: {table.hub.said()}')
        first.announce()
        check(eventually(held, PATIENCE), f'{show(table, "journal")}; {table.hub.said()}')
    table.rig.stop(table.hub.process, hard=True)
    answer = sound(table)
    check(answer['checkpoints'] >= 1 and answer['digests'] >= 2, f'{answer}')
    sizes = sum(path.stat().st_size for path in table.hub.journal.iterdir())
    check(sizes <= 3 << 20, f'{sizes} bytes are kept')


def a_directory_may_go_away(table):
    """BGP does not notice; a line of the log does, and the journal begins again elsewhere."""
    first = table.others[0]
    table.hub.words = []
    first.prefixes = first.prefixes[:4]
    table.hub.start()
    first.stop()
    first.start()
    check(eventually(lambda: show(table, 'limits')['neighbors'][0]['accepted'] == 4, PATIENCE),
          table.hub.said())
    shutil.rmtree(table.hub.journal)
    said = table.hub.process.output
    first.withdraw()
    check(eventually(lambda: 'event=journal-broken' in said.read_text(), PATIENCE),
          'nothing is said')
    first.announce()

    def again():
        first.refresh()
        return 'event=journal-resumed' in said.read_text()
    check(eventually(again, PATIENCE, 1.0), table.hub.said())
    check(eventually(lambda: show(table, 'journal')['checkpoint'], PATIENCE), table.hub.said())
    check(show(table, 'journal')['missing_events'] > 0, 'nothing is missing')
    check('session-down' not in said.read_text().split('journal-broken')[-1], table.hub.said())
    table.hub.process.terminate()
    check(eventually(lambda: table.hub.process.poll() is not None, PATIENCE), 'it does not stop')
    answer = sound(table)
    check(answer['checkpoints'] == 1, f'{answer}')


def no_key_is_in_it(table):
    for path in table.hub.journal.iterdir():
        check(neighbors.KEY.encode() not in path.read_bytes(), f'{path.name} has the key')
        check(path.stat().st_mode & 0o777 == 0o600, f'{path.name}: {path.stat().st_mode:o}')
    check(table.hub.journal.stat().st_mode & 0o777 == 0o700, 'others may look into it')


TESTS = (the_replay_answers_as_the_gateway_does, a_moment_is_as_it_was,
         a_killed_gateway_leaves_what_it_had, a_life_follows_the_other, no_key_is_in_it,
         checkpoints_prove_the_events_before_them, a_directory_may_go_away)

if __name__ == '__main__':
    sys.exit(main(TESTS, kinds=(neighbors.Bird, neighbors.Exabgp), least=1))
