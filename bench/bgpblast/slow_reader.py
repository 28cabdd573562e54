#!/usr/bin/env python3
"""A neighbor that announces nothing and reads 20 kB a second, in the namespace it is started in:

    slow_reader.py OWN_ADDRESS HUB_ADDRESS ASN FILE

Its receive buffer is small, so that what it has not read is the hub's to keep. It ends when it is
killed, or when its session does, which it says. FILE has the bytes that it has read so far, as long
as the session is up.
"""
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'tests' / 'interop'))

from talker import Talker  # noqa: E402

RATE = 20000  # bytes a second
BUFFER = 4096
TRIES = 2000  # 5 ms each, until the hub listens


def main(own, hub, asn, file):
    for _ in range(TRIES):
        reader = Talker(None, own, hub, int(asn), rate=RATE, buffer=BUFFER)
        reader.skims = True
        try:
            reader.connect()
            break
        except OSError:
            time.sleep(0.005)
    while not reader.ended:
        if reader.established:
            pathlib.Path(file).write_text(str(reader.read_bytes))
        time.sleep(0.1)
    pathlib.Path(file).unlink(missing_ok=True)
    print(f'slow_reader: {reader.ended} after {reader.read_bytes} bytes', file=sys.stderr)


if __name__ == '__main__':
    main(*sys.argv[1:])
