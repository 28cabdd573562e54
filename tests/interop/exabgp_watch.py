"""Run by ExaBGP: what it reads is kept in DIR/said, what comes through DIR/commands is printed."""
import pathlib
import sys
import threading

HERE = pathlib.Path(sys.argv[1])


def commands():
    while True:
        with open(HERE / 'commands') as lines:  # ends with each writer
            for line in lines:
                print(line.strip(), flush=True)


threading.Thread(target=commands, daemon=True).start()
with open(HERE / 'said', 'a') as said:
    for line in sys.stdin:
        said.write(line)
        said.flush()
