#!/usr/bin/env python3
"""What a gateway must bear from those it talks to, and from those it does not know.

    harsh.py SEKISHOD [--messages N] [--seed N] [--under WORDS] [TEST ...]

Two neighbors, a teller and a hearer, are what nobody may disturb: the hearer must hold what the
teller told, all the time, and neither session may end. All others do what they should not. Every
count is bounded; a failure names the seed and the bytes. TAP on standard output.

WORDS come before the program's name, "valgrind --error-exitcode=99 --leak-check=full" for example;
what it finds is in the program's exit status. Valgrind knows no seccomp(2): in a build with
-Dc_args=-D__SANITIZE_ADDRESS__ system calls are not filtered.
"""
import pathlib
import random
import re
import resource
import select
import shutil
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True

from interop import Failed, Hub, check
from mutations import (HEADER, KEEPALIVE, NOTIFICATION, OPEN, broken, message, must_be_survived,
                       sound, update)
from rig import Rig, Unable, command, eventually
from talker import Talker, prefixes, socket_in
from tap import choose, refuse

PATIENCE = 60.0
HUB, HUB_AS = '10.99.0.1', 64512
VICTIMS, TOLD = 40, 50
FIRST_TOLD = 0xac1e00  # 172.30.0.0/24 and on
FLOOD, LIMIT = 2000000, 100
HOUR_S, SHORT_S, FEED_S = 3600, 9, 20
CLOCK = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The time of day is an hour less while the file is there. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (clock == CLOCK_REALTIME && access(getenv("CLOCK_BACK"), F_OK) == 0)
        now->tv_sec -= 3600;
    return status;
}
'''
SANITIZED_MIB, ORDINARY_MIB = 1500, 200


class Peer:
    """A neighbor's place: its address, its AS number, its name in the network file."""

    def __init__(self, name, number, received=1000000):
        self.name, self.number, self.received = name, number, received
        self.hold = SHORT_S if number == 106 else 90
        self.own = f'10.99.1.{number}'
        self.asn = 65000 + number

    def open_body(self):
        capabilities = (b'\x01\x04\x00\x01\x00\x01' b'\x01\x04\x00\x02\x00\x01'
                        b'\x02\x00' b'\x46\x00' b'\x41\x04' + struct.pack('!I', self.asn))
        parameters = bytes([2, len(capabilities)]) + capabilities
        return (struct.pack('!BHH', 4, self.asn, 90) + socket.inet_aton(self.own) +
                bytes([len(parameters)]) + parameters)


class Victim(Peer):
    """One that breaks what it says; without a thread."""

    def __init__(self, place, number):
        super().__init__(f'victim{number}', number)
        self.place = place
        self.socket = None
        self.left = b''
        self.heard = []  # kinds, of this connection; none twice in a row
        self.keepalives = 0
        self.notice = None
        self.plain = False  # its OPEN had no capabilities
        self.marks = 0
        self.rests_until = 0.0

    def dial(self):
        self.socket = socket_in(self.place.space)
        self.socket.settimeout(PATIENCE)
        self.socket.bind((self.own, 0))
        self.socket.connect((HUB, 179))
        self.left, self.heard, self.notice = b'', [], None

    def hang_up(self, rest=0.0):
        if self.socket:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.socket.close()
        self.socket = None
        self.rests_until = time.monotonic() + rest

    def say(self, data):
        """False: the connection has ended."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def listen(self, seconds):
        """Reads what is there. False: the connection has ended."""
        while select.select([self.socket], [], [], seconds)[0]:
            try:
                data = self.socket.recv(1 << 18)
            except OSError:
                return False
            if not data:
                return False
            self.left += data
            at = 0
            while len(self.left) - at >= HEADER:
                size, kind = struct.unpack_from('!HB', self.left, at + 16)
                if len(self.left) - at < size:
                    break
                if not self.heard or self.heard[-1] != kind:
                    self.heard.append(kind)
                self.keepalives += kind == KEEPALIVE
                if kind == OPEN:
                    self.plain = size == HEADER + 10
                if kind == NOTIFICATION:
                    self.notice = self.left[at + HEADER:at + size]
                at += size
            self.left = self.left[at:]
            seconds = 0
        return True

    def come_up(self):
        """True: Established, as far as this end can tell. False: refused; it is in Idle yet, or
        tries without capabilities because a NOTIFICATION 2/4 seemed to ask for it (RFC 5492 3)."""
        self.dial()
        if not self.say(message(OPEN, self.open_body())):
            return False
        end = time.monotonic() + PATIENCE
        while KEEPALIVE not in self.heard and time.monotonic() < end:
            if not self.listen(0.5):
                return False
        return not self.plain and self.say(message(KEEPALIVE))

    def mark(self):
        """NLRI that was not announced before, and its message, which takes the last one back."""
        last = self.marker()
        self.marks += 1
        attributes = (b'\x40\x01\x01\x00\x40\x02\x06\x02\x01' + struct.pack('!I', self.asn) +
                      b'\x40\x03\x04' + socket.inet_aton(self.own))
        return update(last, attributes, self.marker())

    def marker(self):
        return b'\x20\x64' + bytes([self.number]) + struct.pack('!H', self.marks & 0xffff)


class Place:
    """The gateway and everybody's namespace."""

    def __init__(self, program, under):
        self.rig = Rig()
        self.rig.space('peers')
        self.space = self.rig.name_of('peers')
        self.victims = [Victim(self, number) for number in range(1, VICTIMS + 1)]
        self.teller_at, self.hearer_at = Peer('teller', 101), Peer('hearer', 102)
        self.flooder = Peer('flooder', 103, LIMIT)
        self.sleeper = Peer('sleeper', 104)
        self.caller = Peer('caller', 105)
        self.clocked = Victim(self, 106)
        self.peers = [*self.victims, self.teller_at, self.hearer_at, self.flooder, self.sleeper,
                      self.caller, self.clocked]
        strangers = ['10.99.1.200']
        self.rig.link('to-peers', 'peers', [f'{HUB}/16'],
                      [f'{own}/16' for own in [*(peer.own for peer in self.peers), *strangers]])
        self.hub = Hub(self.rig, program, [])
        self.hub.before = under
        self.sanitized = b'__asan_init' in pathlib.Path(program).read_bytes() or bool(under)
        self.teller = self.hearer = None
        self.before = None

    def write(self):
        gateways, connections = self.hub.more
        for peer in self.peers:
            gateways.append(f'  - {{id: cgw-{peer.name}, asn: {peer.asn}, '
                            f'address: 198.51.100.{peer.number}}}\n')
            connections.append(f'''  - id: vpn-{peer.name}
    vpn_gateway: vgw-hub
    customer_gateway: cgw-{peer.name}
    ipsec: none
    limits: {{received: {peer.received}, announced: 10000000}}
    bgp: {{hold: {peer.hold}s, keepalive: {peer.hold // 3}s}}
    tunnels:
      - outside: 203.0.113.{peer.number}
        inside: {{vgw: {HUB}, cgw: {peer.own}}}
        inside_ipv6: "fd00:{peer.number}::/126"
''')

    def start(self):
        self.write()
        self.hub.start()
        check(eventually(lambda: self.hub.ask('status'), PATIENCE), self.hub.said())
        self.teller, self.hearer = (Talker(self.space, peer.own, HUB, peer.asn)
                                    for peer in (self.teller_at, self.hearer_at))
        for talker in (self.teller, self.hearer):
            talker.connect()
            check(eventually(lambda: talker.established, PATIENCE), f'{talker.ended}')
        self.told = prefixes(FIRST_TOLD, TOLD)
        self.teller.announce(self.told)
        check(eventually(lambda: self.hearer.table >= set(self.told), PATIENCE), self.hub.said())
        self.before = self.sessions()

    def sessions(self):
        return [self.hub.neighbor(name).get('established') for name in ('teller', 'hearer')]

    def undisturbed(self):
        """'' as long as teller and hearer have noticed nothing."""
        for talker, name in ((self.teller, 'teller'), (self.hearer, 'hearer')):
            if talker.ended:
                return f'the {name}: {talker.ended}'
        if not self.hearer.table >= set(self.told):
            return 'the hearer lacks what the teller told'
        if self.hub.process.poll() is not None:
            return f'sekishod has ended, status {self.hub.process.returncode}'
        return ''

    def still_well(self, exactly=True):
        """Nobody was disturbed, and whoever else has gone has left nothing."""
        check(not self.undisturbed(), f'{self.undisturbed()}; {self.hub.said()}')
        if exactly:
            check(eventually(lambda: self.hearer.table == set(self.told), PATIENCE),
                  f'the hearer holds {len(self.hearer.table)} prefixes, not {TOLD}')
        check(self.sessions() == self.before, f'{self.sessions()}, not {self.before}')

    def peak_mib(self):
        status = pathlib.Path(f'/proc/{self.pid()}/status').read_text()
        return int(re.search(r'VmHWM:\s+(\d+)', status)[1]) // 1024

    def pid(self):
        """Of sekishod itself: ip netns exec becomes it."""
        return self.hub.process.pid

    def log_lines(self, word, name=''):
        wanted = f'event={word} neighbor={name and f"vpn-{name}/1"}'
        return sum(wanted in line for line in self.hub.process.output.read_text().splitlines())

    def bounded(self):
        peak, bound = self.peak_mib(), SANITIZED_MIB if self.sanitized else ORDINARY_MIB
        print(f'# at its peak so far {peak} MiB')
        check(peak < bound, f'{peak} MiB at its peak; {bound} were expected at most')


# --- mutations ---------------------------------------------------------------------------------

class Mutations:
    def __init__(self, place, seed):
        self.place = place
        self.rng = random.Random(seed)
        self.seed = seed
        self.sent = self.survivable = self.ended = 0
        self.fed_at = 0.0

    def feed(self):
        """On a busy machine somebody's turn may not come within the hold time."""
        if time.monotonic() - self.fed_at < FEED_S:
            return
        self.fed_at = time.monotonic()
        for victim in self.place.victims:
            if victim.socket:
                victim.say(message(KEEPALIVE))

    def ready(self):
        """A victim that is up, in turns."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.feed()
            victim = self.rng.choice(self.place.victims)
            if victim.socket:
                if victim.listen(0):
                    return victim
                raise Failed(f'seed {self.seed}: {victim.name} is gone, though nothing was wrong: '
                             f'{victim.notice}, {self.place.hub.neighbor(victim.name)}')
            if time.monotonic() < victim.rests_until:
                time.sleep(0.001)
                continue
            if victim.come_up():
                return victim
            victim.hang_up(0.2)
        raise Failed(f'seed {self.seed}: no victim comes up again; {self.place.hub.said()}')

    def outcome(self, victim):
        """'kept' or 'ended', told by a marker that reaches the hearer or by the end."""
        end = time.monotonic() + PATIENCE
        alive = victim.say(victim.mark())
        sent = time.monotonic()
        while alive and time.monotonic() < end:
            if victim.marker() in self.place.hearer.table:
                return 'kept'
            alive = victim.listen(0.001)
            if time.monotonic() - sent > 1.0:  # it may still be waited for the end of a message
                alive = victim.say(message(KEEPALIVE) * 250 + victim.mark())
                sent = time.monotonic()
        return 'stuck' if alive else 'ended'

    def batch(self, victim):
        """Messages that must all be survived, and True; or one that need not be."""
        batch = []
        for _ in range(self.rng.randrange(1, 40)):
            whole = sound(self.rng, victim.asn, socket.inet_aton(victim.own), victim.open_body())
            data = broken(self.rng, whole)
            if must_be_survived(whole, data):
                batch.append(data)
            elif not batch:
                return [data], False
        return batch, True

    def one(self):
        victim = self.ready()
        batch, must = self.batch(victim)
        told = victim.say(b''.join(batch))
        outcome = self.outcome(victim) if told else 'ended'
        self.sent += len(batch)
        self.survivable += len(batch) if must else 0
        check(self.place.hub.process.poll() is None, f'seed {self.seed}: {self.place.hub.said()}')
        hearer = self.place.hearer
        check(outcome != 'stuck', f'seed {self.seed}: neither kept nor ended after {self.sent}: '
              f'{batch[-1].hex()}; {self.place.hub.neighbor(victim.name)}; the hearer: '
              f'{hearer.is_alive()}, {hearer.ended}, {len(hearer.table)} prefixes')
        if outcome == 'kept':
            return
        check(not must, f'seed {self.seed}: ended by {victim.notice}, though RFC 7606 keeps it, '
              f'after one of {[data.hex() for data in batch]}')
        self.ended += 1
        victim.hang_up()


def broken_messages(place, options):
    """No session ends that RFC 7606 keeps, and nobody else notices."""
    mutations = Mutations(place, options.seed)
    began = time.monotonic()
    while mutations.sent < options.messages:
        mutations.one()
        check(not place.undisturbed(), f'seed {options.seed}: {place.undisturbed()}')
    for victim in place.victims:
        victim.hang_up(1.5)
    print(f'# {mutations.sent} messages in {time.monotonic() - began:.0f} s, seed {options.seed}: '
          f'{mutations.survivable} had to be survived and were, {mutations.ended} ended a session')
    check(mutations.survivable > mutations.sent / 4, 'too few that had to be survived')
    check(mutations.ended > mutations.sent / 100, 'too few that ended a session')
    place.still_well()
    place.bounded()
    print(f'# page: Of {mutations.sent} broken messages of every kind, drawn with seed '
          f'{options.seed}, {mutations.survivable} had to be survived and were, and '
          f'{mutations.ended} ended their session.\n'
          f'# page: Two other sessions went on, without a route missing, and the gateway had '
          f'{place.peak_mib()} MiB at most.')
    lines = len(place.hub.process.output.read_text().splitlines())
    minutes = 2 + (time.monotonic() - began) / 60
    print(f'# lines in the log: {lines}')
    check(lines < 6 * VICTIMS * 20 * minutes, f'{lines} lines in the log')


def broken_opens(place, options):
    rng = random.Random(options.seed + 1)
    answers = {}
    for _ in range(max(options.messages // 20, 50)):
        victim = rng.choice(place.victims)
        if time.monotonic() < victim.rests_until:
            time.sleep(max(0.0, min(other.rests_until for other in place.victims) -
                           time.monotonic()))
            continue
        victim.dial()
        alive = victim.say(broken(rng, message(OPEN, victim.open_body())))
        alive = alive and victim.listen(0.2) and victim.listen(0.02)
        answer = 'silence' if alive and KEEPALIVE not in victim.heard else \
            'accepted' if alive else 'ended'
        answers[answer] = answers.get(answer, 0) + 1
        victim.hang_up(1.2)
    print(f'# {answers}')
    place.still_well()


def garbage(place, options):
    """Bytes that are no BGP at all, before and instead of an OPEN."""
    rng = random.Random(options.seed + 2)
    for number, victim in enumerate(place.victims):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < victim.rests_until and time.monotonic() < end:
            time.sleep(0.05)
        victim.dial()
        data = (b'GET / HTTP/1.1\r\nHost: hub\r\n\r\n' * 3, b'\x16\x03\x01\x02\x00\x01\x00\x01' * 9,
                rng.randbytes(5000), b'\0' * 100, b'\xff' * 5000)[number % 5]
        alive = victim.say(data)
        while alive and time.monotonic() < end:
            alive = victim.listen(0.5)
        check(not alive, f'{victim.name} may say anything: {data[:40]}')
        victim.hang_up(1.2)
    place.still_well()


def one_that_is_malformed_all_day(place, options):
    """5,000 UPDATEs with an impossible ORIGIN: the session stays, and the log is not full of it."""
    del options
    count, caller = 5000, Talker(place.space, place.caller.own, HUB, place.caller.asn)
    before = place.log_lines('malformed', 'caller')
    caller.connect()
    check(eventually(lambda: caller.established, PATIENCE), f'{caller.ended}')
    attributes = (b'\x40\x01\x01\x09\x40\x02\x06\x02\x01' + struct.pack('!I', caller.asn) +
                  b'\x40\x03\x04' + socket.inet_aton(caller.own))
    caller.send(update(b'', attributes, b'\x18\x64\x00\x01') * count)
    caller.announce(prefixes(0x640000, 1))
    check(eventually(lambda: len(place.hearer.table) == TOLD + 1, PATIENCE), f'{caller.ended}')
    lines = place.log_lines('malformed', 'caller') - before
    check(1 <= lines <= 40, f'{lines} lines in the log')
    caller.close()
    place.still_well()


# --- too much ----------------------------------------------------------------------------------

def flood(place, options):
    """2,000,000 prefixes where 100 are allowed: Cease 6/1, once, and nothing is kept."""
    del options
    flooder = Talker(place.space, place.flooder.own, HUB, place.flooder.asn)
    flooder.connect()
    check(eventually(lambda: flooder.established, PATIENCE), f'{flooder.ended}')
    before, closed = place.peak_mib(), place.log_lines('session-down', 'flooder')
    try:
        flooder.announce(prefixes(0x300000, FLOOD))
    except OSError:
        pass  # as it should: nobody listens any more
    check(eventually(lambda: flooder.ended, PATIENCE), 'nobody minds')
    print(f'# {flooder.ended}')
    check(eventually(lambda: place.log_lines('session-down', 'flooder') == closed + 1, PATIENCE),
          place.hub.said())
    check(place.log_lines('limit-exceeded', 'flooder') == 1, place.hub.said())
    check(place.log_lines('limit-near', 'flooder') <= 1, place.hub.said())
    check(place.peak_mib() - before < 32 * (1 + 4 * place.sanitized),
          f'{before} MiB grew to {place.peak_mib()}')
    flooder.close()
    place.still_well()


def one_that_reads_nothing(place, options):
    """Others hear everything, memory stays bounded, and it has the right table in the end."""
    del options
    count = 150000
    sleeper = Talker(place.space, place.sleeper.own, HUB, place.sleeper.asn, rate=0, buffer=4096)
    sleeper.connect()
    check(eventually(lambda: sleeper.established, PATIENCE), f'{sleeper.ended}')
    many = prefixes(0x600000, count)
    for _ in range(4):
        place.teller.announce(many)
        check(eventually(lambda: len(place.hearer.table) == TOLD + count, PATIENCE),
              f'{len(place.hearer.table)}')
        place.teller.withdraw(many[:count - 100])
        check(eventually(lambda: len(place.hearer.table) == TOLD + 100, PATIENCE),
              f'{len(place.hearer.table)}')
    place.bounded()
    sleeper.rate = None
    check(eventually(lambda: len(sleeper.table) == TOLD + 100, PATIENCE),
          f'{len(sleeper.table)}, {sleeper.ended}')
    check(sleeper.table == place.hearer.table, 'it holds something else')
    place.teller.withdraw(many[count - 100:])
    sleeper.close()
    place.still_well()


# --- too many ----------------------------------------------------------------------------------

def descriptors(place):
    return len(list(pathlib.Path(f'/proc/{place.pid()}/fd').iterdir()))


def dial_from(place, own):
    made = socket_in(place.space)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    made.bind((own, 0))
    made.connect_ex((HUB, 179))
    return made


def a_thousand_connections_a_second(place, options):
    """From a stranger and from one whose session is up; none says anything."""
    del options
    before, logged = descriptors(place), len(place.hub.process.output.read_text().splitlines())
    began, held = time.monotonic(), []
    for number in range(3000):
        held.append(dial_from(place, ('10.99.1.200', place.teller_at.own)[number % 2]))
        if len(held) > 200:
            held.pop(0).close()
    took = time.monotonic() - began
    for made in held:
        made.close()
    print(f'# {3000 / took:.0f} connections a second')
    check(eventually(lambda: descriptors(place) <= before + 2, PATIENCE),
          f'{descriptors(place)} descriptors, {before} before')
    lines = len(place.hub.process.output.read_text().splitlines()) - logged
    check(lines < 50, f'{lines} lines in the log')
    place.still_well()


def who_connects_and_says_nothing(place, options):
    """A hundred silent connections of one neighbor: one place is all they have, and the neighbor
    itself comes up beside them."""
    del options
    before = descriptors(place)
    held = [dial_from(place, place.caller.own) for _ in range(100)]
    check(eventually(lambda: descriptors(place) <= before + 2, PATIENCE),
          f'{descriptors(place)} descriptors, {before} before')
    caller = Talker(place.space, place.caller.own, HUB, place.caller.asn)

    def comes_up():
        try:
            caller.connect()
        except OSError:
            return False
        return eventually(lambda: caller.established or caller.ended, PATIENCE) and \
            caller.established
    check(comes_up(), f'{caller.ended}; {place.hub.said()}')
    caller.announce(prefixes(0x640000, 1))
    check(eventually(lambda: len(place.hearer.table) == TOLD + 1, PATIENCE), 'it is not heard')
    for made in held:
        made.close()
    caller.close()
    place.still_well()


def it_ends_in_peace(place, options):
    """With status 0 even under the sanitizers, which have nothing to say."""
    del options
    place.hub.process.terminate()
    check(eventually(lambda: place.hub.process.poll() is not None, PATIENCE), 'it does not stop')
    said = place.hub.process.output.read_text()
    check('Sanitizer' not in said, said[said.find('Sanitizer') - 200:][:2000])
    check(place.hub.process.returncode == 0, f'status {place.hub.process.returncode}')


def hears_keepalives(victim, count):
    """It speaks each second itself, and must hear so many more."""
    wanted, end = victim.keepalives + count, time.monotonic() + PATIENCE
    while victim.keepalives < wanted and time.monotonic() < end:
        alive = victim.say(message(KEEPALIVE)) and victim.listen(0) is not False
        check(alive, f'the session has ended: {victim.notice}')
        time.sleep(1)
    check(victim.keepalives >= wanted, f'no keepalive for {PATIENCE:.0f} s')


def a_clock_that_is_set(place, options):
    """Back an hour, and forth: another gateway, whose time of day a shim in front of libc tells.
    Timers go by the monotonic clock, so a hold time of 9 s and its keepalives do not notice."""
    if place.sanitized or not shutil.which('cc'):
        return 'a compiler and an ordinary build are needed'
    check(place.hub.process.poll() is not None, 'the first gateway is still there')
    shim, back = place.rig.dir / 'clock.so', place.rig.dir / 'back'
    command('cc', '-shared', '-fPIC', '-o', shim, '-x', 'c', '-', text=CLOCK)
    place.hub.process = place.rig.run(
        'hub', options.program, '--network', place.hub.file, '--gateway', 'vgw-hub', '--control',
        place.hub.control, '--journal', place.hub.journal,
        environment={'LD_PRELOAD': str(shim), 'CLOCK_BACK': str(back)})
    check(eventually(lambda: place.hub.ask('status'), PATIENCE), place.hub.said())
    victim = place.clocked
    check(eventually(victim.come_up, PATIENCE), place.hub.said())
    hears_keepalives(victim, 1)
    day = float(re.findall(r'at=([\d.]+) event=session-up', place.hub.said())[-1])
    back.touch()
    hears_keepalives(victim, 4)
    found = place.hub.neighbor(victim.name)
    check(found['established'] == 1 and 0 < found['for'] < HOUR_S, f'{found}')
    back.unlink()
    hears_keepalives(victim, 2)
    back.touch()
    victim.hang_up()
    check(eventually(lambda: 'event=session-down' in place.hub.said(), PATIENCE), 'not noticed')
    down = float(re.findall(r'at=([\d.]+) event=session-down', place.hub.said())[-1])
    check(down < day, f'the shim told nobody: down at {down}, up at {day}')
    return None


TESTS = (broken_messages, broken_opens, garbage, one_that_is_malformed_all_day, flood,
         one_that_reads_nothing, a_thousand_connections_a_second, who_connects_and_says_nothing,
         it_ends_in_peace, a_clock_that_is_set)


def options_of(words):
    class Options:
        messages, seed, under, program, tests = 3000, 1, [], None, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ('--messages', '--seed') and words:
            setattr(Options, word[2:], int(words.pop(0)))
        elif word == '--under' and words:
            Options.under = words.pop(0).split()
        elif Options.program is None:
            Options.program = pathlib.Path(word).resolve()
        else:
            Options.tests.append(word)
    return Options


def main(words):
    options = options_of(words)
    if not (options.program and options.program.is_file()):
        refuse(f'expected, first: the path of sekishod; found: {" ".join(words) or "nothing"}')
    tests = choose(TESTS, options.tests)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    try:
        place = Place(options.program, options.under)
    except Unable as unable:
        print(f'ok 1 - harsh neighbors # SKIP {unable}\n1..1')
        return 0
    failures = 0
    try:
        place.start()
        for number, test in enumerate(tests, 1):
            try:
                skipped = test(place, options)
                print(f'ok {number} - {test.__name__}' + (f' # SKIP {skipped}' if skipped else ''))
            except (Failed, RuntimeError, OSError, KeyError, TypeError, ValueError) as failed:
                failures += 1
                print(f'# {failed!r}\nnot ok {number} - {test.__name__}')
                for victim in place.victims:
                    victim.hang_up(1.5)
            sys.stdout.flush()
        print(f'1..{len(tests)}')
        return 1 if failures else 0
    finally:
        place.rig.close()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
