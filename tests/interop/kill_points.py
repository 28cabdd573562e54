#!/usr/bin/env python3
"""The gateway is killed between any two of its effects and starts again: the kernel's table and the
neighbors come to what they should hold.

    kill_points.py [SEKISHOD KILL_POINT] [--points N] [--seed N]

KILL_POINT is loaded into the gateway (tests/preload/kill_point.c) and kills it before the n'th
system call that anybody else notices. Meanwhile two neighbors announce and withdraw; while it is
away what they have changes again. Where n is and what they have, the seed says.
"""
import argparse
import ipaddress
import json
import pathlib
import random
import signal
import sys
import time

sys.dont_write_bytecode = True

from interop import Failed, Hub, check
from rig import Rig, Unable, command, eventually
from talker import Talker, prefixes

PATIENCE = 90.0
EACH = 60  # prefixes that a neighbor may have
POINT_MOST = 90  # effects; the story has about as many
PROTOCOL = '115'  # src/fib/fib.h


def text_of(nlri):
    return str(ipaddress.ip_network((int.from_bytes(nlri[1:], 'big') << 8, 24)))


class Site:
    """A neighbor with a link of its own; its speaker begins anew whenever the gateway does."""

    def __init__(self, rig, number):
        self.number, self.name = number, f'site{number}'
        self.asn = 65200 + number
        self.hub, self.own = f'169.254.{number}.1', f'169.254.{number}.2'
        self.space = rig.space(self.name)
        rig.link(f'to-{self.name}', self.name, [f'{self.hub}/30'], [f'{self.own}/30'])
        self.all = prefixes((10 << 16) + (number << 8), EACH)
        self.talker = None
        self.has = []

    def gateway(self):
        return (f'  - {{id: cgw-{self.name}, asn: {self.asn}, '
                f'address: 198.51.100.{self.number}}}\n')

    def connection(self):
        return f'''  - id: vpn-{self.name}
    vpn_gateway: vgw-hub
    customer_gateway: cgw-{self.name}
    ipsec: none
    tunnels:
      - outside: 203.0.113.{self.number}
        inside: {{vgw: {self.hub}, cgw: {self.own}}}
'''

    def hang_up(self):
        if self.talker:
            self.talker.close()
            self.talker = None

    def call(self, alive, seconds=PATIENCE):
        """A session with the gateway, or False: the gateway is dead."""
        end = time.monotonic() + seconds
        while alive() and time.monotonic() < end:
            self.hang_up()
            self.talker = Talker(self.space, self.own, self.hub, self.asn)
            try:
                self.talker.connect()
            except OSError:
                time.sleep(0.05)
                continue
            if eventually(lambda: self.talker.established or self.talker.ended or not alive(),
                          5, 0.01) and self.talker.established:
                return True
        return False

    def say(self, has):
        """Withdraws and announces; what does not reach the gateway any more is no matter."""
        gone = [one for one in self.has if one not in has]
        new = [one for one in has if one not in self.has]
        self.has = list(has)
        try:
            if gone:
                self.talker.withdraw(gone)
            if new:
                self.talker.announce(new)
        except OSError:
            pass


