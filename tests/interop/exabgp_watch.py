"""Run by ExaBGP: what it reads is kept in DIR/said, what comes through DIR/commands is printed."""
import os
import pathlib
import sys
import threading

HERE = pathlib.Path(sys.argv[1])


def commands():
    # open for writing, too, it never ends, and what a writer says just as the end of the former one
    # is read is not lost with the pipe
    with os.fdopen(os.open(HERE / 'commands', os.O_RDWR)) as lines:
        for line in lines:
            print(line.strip(), flush=True)


threading.Thread(target=commands, daemon=True).start()
with open(HERE / 'said', 'a') as said:
    for line in sys.stdin:
        said.write(line)
        said.flush()
