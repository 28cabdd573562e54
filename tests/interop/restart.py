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


def all_is_there(table, wanted):
    """A daemon that is asked while it is busy may say nothing at all, and a dump of the kernel's
    may miss what is replaced under it: who seems to lack something is asked once more. What is gone
    for less than that, the kernel's own report tells (KernelWatch)."""
    for who, held in holdings(table).items():
        if held != wanted[who]:
            again = holdings(table)[who]
            check(again == wanted[who], f'{who} lost {wanted[who] - held}, {wanted[who] - again}: '
                  f'{table.hub.said()}')


class KernelWatch:
    """Every route that the kernel loses or gets, as it says so itself."""

    def __init__(self, table):
        self.table = table
        self.process = table.rig.run('hub', 'ip', '-o', 'monitor', 'route')
        check(eventually(self.hears, PATIENCE), 'ip monitor tells nothing')

    def hears(self):
        """It is there when it has told of a route made for it."""
        name = 'hub'
        self.table.rig.exec(name, 'ip', 'route', 'replace', 'blackhole', '192.0.2.1/32')
        self.table.rig.exec(name, 'ip', 'route', 'del', 'blackhole', '192.0.2.1/32', check=False)
        return '192.0.2.1' in self.process.output.read_text()

    def lost(self):
        return [line for line in self.process.output.read_text().splitlines()
                if line.startswith('Deleted') and ('proto 115' in line or 'proto sekisho' in line)]

    def stop(self):
        self.table.rig.stop(self.process)


def nothing_is_away_while_it_restarts(table):
    wanted = expected(table)
    watch = KernelWatch(table)
    table.rig.stop(table.hub.process, hard=True)
    time.sleep(1)
    table.hub.start()
    end = time.monotonic() + PATIENCE
    while not lines_of(table, 'event=restart-over'):
        all_is_there(table, wanted)
        check(time.monotonic() < end, f'it waits for ever: {table.hub.said()}')
    check(lines_of(table, 'event=restarted'), 'it did not notice')
    for _ in range(20):  # and afterwards
        all_is_there(table, wanted)
        time.sleep(0.1)
    table.settles()
    check(not watch.lost(), f'the kernel lost {watch.lost()}')
    watch.stop()


def what_went_meanwhile_goes(table):
    """A route that was withdrawn while the gateway was away is gone when it is back."""
    first, second = table.others[0], table.others[1]
    watch = KernelWatch(table)
    table.rig.stop(table.hub.process, hard=True)
    first.withdraw()
    kept, first.prefixes = first.prefixes, []
    table.hub.start()
    check(eventually(lambda: lines_of(table, 'event=restart-over'), PATIENCE), table.hub.said())
    check(eventually(lambda: holdings(table) == expected(table), PATIENCE),
          f'{second.name} and the kernel hold {holdings(table)}: {table.hub.said()}')
    check(eventually(lambda: len(watch.lost()) >= len(kept), PATIENCE), f'{watch.lost()}')
    watch.stop()
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
    sys.exit(main(TESTS, kinds=(neighbors.Bird, neighbors.Openbgpd), least=2))