class Story:
    def __init__(self, rig, program, shim, seed):
        self.rig, self.shim = rig, shim
        self.random = random.Random(seed)
        self.sites = [Site(rig, 1), Site(rig, 2)]
        self.hub = Hub(rig, program, [])
        self.hub.fib = 'kernel'
        self.hub.more = ([site.gateway() for site in self.sites],
                         [site.connection() for site in self.sites])
        self.sekisho = program.parent / 'sekisho'

    def alive(self):
        return self.hub.process.poll() is None

    def some(self, site):
        return self.random.sample(site.all, self.random.randint(0, len(site.all)))

    def live_until(self, point):
        """The story, as far as it comes. True: it was killed in the midst of it."""
        self.hub.before = ['env', f'LD_PRELOAD={self.shim}', f'KILL_AT={point}']
        self.hub.start()
        for site in self.sites:
            site.has = []
        plans = [[self.some(site) for site in self.sites] for _ in range(4)]
        for site in self.sites:
            if not site.call(self.alive):
                return True
        for plan in plans:
            for site, has in zip(self.sites, plan):
                site.say(has)
            eventually(lambda: not self.alive(), 0.05, 0.01)
        return bool(eventually(lambda: not self.alive(), 0.5, 0.01))

    def live_on(self):
        """Again, without an end; what the sites have is something else by now."""
        for site in self.sites:
            site.hang_up()
            site.has = []
        wanted = [self.some(site) for site in self.sites]
        self.hub.before = []
        self.hub.start()
        for site, has in zip(self.sites, wanted):
            check(site.call(self.alive), f'{site.name}: no session; {self.hub.said()}')
            site.say(has)

    def kernel(self):
        said = self.rig.exec('hub', 'ip', '-j', 'route', 'show', 'proto', PROTOCOL)
        return {route['dst']: route.get('gateway') for route in json.loads(said or '[]')}

    def wrong(self):
        wanted = {text_of(one): site.own for site in self.sites for one in site.has}
        held = self.kernel()
        for prefix in sorted(set(wanted) ^ set(held)):
            return f'the kernel {"lacks" if prefix in wanted else "holds"} {prefix}'
        if wanted != held:
            return f'the kernel has {held}, expected {wanted}'
        for site, other in (self.sites, self.sites[::-1]):
            if site.talker.ended or site.talker.table != set(other.has):
                return (f'{site.name} holds {len(site.talker.table)} of {len(other.has)} '
                        f'({site.talker.ended})')
        return ''

    def was_loaded(self):
        """Else who ends by itself, or is never killed, would be taken for one of its lives."""
        try:
            maps = pathlib.Path('/proc', str(self.hub.process.pid), 'maps').read_text()
        except OSError:
            maps = ''  # it is dead
        ended = self.hub.process.poll()
        check(ended == -signal.SIGKILL or ended is None and str(self.shim) in maps,
              f'without {self.shim}, status {ended}: {self.hub.said()}')

    def point(self, number):
        killed = self.live_until(number)
        self.was_loaded()
        self.rig.stop(self.hub.process, hard=True)
        self.live_on()
        state = {'wrong': ''}

        def right():
            state['wrong'] = self.wrong()
            return not state['wrong']
        check(eventually(right, PATIENCE), f'effect {number}: {state["wrong"]}; {self.hub.said()}')
        self.rig.stop(self.hub.process, hard=True)
        for site in self.sites:
            site.hang_up()
        return killed

    def journal(self):
        """All these lives, replayed."""
        said = command(str(self.sekisho), 'replay', str(self.hub.journal), 'verify', '--json',
                       check=False, seconds=120)
        answer = json.loads(said)
        check(answer['sound'] and answer['gaps'] == 0, said[-2000:])


def run(story, points, seed):
    killed = 0
    for done in range(points):
        number = story.random.randint(0, POINT_MOST)
        try:
            killed += story.point(number)
        except (Failed, RuntimeError, OSError, ValueError) as failed:
            print(f'# point {done}: {failed!r}\nnot ok 1 - it was killed at {points} points\n1..2')
            return 1
        print(f'# {done + 1}: effect {number}', flush=True)
    check(points < 20 or killed * 4 >= points,
          f'only {killed} of {points} came before the end of the story')
    print(f'ok 1 - it was killed at {points} points, {killed} of them in the midst of the story')
    story.journal()
    print(f'# page: Killed at {points} points with seed {seed}, {killed} of them in the midst of '
          'the story;\n# page: each time the kernel and both neighbors came to what they should '
          'hold, and the\n# page: journal of all these lives is sound.')
    print('ok 2 - the journal of all these lives is sound\n1..2')
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    build = pathlib.Path(__file__).resolve().parents[2] / 'build'
    parser.add_argument('sekishod', type=pathlib.Path, nargs='?', default=build / 'sekishod')
    parser.add_argument('kill_point', type=pathlib.Path, nargs='?',
                        default=build / 'tests' / 'kill_point.so')
    parser.add_argument('--points', type=int, default=5)
    parser.add_argument('--seed', type=int, default=1)
    words = parser.parse_args()
    try:
        rig = Rig()
    except Unable as unable:
        print(f'ok 1 - kill points # SKIP {unable}\n1..1')
        return 0
    try:
        print(f'# seed {words.seed}')
        return run(Story(rig, words.sekishod.resolve(), words.kill_point.resolve(), words.seed),
                   words.points, words.seed)
    except Failed as failed:
        print(f'not ok 2 - {failed!r}\n1..2')
        return 1
    finally:
        rig.close()


if __name__ == '__main__':
    sys.exit(main())
