#!/usr/bin/env python3
"""What BIRD does with its sessions that no RFC says, and the simulator's BIRD does, too.

    bird_habits.py [TEST ...]

It sleeps over a session's first UPDATE until something wakes it, three seconds at most; after an
error it waits, and longer after the next one. BIRD is alone with a neighbor of a few lines, on the
loopback device. The figures are in src/table/platform.c.
"""
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from alone import dies_with_its_parent
from mutations import update
from talker import HOLD_S, KEEPALIVE, NOTIFICATION, OPEN, UPDATE, message
from tap import Failed, check, choose, need, tell

OWN, BIRD = '127.0.0.1', '127.0.0.2'
AS, BIRD_AS = 65001, 65002
PATIENCE_S = 20
SLEEP_S = 3.0  # io.c: poll_tout
AWAKE_S = 1.5  # so much earlier at least is no chance, and leaves a busy machine its time
CONFIGURATION = '''router id 10.0.0.2;
protocol device {{}}
protocol static own {{ ipv4; route 10.101.0.0/16 blackhole; }}
protocol bgp n1 {{
  local {bird} as {bird_as}; neighbor {own} port {port} as {asn}; multihop 2;
  hold time {hold}; connect delay time 1; {words}
  ipv4 {{ import all; export all; next hop self; }};
}}
'''
HOLD_TIMER_EXPIRED, CEASE_RESET = (4, 0), (6, 4)


class Bird:
    """One that is told these words, and waits for connections to it."""

    def __init__(self, words=''):
        self.folder = tempfile.TemporaryDirectory(prefix='sekisho-bird-')
        self.listener = socket.create_server((OWN, 0))
        self.listener.settimeout(PATIENCE_S)
        configuration = pathlib.Path(self.folder.name) / 'bird.conf'
        configuration.write_text(CONFIGURATION.format(
            bird=BIRD, bird_as=BIRD_AS, own=OWN, asn=AS, hold=HOLD_S, words=words,
            port=self.listener.getsockname()[1]))
        self.process = subprocess.Popen(
            ['bird', '-f', '-c', configuration, '-s', configuration.with_name('ctl')],
            stderr=subprocess.DEVNULL, preexec_fn=dies_with_its_parent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.listener.close()
        self.folder.cleanup()

    def session(self):
        connection = self.listener.accept()[0]
        return Session(connection)


class Session:
    """Established, from established_at on."""

    def __init__(self, connection):
        self.connection = connection
        connection.settimeout(PATIENCE_S)
        self.expect(OPEN)
        capabilities = b'\x01\x04\x00\x01\x00\x01\x41\x04' + struct.pack('!I', AS)
        parameters = bytes([2, len(capabilities)]) + capabilities
        self.send(OPEN, struct.pack('!BHH', 4, AS, HOLD_S) + socket.inet_aton('10.0.0.1') +
                  bytes([len(parameters)]) + parameters)
        self.send(KEEPALIVE)
        self.expect(KEEPALIVE)
        self.established_at = time.monotonic()

    def send(self, kind, body=b''):
        self.connection.sendall(message(kind, body))

    def read(self, count):
        taken = b''
        while len(taken) < count:
            more = self.connection.recv(count - len(taken))
            if not more:
                raise Failed('BIRD has closed the connection')
            taken += more
        return taken

    def expect(self, kind):
        """Reads up to a message of this kind; since when the session is Established, then."""
        while True:
            size, found = struct.unpack('!HB', self.read(19)[16:])
            self.read(size - 19)
            if found == kind:
                return time.monotonic()
            check(found == KEEPALIVE, f'expected a message of kind {kind}, found one of {found}')

    def end(self, reason=None):
        """By a NOTIFICATION, or without a word."""
        if reason:
            self.send(NOTIFICATION, bytes(reason))
        time.sleep(0.05)
        self.connection.close()


def its_first_update_sleeps_for_three_seconds(_):
    with Bird() as bird:
        for _ in range(2):
            session = bird.session()
            slept = session.expect(UPDATE) - session.established_at
            check(slept > SLEEP_S - AWAKE_S, f'expected one after {SLEEP_S} s, came at {slept:.3f}')
            session.end()


def a_neighbors_update_wakes_it(_):
    with Bird() as bird:
        session = bird.session()
        session.send(UPDATE, update()[19:])
        slept = session.expect(UPDATE) - session.established_at
        check(slept < SLEEP_S - AWAKE_S, f'expected one at once, came after {slept:.3f} s')
        session.end()


def waits_of(bird, endings):
    """How long it takes to come again after each."""
    session, waits = bird.session(), []
    for reason in endings:
        session.end(reason)
        ended_at = time.monotonic()
        session = bird.session()
        waits.append(session.established_at - ended_at)
    session.end()
    return waits


def after_each_error_it_waits_longer(_):
    """Of each wait a random quarter may be missing."""
    with Bird('error wait time 2, 4;') as bird:
        closed, ceased, first, second, third, again = waits_of(
            bird, [None, CEASE_RESET, HOLD_TIMER_EXPIRED, HOLD_TIMER_EXPIRED, HOLD_TIMER_EXPIRED,
                   None])
    told = f'{closed:.2f} {ceased:.2f} {first:.2f} {second:.2f} {third:.2f} {again:.2f}'
    check(max(closed, ceased) < 2, f'expected no wait but the connect delay, 1 s: {told}')
    check(first > 0.75 * (2 + 1), f'expected 2 s and that delay: {told}')
    check(min(second, third) > 0.75 * (4 + 1), f'expected 4 s and that delay: {told}')
    check(again > 0.75 * (4 + 1), f'expected as long as after the last error: {told}')


class Nothing:
    def __init__(self):
        need('bird')

    def close(self):
        """Each test has a BIRD of its own."""


TESTS = (its_first_update_sleeps_for_three_seconds, a_neighbors_update_wakes_it,
         after_each_error_it_waits_longer)

if __name__ == '__main__':
    sys.exit(tell(Nothing, TESTS, sys.argv[1:]))
