"""A BGP speaker of a few lines, in a thread of the test: it announces many prefixes in prepared
bytes, and reads as slowly as it is told to, or not at all. IPv4 only; what it holds is kept as the
bytes of NLRI, which is what tables are compared by.
"""
import ctypes
import os
import select
import socket
import struct
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
OPEN, UPDATE, NOTIFICATION, KEEPALIVE = 1, 2, 3, 4
MESSAGE_MAX = 4096
HOLD_S = 90


def socket_in(space):
    """A TCP socket that belongs to the network namespace of that name; None: to this one."""
    if space is None:
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
    there = os.open(f'/run/netns/{space}', os.O_RDONLY)
    try:
        if LIBC.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if LIBC.setns(home, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        return made
    finally:
        os.close(home)
        os.close(there)


def message(kind, body=b''):
    return b'\xff' * 16 + struct.pack('!HB', 19 + len(body), kind) + body


def prefixes(first, count):
    """NLRI of count /24s, from the one whose upper 24 bits are first."""
    return [b'\x18' + struct.pack('!I', number)[1:] for number in range(first, first + count)]


def pieces(nlri, room):
    whole = b''.join(nlri)
    room -= room % 4  # all are /24
    return [whole[at:at + room] for at in range(0, len(whole), room)]


class Talker(threading.Thread):
    def __init__(self, space, own, hub, asn, rate=None, buffer=0):
        super().__init__(daemon=True)
        self.space, self.own, self.hub, self.asn = space, own, hub, asn
        self.rate = rate  # bytes a second; None: all that comes
        self.buffer = buffer
        self.skims = False  # what comes is read and not looked at
        self.table = set()
        self.read_bytes = 0
        self.established = False
        self.ended = None  # why
        self.socket = None
        self.lock = threading.Lock()
        self.left = b''

    def connect(self):
        self.socket = socket_in(self.space)
        if self.buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        self.socket.bind((self.own, 0))
        self.socket.connect((self.hub, 179))
        capabilities = b'\x01\x04\x00\x01\x00\x01' + b'\x41\x04' + struct.pack('!I', self.asn)
        parameters = bytes([2, len(capabilities)]) + capabilities
        identifier = socket.inet_aton(self.own)
        self.send(message(OPEN, struct.pack('!BHH', 4, self.asn, HOLD_S) + identifier +
                          bytes([len(parameters)]) + parameters))
        self.start()

    def send(self, data):
        with self.lock:
            self.socket.sendall(data)

    def fixed(self, communities=b''):
        """An UPDATE up to its NLRI."""
        path = b'\x02\x01' + struct.pack('!I', self.asn)
        attributes = (b'\x40\x01\x01\x00' + b'\x40\x02' + bytes([len(path)]) + path +
                      b'\x40\x03\x04' + socket.inet_aton(self.own))
        if communities:
            attributes += b'\xc0\x08' + bytes([len(communities)]) + communities
        return struct.pack('!HH', 0, len(attributes)) + attributes

    def announce_each(self, nlri, turn):
        """Each prefix in a message of its own, with 240 bytes of communities that nothing else has
        and that differ from turn to turn."""
        tail = struct.pack('!I', 0x10000 + turn) * 59
        self.send(b''.join(message(UPDATE, self.fixed(struct.pack('!I', number) + tail) + one)
                           for number, one in enumerate(nlri, 0x20000)))

    def announce(self, nlri):
        fixed = self.fixed()
        self.send(b''.join(message(UPDATE, fixed + piece)
                           for piece in pieces(nlri, MESSAGE_MAX - 19 - len(fixed))))

    def withdraw(self, nlri):
        self.send(b''.join(message(UPDATE, struct.pack('!H', len(piece)) + piece + b'\0\0')
                           for piece in pieces(nlri, MESSAGE_MAX - 23)))

    def close(self):
        """At once and without a word."""
        if self.socket:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            with self.lock:
                self.ended = self.ended or 'by us'
                self.socket.close()

    def run(self):
        spoke = time.monotonic()
        try:
            while not self.ended:
                if time.monotonic() - spoke > HOLD_S / 9 and self.established:
                    self.send(message(KEEPALIVE))
                    spoke = time.monotonic()
                if self.rate == 0 and self.established:
                    time.sleep(0.1)
                elif select.select([self.socket], [], [], 0.5)[0]:
                    self.read()
        except (OSError, ValueError) as error:
            self.ended = self.ended or repr(error)

    def read(self):
        slow = self.established and self.rate
        data = self.socket.recv(self.rate // 10 if slow else 1 << 18)
        if not data:
            self.ended = 'closed'
            return
        self.read_bytes += len(data)
        if not (self.skims and self.established):
            self.hear(self.left + data)
        if slow:
            time.sleep(len(data) / self.rate)

    def hear(self, data):
        at = 0
        while len(data) - at >= 19:
            size, kind = struct.unpack_from('!HB', data, at + 16)
            if len(data) - at < size:
                break
            self.take(kind, data[at + 19:at + size])
            at += size
        self.left = data[at:]

    def take(self, kind, body):
        if kind == OPEN:
            self.send(message(KEEPALIVE))
        elif kind == KEEPALIVE:
            self.established = True
        elif kind == NOTIFICATION:
            self.ended = f'NOTIFICATION {body[0]}/{body[1]}'
        elif kind == UPDATE:
            gone = struct.unpack_from('!H', body)[0]
            attributes = struct.unpack_from('!H', body, 2 + gone)[0]
            self.table.difference_update(self.split(body[2:2 + gone]))
            self.table.update(self.split(body[4 + gone + attributes:]))

    @staticmethod
    def split(nlri):
        found, at = [], 0
        if nlri[::4].count(0x18) * 4 == len(nlri):  # nearly always: all are /24
            return [nlri[at:at + 4] for at in range(0, len(nlri), 4)]
        while at < len(nlri):
            end = at + 1 + (nlri[at] + 7) // 8
            found.append(nlri[at:end])
            at = end
        return found
