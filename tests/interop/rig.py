"""Network namespaces, links between them and processes in them, all gone at the end.

Everything is named after the test's own pid. Whoever makes a Rig is alone from then on (alone.py):
what it started ends with it, when it is killed, too.
"""
import atexit
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from alone import Unable, alone, dies_with_its_parent

PREFIX = 'skio'
PLANE = os.environ.get('SEKISHO_PLANE', 'userspace')  # or xfrm: tests/kernel


def command(*words, check=True, seconds=60, text=None):
    """What it printed. A failure is an error with its own last words."""
    try:
        ran = subprocess.run(words, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors='replace', timeout=seconds, check=False)
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f'{" ".join(words)}: not within {seconds} s: {late.output}') from late
    if check and ran.returncode != 0:
        raise RuntimeError(f'{" ".join(words)}: status {ran.returncode}: '
                           f'{ran.stdout.strip()[-400:]}')
    return ran.stdout


def eventually(ask, seconds=20.0, pause=0.1):
    """Asks until the answer is true, or time is up. The last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(pause)


class Rig:
    def __init__(self):
        if os.geteuid() != 0:
            raise Unable('root is needed to make network namespaces')
        if not shutil.which('ip'):
            raise Unable('the program ip is missing (package iproute2)')
        alone()
        self.spaces = []
        self.processes = []
        self.dir = None
        try:
            self.space('hub')
        except RuntimeError as error:
            if not re.search('not permitted|[Dd]enied', str(error)):
                raise  # it is ours
            raise Unable(f'network namespaces are not permitted here: {error}') from error
        kept = '/tmp' if os.environ.get('INTEROP_KEEP') else None
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f'{PREFIX}{os.getpid()}-', dir=kept))
        self.dir.chmod(0o755)
        atexit.register(self.close)

    def space(self, name):
        full = f'{PREFIX}{os.getpid()}-{name}'
        command('ip', 'netns', 'add', full)
        self.spaces.append(full)
        command('ip', '-n', full, 'link', 'set', 'lo', 'up')
        return full

    def name_of(self, name):
        return f'{PREFIX}{os.getpid()}-{name}'

    def link(self, hub_port, name, hub_addresses, peer_addresses):
        """A pair of interfaces: hub_port in the hub, eth0 in the space called name."""
        hub, peer = self.name_of('hub'), self.name_of(name)
        command('ip', '-n', hub, 'link', 'add', hub_port, 'type', 'veth', 'peer', 'name', 'eth0',
                'netns', peer)
        for space, port, addresses in ((hub, hub_port, hub_addresses),
                                       (peer, 'eth0', peer_addresses)):
            for address in addresses:
                nodad = ['nodad'] if ':' in address else []
                command('ip', '-n', space, 'addr', 'add', address, 'dev', port, *nodad)
            command('ip', '-n', space, 'link', 'set', port, 'up')

    def run(self, name, *words, environment=None):
        """A process in the space called name (None: ours); its output goes to a file."""
        words = [str(word) for word in words]
        into = ['ip', 'netns', 'exec', self.name_of(name)] if name else []
        out = open(self.dir / f'{name or "own"}-{pathlib.Path(words[0]).name}.out', 'ab')
        process = subprocess.Popen([*into, *words],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   preexec_fn=dies_with_its_parent, start_new_session=True,
                                   env={**os.environ, **(environment or {})})
        process.output = pathlib.Path(out.name)
        out.close()
        self.processes.append(process)
        return process

    def exec(self, name, *words, check=True, text=None):
        return command('ip', 'netns', 'exec', self.name_of(name), *[str(word) for word in words],
                       check=check, text=text)

    def stop(self, process, hard=False):
        if process.poll() is None:
            process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def close(self):
        for process in self.processes:  # all at once, then one after the other
            if process.poll() is None:
                process.terminate()
        for process in list(self.processes):
            self.stop(process)
        for space in self.spaces:  # what daemons forked lives in the space, and dies with it
            for pid in command('ip', 'netns', 'pids', space, check=False).split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except (ProcessLookupError, ValueError):
                    pass
            command('ip', 'netns', 'del', space, check=False)
        self.spaces = []
        if self.dir:
            if os.environ.get('INTEROP_KEEP'):
                print(f'# kept: {self.dir}')
            else:
                shutil.rmtree(self.dir, ignore_errors=True)
            self.dir = None
