#!/usr/bin/env python3
"""A program that leaves nothing behind, however it is ended: SIGKILL, too.

    alone.py PROGRAM [ARGUMENT...]

An IKE daemon is built to outlive its gateway, and a network namespace with a name everybody. So who
starts them has process numbers, mounts, a /run and a network of its own (pid_namespaces(7)), which
end with it; its temporary files lie there, too. Where that is not permitted, TAP says that all is
skipped.
"""
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
MARK = 'SEKISHO_ALONE'  # set by tests/kernel, too, whose machine ends with the test


class Unable(Exception):
    """The machine does not permit what the tests need."""


def dies_with_its_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _permitted(status):
    if status:
        raise Unable('namespaces of processes, mounts and networks are not permitted here: '
                     f'{os.strerror(ctypes.get_errno())}')


def _mount(what, kind, flags=0, options=''):
    _permitted(LIBC.mount(kind.encode(), what.encode(), kind.encode(), flags, options.encode()))


def _status_of(pid):
    """Once this child has ended, as a shell tells it: 128 and more is a signal. Who is nobody's
    child any more is buried meanwhile."""
    ended, status = 0, 0
    while ended != pid:
        ended, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _end_as(status):
    """Who died of a signal shall not seem to have ended by himself."""
    number = status - 128
    if number > 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # that was another's
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(status)


def alone():
    """Returns in a child, which is the program from here on; its parents only wait."""
    if MARK in os.environ:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    _permitted(LIBC.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET))
    first = os.fork()
    if first:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _end_as(_status_of(first))
    dies_with_its_parent()
    _mount('/', 'none', MS_REC | MS_PRIVATE)
    _mount('/proc', 'proc')
    _mount('/run', 'tmpfs', options='mode=755')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh22x', b'lo', IFF_UP))
    os.environ |= {MARK: 'yes', 'TMPDIR': '/run'}
    program = os.fork()
    if program:  # process 1, with which all others end
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os._exit(_status_of(program))


if __name__ == '__main__':
    try:
        alone()
    except Unable as why:
        print(f'1..0 # SKIP {why}')
        sys.exit(0)
    os.execvp(sys.argv[1], sys.argv[1:])
