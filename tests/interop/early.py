#!/usr/bin/env python3
"""Whoever asks before charon knows its tunnels hears nothing, and is not refused.

    early.py SEKISHOD SEKISHO

A customer's charon that is refused (NO_PROPOSAL_CHOSEN) gives up; where it hears nothing it asks
for a minute. So somebody in site1 asks all the time, the same question: while sekishod starts, and
while a charon that was killed comes back. TAP on standard output; what the machine does not permit
is skipped aloud. SEKISHO_PLANE=xfrm is for a kernel with ESP.
"""
import os
import signal
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True

import tap
import tunnels
from interop import check
from rig import command, eventually
from tunnels import PATIENCE

PORT = 500
SA, KEY_EXCHANGE, NONCE, NOTIFY, NO_NEXT = 33, 34, 40, 41, 0
INIT, REQUEST, RESPONSE = 34, 0x08, 0x20
SHA2_256, AES_CBC, MODP2048 = 12, 12, 14  # integrity, cipher, group of RFC 7296 3.3.2
PRF_SHA2_256 = 5
NO_PROPOSAL_CHOSEN, COOKIE = 14, 16390
PAUSE = 0.005


def transform(kind, number, bits=0, last=False):
    attribute = struct.pack('>HH', 0x800e, bits) if bits else b''
    return struct.pack('>BBHBBH', 0 if last else 3, 0, 8 + len(attribute), kind, 0,
                       number) + attribute


def payload(following, body):
    return struct.pack('>BBH', following, 0, 4 + len(body)) + body


def question(own_spi):
    """IKE_SA_INIT; the peer's half of the exchange is random, which nobody notices so early."""
    transforms = (transform(1, AES_CBC, 128) + transform(2, PRF_SHA2_256) +
                  transform(3, SHA2_256) + transform(4, MODP2048, last=True))
    proposal = struct.pack('>BBHBBBB', 0, 0, 8 + len(transforms), 1, 1, 0, 4) + transforms
    half = bytes([0x55]) + os.urandom(255)
    body = (payload(KEY_EXCHANGE, proposal) +
            payload(NONCE, struct.pack('>HH', MODP2048, 0) + half) +
            payload(NO_NEXT, os.urandom(32)))
    head = struct.pack('>8s8sBBBBII', own_spi, bytes(8), SA, 0x20, INIT, REQUEST, 0,
                       28 + len(body))
    return head + body


def answer(packet):
    """'accepted' and the responder's number, or 'refused' and why; '' for anything else."""
    if len(packet) < 36 or packet[18] != INIT or not packet[19] & RESPONSE:
        return ''
    if packet[16] == SA:
        return f'accepted {packet[8:16].hex()}'
    why = struct.unpack('>H', packet[34:36])[0]
    return f'refused {why}' if packet[16] == NOTIFY and why != COOKIE else ''


def ask_on(own, gateway):
    """Until it is ended: each answer that was not heard before is a line."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((own, PORT))
    line.settimeout(PAUSE)
    asked, heard = question(os.urandom(8)), set()
    while True:
        line.sendto(asked, (gateway, PORT))
        try:
            said = answer(line.recv(4096))
        except OSError:  # silence, or the kernel's word that there is no way
            continue
        if said and said not in heard:
            heard.add(said)
            print(said, flush=True)
        time.sleep(PAUSE)


def lines(asker):
    return asker.output.read_text().split('\n')[:-1]


def accepted(asker):
    return sum(line.startswith('accepted') for line in lines(asker))


def who_asks_before_it_starts_is_not_refused(table):
    table.write()
    table.asking = table.rig.run('site1', sys.executable, '-u', __file__, 'ask', '198.51.101.10',
                                 '203.0.113.1')
    table.start()
    check(eventually(lambda: accepted(table.asking) == 1, PATIENCE),
          f'{lines(table.asking)} {table.everything()}')
    check(lines(table.asking)[0].startswith('accepted'), f'{lines(table.asking)}')


def nor_who_asks_while_its_charon_comes_back(table):
    for pid in tunnels.charons_of(table):
        os.kill(int(pid), signal.SIGKILL)
    check(eventually(lambda: accepted(table.asking) == 2, PATIENCE),
          f'{lines(table.asking)} {table.everything()}')
    refused = [line for line in lines(table.asking) if line == f'refused {NO_PROPOSAL_CHOSEN}']
    check(not refused, f'{lines(table.asking)}')


def a_stop_leaves_no_address(table):
    tunnels.stop(table)
    told = table.ip('outer', 'addr') + table.ip('outer', 'route')
    check('203.0.113.' not in told, told)
    spaces = [line for line in command('ip', 'netns', 'list').splitlines()
              if line.startswith(table.inner)]
    check(not spaces, f'{spaces}')


TESTS = (who_asks_before_it_starts_is_not_refused, nor_who_asks_while_its_charon_comes_back,
         a_stop_leaves_no_address)


if __name__ == '__main__':
    if sys.argv[1:2] == ['ask']:
        ask_on(*sys.argv[2:4])
    PROGRAMS, WANTED = tap.programs()
    sys.exit(tap.tell(lambda: tunnels.Table(*PROGRAMS), TESTS, WANTED))
