#!/usr/bin/env python3
"""Ten neighbors of whom one reads 20 kB a second and one nothing at all.

    readers.py SEKISHOD [TEST ...]

The others converge meanwhile, the gateway's memory stays what it is, and in the end whoever reads
again holds what everybody else does. Its send buffers are made small: otherwise the kernel would
take everything, and nobody would be slow.
"""
import sys

sys.dont_write_bytecode = True

from interop import PATIENCE, Hub, check, run
from neighbors import HUB_AS
from rig import Rig, Unable, eventually
from talker import Talker, prefixes
from tap import choose, files

COUNT = 10
EACH = 10000
FIRST = 0x140000  # 20.0.0.0
CHURNERS = 2
CHURNED = 4000  # prefixes of each, a turn
TURNS = 45  # 95 MB in all, three times what the gateway keeps for who lags (src/bgp/outlog.c)
SLOW_RATE = 20000  # bytes a second
SMALL = 4096
GROWTH_KB = 64 << 10  # that, its last batch, and the attributes


class Crowd:
    """The gateway and its talkers, each a connection of its own."""

    def __init__(self, program):
        self.rig = Rig()
        ends = range(1, COUNT + 1)
        self.rig.space('crowd')
        self.rig.link('to-crowd', 'crowd', [f'169.254.{n}.1/30' for n in ends],
                      [f'169.254.{n}.2/30' for n in ends])
        self.rig.exec('hub', 'sysctl', '-qw', f'net.ipv4.tcp_wmem=4096 {SMALL} {2 * SMALL}')
        self.hub = Hub(self.rig, program, [])
        for n in ends:
            self.hub.more[0].append(
                f'  - {{id: cgw-{n}, asn: {65000 + n}, address: 198.51.100.{n}}}\n')
            self.hub.more[1].append(f'''  - id: vpn-{n}
    vpn_gateway: vgw-hub
    customer_gateway: cgw-{n}
    ipsec: none
    limits: {{received: 1000000}}
    tunnels:
      - {{outside: 203.0.113.{n}, inside: {{vgw: 169.254.{n}.1, cgw: 169.254.{n}.2}}}}
''')
        space = self.rig.name_of('crowd')
        self.talkers = [Talker(space, f'169.254.{n}.2', f'169.254.{n}.1', 65000 + n) for n in ends]
        self.said = [prefixes(FIRST + n * EACH, EACH) for n in range(COUNT)]
        self.slow, self.deaf, self.fast = self.talkers[0], self.talkers[1], self.talkers[2:]
        for talker in self.fast[2:]:
            talker.skims = True
        self.slow.rate, self.deaf.rate = SLOW_RATE, 0
        self.slow.buffer = self.deaf.buffer = SMALL

    def resident_kb(self):
        with open(f'/proc/{self.hub.process.pid}/status') as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))

    def wanted(self, talker):
        return {nlri for said, other in zip(self.said, self.talkers) if other is not talker
                for nlri in said}

    def holds_all(self, talker):
        check(not talker.ended, f'{talker.own}: {talker.ended}; {self.hub.said()}')
        return talker.table == self.wanted(talker)

    def converge(self, talkers):
        for talker in talkers:
            if talker.skims:
                check(not talker.ended, f'{talker.own}: {talker.ended}; {self.hub.said()}')
                continue
            check(eventually(lambda at=talker: self.holds_all(at), 60),
                  f'{talker.own} holds {len(talker.table)}: {self.hub.said()}')


def all_come_up(crowd):
    crowd.hub.start()
    check(eventually(lambda: crowd.hub.ask('status').get('node'), PATIENCE), crowd.hub.said())
    for talker in crowd.talkers:
        talker.connect()
    for talker in crowd.talkers:
        check(eventually(lambda at=talker: at.established, PATIENCE),
              f'{talker.own}: {talker.ended}; {crowd.hub.said()}')


def the_others_converge(crowd):
    for talker, said in zip(crowd.talkers, crowd.said):
        talker.announce(said)
    crowd.converge(crowd.fast)
    check(not crowd.holds_all(crowd.slow) and not crowd.deaf.table, 'nobody was slow')


def what_nobody_reads_takes_no_memory(crowd):
    """Said again and again, each time otherwise: beyond a bound one walk through the table stands
    for all of it. The last prefix of each tells that all before it has arrived."""
    before = crowd.resident_kb()
    churners = list(zip(crowd.talkers, crowd.said))[-CHURNERS:]
    for turn in range(TURNS):
        for talker, said in churners:
            talker.announce_each(said[:CHURNED], turn)
    for number, (talker, said) in enumerate(churners):
        said += prefixes(FIRST - 1 - number, 1)
        talker.announce(said)
    crowd.converge(crowd.fast)
    grown = crowd.resident_kb() - before
    print(f'# {crowd.resident_kb()} kB, {grown} more than before')
    check(grown < GROWTH_KB, f'{grown} kB more: {crowd.hub.ask("status")}')
    check(not crowd.holds_all(crowd.slow), 'nobody was slow')
    for talker in crowd.talkers:
        check(not talker.ended, f'{talker.own}: {talker.ended}; {crowd.hub.said()}')


def who_reads_again_holds_what_all_do(crowd):
    check(not crowd.deaf.table, 'it has read')
    print(f'# read by the slow one so far: {crowd.slow.read_bytes} bytes')
    crowd.slow.rate = crowd.deaf.rate = None
    crowd.converge(crowd.talkers)
    for neighbor in crowd.hub.ask('neighbors')['neighbors']:
        check((neighbor['state'], neighbor['established']) == ('Established', 1), f'{neighbor}')


TESTS = (all_come_up, the_others_converge, what_nobody_reads_takes_no_memory,
         who_reads_again_holds_what_all_do)


def main():
    (program,), wanted = files('sekishod')
    assert HUB_AS not in range(65001, 65001 + COUNT)
    tests = choose(TESTS, wanted)
    try:
        crowd = Crowd(program)
    except Unable as unable:
        print(f'ok 1 - slow readers # SKIP {unable}\n1..1')
        return 0
    try:
        return run(crowd, tests)
    finally:
        for talker in crowd.talkers:
            talker.close()
        crowd.rig.close()


if __name__ == '__main__':
    sys.exit(main())
