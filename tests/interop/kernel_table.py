#!/usr/bin/env python3
"""The gateway's routes in a kernel's table, in a network namespace: wanted, reported, reconciled.

    kernel_table.py SEKISHOD [TEST ...]

A router of another house announces; what stands in the namespace's main table is asked of ip(8).
"""
import json
import sys
import time

sys.dont_write_bytecode = True

import neighbors
from interop import check, main
from rig import eventually

PROTOCOL = '115'  # src/fib/fib.h
METRIC = 20
PATIENCE = 60.0


def hub_ip(table, *words, checked=True):
    return table.rig.exec('hub', 'ip', *words, check=checked)


def lines(table, *which):
    found = {}
    for family in ('-4', '-6'):
        for line in json.loads(hub_ip(table, family, '-j', 'route', 'show', *which) or '[]'):
            found[line['dst']] = (line.get('gateway', line['type'] if 'type' in line else ''),
                                  line.get('dev', ''), line.get('metric', 0))
    return found


def ours(table):
    return lines(table, 'proto', PROTOCOL)


def wanted(table):
    other = table.others[0]
    return {prefix: (other.own6 if ':' in prefix else other.own, f'to-{other.name}', METRIC)
            for prefix in other.prefixes}


def has_all(table):
    check(eventually(lambda: ours(table) == wanted(table), PATIENCE),
          f'the kernel has {ours(table)}, expected {wanted(table)}; {table.hub.said()}')


def best_paths_are_installed(table):
    table.hub.fib = 'kernel'
    table.start()
    has_all(table)


def what_somebody_deletes_comes_back(table):
    prefix = table.others[0].prefixes[0]
    hub_ip(table, 'route', 'del', prefix, 'proto', PROTOCOL)
    has_all(table)


def what_is_withdrawn_goes(table):
    other = table.others[0]
    other.withdraw()
    check(eventually(lambda: not ours(table), PATIENCE), f'the kernel keeps {ours(table)}')
    other.announce()
    has_all(table)


def the_entry_of_another_is_left_alone(table):
    other = table.others[0]
    prefix = other.prefixes[0]
    other.withdraw()
    check(eventually(lambda: not ours(table), PATIENCE), f'the kernel keeps {ours(table)}')
    hub_ip(table, 'route', 'add', 'blackhole', prefix, 'metric', str(METRIC), 'proto', 'static')
    other.announce()
    rest = {key: value for key, value in wanted(table).items() if key != prefix}
    check(eventually(lambda: ours(table) == rest, PATIENCE), f'{ours(table)}, expected {rest}')
    check(prefix in lines(table, 'proto', 'static'), 'the entry of another is gone')
    hub_ip(table, 'route', 'del', 'blackhole', prefix, 'metric', str(METRIC))
    has_all(table)


def an_interface_that_fails_has_its_routes_again(table):
    port = f'to-{table.others[0].name}'
    hub_ip(table, 'link', 'set', port, 'down')
    check(eventually(lambda: not ours(table), PATIENCE), f'the kernel keeps {ours(table)}')
    hub_ip(table, 'link', 'set', port, 'up')
    other = table.others[0]
    hub_ip(table, '-6', 'addr', 'replace', f'{other.hub6}/126', 'dev', port, 'nodad')
    has_all(table)


def a_killed_gateway_leaves_its_routes_to_the_next(table):
    """Watched all the time, no route is away for a moment; what is no longer said goes later."""
    other = table.others[0]
    table.rig.stop(table.hub.process, hard=True)
    stale = '10.250.0.0/16'
    hub_ip(table, 'route', 'add', stale, 'via', other.own, 'metric', str(METRIC), 'proto', PROTOCOL)
    before = ours(table)
    check(set(before) == {*wanted(table), stale}, f'what is left is {before}')
    table.hub.start()
    end = time.monotonic() + PATIENCE
    while stale in ours(table) and time.monotonic() < end:
        lost = set(wanted(table)) - set(ours(table))
        check(not lost, f'{lost} were away')
        time.sleep(0.05)
    has_all(table)


def a_clean_stop_leaves_nothing(table):
    table.hub.process.terminate()
    check(eventually(lambda: table.hub.process.poll() is not None, PATIENCE), 'it does not stop')
    check(table.hub.process.returncode == 0, f'status {table.hub.process.returncode}')
    check(not ours(table), f'the kernel has {ours(table)}')


TESTS = (best_paths_are_installed, what_somebody_deletes_comes_back, what_is_withdrawn_goes,
         the_entry_of_another_is_left_alone, an_interface_that_fails_has_its_routes_again,
         a_killed_gateway_leaves_its_routes_to_the_next, a_clean_stop_leaves_nothing)

if __name__ == '__main__':
    sys.exit(main(TESTS, kinds=(neighbors.Bird,), least=1))
