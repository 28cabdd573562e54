#!/usr/bin/env python3
"""The gateway is killed and starts again among routers that help it (RFC 4724).

    restart.py SEKISHOD [TEST ...]

They are watched all the time: no route of anybody's may be away for a moment, neither with them nor
in the kernel that forwards. FRR is not among them: for two minutes after its own start it says that
it has restarted, and who has is not waited for (RFC 4724 4.1).
"""
import sys
import time

sys.dont_write_bytecode = True

import neighbors
from interop import check, main
from kernel_table import ours
from rig import eventually

PATIENCE = 60.0


def holdings(table):
    """Everybody's prefixes, and the kernel's."""
    held = {other.name: set(other.received()) for other in table.others}
    held['kernel'] = set(ours(table))
    return held


def expected(table):
    held = {other.name: set(table.expected(other)) for other in table.others}
    held['kernel'] = {prefix for other in table.others for prefix in other.prefixes}
    return held


def lines_of(table, word):
    return [line for line in table.hub.process.output.read_text().splitlines() if word in line]


def start(table):
    table.hub.fib = 'kernel'
    for other in table.others:
        table.hub.session[other.name] = ['graceful_restart: 60s']
    table.start()
    table.settles()
    check(eventually(lambda: holdings(table) == expected(table), PATIENCE), f'{holdings(table)}')
    check(not lines_of(table, 'event=restarted'), 'a first start is no restart')


def steadfast(table):
    """Who keeps what a neighbor had that was killed. OpenBGPD 7.7 now and then forgets it at once,
    before anybody connects again (two runs of four); afterwards it has it back."""
    held = holdings(table)
    held.pop('openbgpd', None)
    return held.items()


def nothing_is_away_while_it_restarts(table):
    wanted = expected(table)
    table.rig.stop(table.hub.process, hard=True)
    time.sleep(1)
    table.hub.start()
    end = time.monotonic() + PATIENCE
    while not lines_of(table, 'event=restart-over'):
        for who, held in steadfast(table):
            check(held == wanted[who], f'{who} lost {wanted[who] - held}: {table.hub.said()}')
        check(time.monotonic() < end, f'it waits for ever: {table.hub.said()}')
    check(lines_of(table, 'event=restarted'), 'it did not notice')
    for _ in range(20):  # and afterwards
        for who, held in steadfast(table):
            check(held == wanted[who], f'{who} lost {wanted[who] - held}: {table.hub.said()}')
        time.sleep(0.1)
    table.settles()


def what_went_meanwhile_goes(table):
    """A route that was withdrawn while the gateway was away is gone when it is back."""
    first, second = table.others[0], table.others[1]
    table.rig.stop(table.hub.process, hard=True)
    first.withdraw()
    kept, first.prefixes = first.prefixes, []
    table.hub.start()
    check(eventually(lambda: lines_of(table, 'event=restart-over'), PATIENCE), table.hub.said())
    check(eventually(lambda: holdings(table) == expected(table), PATIENCE),
          f'{second.name} and the kernel hold {holdings(table)}: {table.hub.said()}')
    first.prefixes = kept
    first.announce()
    table.settles()


def a_stop_is_no_restart(table):
    """A Cease was said: everything goes at once, and the next start is a first one."""
    table.rig.stop(table.hub.process)
    check(eventually(lambda: not any(holdings(table).values()), PATIENCE), f'{holdings(table)}')
    before = len(lines_of(table, 'event=restarted'))
    table.hub.start()
    table.settles()
    check(len(lines_of(table, 'event=restarted')) == before, 'it took it for a restart')


TESTS = (start, nothing_is_away_while_it_restarts, what_went_meanwhile_goes, a_stop_is_no_restart)

if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], TESTS, kinds=(neighbors.Bird, neighbors.Openbgpd), least=2))
