#!/usr/bin/env python3
"""Stories played both ways: by sekishods on real sockets in network namespaces, and in the
simulated world. At every rest both have the same tables, for the same reasons.

    stories.py [SEKISHOD SEKISHO] [STORY ...]

Every gateway and router of a story (story_files.py) is a sekishod of its own; a tunnel or Direct
Connect is a pair of interfaces between two namespaces. What a step changes in the file is written
there and read again (SIGHUP); what fails is cut off or killed. After each step the two are
compared: of every prefix and node each candidate with its attributes and the reason why it lost or
was refused, what the kernel holds of it, and what each neighbor is told or why it is not. The
simulated world says what must be; the real one has some time to come to it, and must then stay
there.

The stories are played side by side. TAP on standard output.
"""
import argparse
import collections
import copy
import json
import pathlib
import signal
import socket
import sys
import time

sys.dont_write_bytecode = True

from interop import Failed
from rig import Rig, Unable, command, eventually
from story_files import STEP_S, STORIES

PATIENCE = 90.0  # seconds until a real network rests, on a busy machine
STILL = 1.5  # it stays as it is for so long
PAUSE = 0.2
NOBODY = '02:00:00:00:00:01'  # where packets are sent that shall be lost

Link = collections.namedtuple('Link', 'names nodes addresses')  # of both ends, the gateway's first


def hosts(prefix):
    """The two first hosts of a range of IPv6, as the gateway and the customer have them."""
    base, _, length = prefix.partition('/')
    return [f'{base}1/{length}', f'{base}2/{length}']


class Network:
    """A story's namespaces, links and daemons."""

    def __init__(self, rig, number, name, file, programs):
        self.rig, self.number, self.name = rig, number, name
        self.sekishod, self.sekisho = programs
        self.file = copy.deepcopy(file)
        self.steps = self.file.pop('story', [])
        self.path = rig.dir / f'{name}.yaml'
        self.whole = rig.dir / f'{name}-story.yaml'
        self.whole.write_text(json.dumps(file))
        self.gateways = {one['id'] for one in file['vpn_gateways']}
        self.speaks = self.gateways | {one['id'] for one in file['routers'] if 'bgp' in one}
        self.links = {}  # a tunnel's or Direct Connect's name: Link
        self.daemons = {}
        self.down = set()  # nodes
        self.cut_lines = set()  # inside ranges of Direct Connects

    def space(self, node):
        return f'{self.number}-{node}'

    # --- links ---------------------------------------------------------------------------------

    def find_links(self):
        routers = {one['id']: one['router'] for one in self.file['customer_gateways']}
        for connection in self.file['vpn_connections']:
            nodes = connection['vpn_gateway'], routers[connection['customer_gateway']]
            for part, tunnel in enumerate(connection['tunnels'], 1):
                inside = tunnel['inside']
                yield f'{connection["id"]}/{part}', nodes, (inside['vgw'], inside['cgw']), \
                    tunnel.get('inside_ipv6')
        for direct in self.file['direct_connects']:
            inside = direct['inside']
            yield direct['id'], (direct['vpn_gateway'], direct['router']), \
                (inside['vgw'], inside['peer']), None

    def build(self):
        for node in self.gateways | {one['id'] for one in self.file['routers']}:
            self.rig.space(self.space(node))
        for number, (name, nodes, four, six) in enumerate(self.find_links(), 1):
            addresses = [[f'{address}/30'] for address in four]
            for own, address in zip(addresses, hosts(six) if six else ()):
                own.append(address)
            self.links[name] = link = Link([f'vg{number}', f'cg{number}'], nodes, addresses)
            spaces = [self.rig.name_of(self.space(node)) for node in nodes]
            command('ip', '-n', spaces[0], 'link', 'add', link.names[0], 'type', 'veth', 'peer',
                    'name', link.names[1], 'netns', spaces[1])
            for space, port, own in zip(spaces, link.names, addresses):
                lines = [f'addr add {one} dev {port}{" nodad" if ":" in one else ""}'
                         for one in own]
                self.batch(space, [*lines, f'link set {port} up'])

    @staticmethod
    def batch(space, lines):
        command('ip', '-n', space, '-batch', '-', text='\n'.join(lines) + '\n')

    def cut(self, names, lost=True):
        """No packet of these links arrives any more; or it does again."""
        for name in names:
            link = self.links[name]
            for end in (0, 1):
                far = [one.split('/')[0] for one in link.addresses[1 - end]]
                port = link.names[end]
                lines = [f'neigh replace {one} lladdr {NOBODY} nud permanent dev {port}' if lost
                         else f'neigh del {one} dev {port}' for one in far]
                self.batch(self.rig.name_of(self.space(link.nodes[end])), lines)

    def links_of(self, node):
        return [name for name, link in self.links.items() if node in link.nodes]

    # --- daemons -------------------------------------------------------------------------------

    def write(self):
        new = self.path.with_suffix('.new')
        new.write_text(json.dumps(self.file))
        new.rename(self.path)

    def control(self, node):
        return self.rig.dir / f'{self.space(node)}.control'

    def start(self, node):
        role = '--gateway' if node in self.gateways else '--router'
        self.daemons[node] = self.rig.run(
            self.space(node), self.sekishod, '--network', self.path, role, node, '--control',
            self.control(node), '--journal', 'none', '--no-tunnels')

    def ask(self, node, questions):
        """The answers; None: it does not answer, or not all of it."""
        try:
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(PATIENCE)
                asking.connect(str(self.control(node)))
                asking.sendall(b''.join(json.dumps(one).encode() + b'\n' for one in questions))
                with asking.makefile() as answers:
                    return [json.loads(answers.readline()) for _ in questions]
        except (OSError, ValueError):
            return None

    def said(self, node):
        return self.daemons[node].output.read_text()[-600:]

    # --- steps ---------------------------------------------------------------------------------

    def do(self, step):
        verb = next(word for word in step if word != 'at')
        about = step[verb]
        if verb in ('announce', 'withdraw', 'configure'):
            self.change(verb, about)
            self.write()
            for node in self.speaks - self.down:
                self.daemons[node].send_signal(signal.SIGHUP)
            return
        node = about.get('router') or about.get('vpn_gateway')
        if not node:
            self.cut(self.links_named(about), verb == 'fail')
            self.note_line(about, verb == 'fail')
            return
        if verb in ('fail', 'restart'):
            self.cut(self.links_of(node))
            self.rig.stop(self.daemons[node], hard=True)
            self.down.add(node)
        if verb in ('restore', 'restart'):
            self.cut(self.links_of(node), False)
            self.start(node)
            self.down.discard(node)

    def note_line(self, about, cut):
        """The simulated world's interface goes down with its line; of a line that is cut somewhere
        else nobody tells sekishod, and the interface's own range stays connected."""
        for direct in self.file['direct_connects']:
            if direct['id'] == about.get('direct_connect'):
                base, _, last = direct['inside']['vgw'].rpartition('.')
                line = f'{base}.{int(last) & ~3}/30'
                self.cut_lines = self.cut_lines | {line} if cut else self.cut_lines - {line}

    def links_named(self, about):
        connection = about.get('vpn_connection')
        return [name for name in self.links
                if name in about.values() or (connection and name.startswith(f'{connection}/'))]

    def one(self, kind, name):
        return next(one for one in self.file[kind] if one['id'] == name)

    def change(self, verb, about):
        about = dict(about)
        router = about.pop('router', None)
        bgp = self.one('routers', router)['bgp'] if router else None
        if verb == 'configure' and bgp is None:
            kind = next(kind for kind in ('vpn_connection', 'direct_connect') if kind in about)
            self.one(f'{kind}s', about.pop(kind)).update(about)
        elif verb == 'configure' and 'neighbor' in about:
            bgp.setdefault('neighbors', []).append({'address': about.pop('neighbor'), **about})
        elif verb == 'configure':
            bgp.update(about)
        else:
            bgp['announce'] = [one for one in bgp['announce']
                               if about['prefix'] not in (one, one['prefix']
                                                          if isinstance(one, dict) else None)]
            if verb == 'announce':
                bgp['announce'].append(about)


# --- what there must be --------------------------------------------------------------------------

def essence(table):
    """What both worlds can say of a prefix in a table."""
    for route in table['routes']:
        route.pop('age_s', None)
        if route.get('source') not in (None, 'ebgp', 'ibgp') and table['kind'] == 'router':
            route.pop('used')  # nobody has made the file's own routes in a namespace
    key = json.JSONEncoder(sort_keys=True).encode
    return {'routes': sorted(table['routes'], key=key), 'paths': sorted(table['paths'], key=key),
            'told': sorted(table['told'], key=key), 'absent': table['absent'] is not None}


class Worlds:
    """The simulated world at its moments of rest, and how the real one differs."""

    def __init__(self, network):
        self.network = network
        self.moments = [STEP_S * (step + 1) - 1 for step in range(len(network.steps) + 1)]
        tables = [self.simulated('routes', at) for at in self.moments]
        self.prefixes = sorted({route['prefix'] for moment in tables for node in network.speaks
                                for route in moment[node]['routes']} | set(self.announced()))
        self.expected = [self.at(at) for at in self.moments]

    def announced(self):
        for router in self.network.file['routers']:
            for one in router.get('bgp', {}).get('announce', []):
                yield one['prefix'] if isinstance(one, dict) else one
        for step in self.network.steps:
            if 'announce' in step:
                yield step['announce']['prefix']

    def simulated(self, *words):
        """Tables at a moment. words: the command's, the moment the last of them."""
        *words, at = words
        said = command(str(self.network.sekisho), words[0], str(self.network.whole), *words[1:],
                       '--time', f'{at}s', '--json', check=False, seconds=PATIENCE)
        try:
            return json.loads(said)['tables']
        except (ValueError, KeyError):
            raise Failed(f'sekisho {words} at {at} s: {said[:400]}') from None

    def at(self, at):
        held = {}
        for prefix in self.prefixes:
            tables = self.simulated('explain', prefix, at)
            for node in self.network.speaks:
                if tables[node]['up']:
                    held[node, prefix] = essence(tables[node])
        return held

    def real(self):
        """(what there is, '') or (None, what is wrong)."""
        network, held = self.network, {}
        questions = [{'ask': 'paths', 'prefix': prefix} for prefix in self.prefixes]
        for node in sorted(network.speaks - network.down):
            if network.daemons[node].poll() is not None:
                raise Failed(f'{node} has ended: {network.said(node)}')
            answers = network.ask(node, [*questions, {'ask': 'routes'}])
            if not answers:
                return None, f'{node} does not answer'
            strange = {route['prefix'] for route in answers[-1]['routes']} - set(self.prefixes)
            if strange:
                return None, f'{node} has {strange}'
            for prefix, answer in zip(self.prefixes, answers):
                held[node, prefix] = essence(answer['tables'][node])
        return held, ''

    def wrong(self, moment):
        held, wrong = self.real()
        if wrong:
            return wrong
        expected = self.expected[moment]
        for key in sorted(set(held) ^ set(expected)):
            return f'{key} is in one world only'
        for key, wanted in expected.items():
            for part in wanted if key[1] not in self.network.cut_lines else ():
                if held[key][part] != wanted[part]:
                    return (f'{key[0]}, {key[1]}: {part}: really {json.dumps(held[key][part])}, '
                            f'simulated {json.dumps(wanted[part])}')
        return ''


# --- playing -------------------------------------------------------------------------------------

def comes_to(worlds, moment, watch):
    """Until both worlds are alike, and for a while thereafter."""
    began = time.monotonic()
    alike = None
    wrong = ''
    while True:
        watch()
        said = worlds.wrong(moment)
        now = time.monotonic()
        if said and alike:
            print(f'# {worlds.network.name}, moment {moment}: not for long: {said[:300]}')
        wrong = said or wrong
        alike = None if said else alike or now
        if alike and now - alike >= STILL:
            return now - began
        if now - began > PATIENCE and not alike:
            raise Failed(f'moment {moment}: {wrong}')
        yield


def never_away(network, worlds):
    """In a graceful restart nobody who is there loses a route for a moment."""
    if network.name != 'graceful':
        return lambda: None
    lasting = {key for key, table in worlds.expected[0].items()
               if all(any(path['chosen'] for path in moment[key]['paths'] + moment[key]['routes'])
                      for moment in worlds.expected) and table}

    def watch():
        for node in sorted(network.speaks - network.fresh):
            prefixes = [prefix for at, prefix in sorted(lasting) if at == node]
            answers = network.ask(node, [{'ask': 'paths', 'prefix': one} for one in prefixes])
            for prefix, answer in zip(prefixes, answers or []):
                table = answer['tables'][node]
                if not any(path['chosen'] for path in table['paths'] + table['routes']):
                    raise Failed(f'{node} loses {prefix}: {network.said(node)}')
    return watch


def played(network):
    """A generator, to be asked on until it ends: the number of things compared."""
    worlds = Worlds(network)
    yield
    check_steps(worlds)
    network.build()
    network.write()
    for node in sorted(network.speaks):
        network.start(node)
    network.fresh = set(network.speaks)
    times = []
    took = yield from comes_to(worlds, 0, lambda: None)
    times.append(took)
    watch = never_away(network, worlds)
    for moment, step in enumerate(network.steps, 1):
        network.fresh = {value for word in ('restart', 'restore', 'fail') if word in step
                         for value in step[word].values()}
        network.do(step)
        took = yield from comes_to(worlds, moment, watch)
        times.append(took)
    for process in network.daemons.values():
        network.rig.stop(process)
    return len(worlds.moments), sum(map(len, worlds.expected)), times


def check_steps(worlds):
    """A step that nobody notices proves nothing; but a restart leads back to where it was."""
    for moment, step in enumerate(worlds.network.steps, 1):
        same = worlds.expected[moment] == worlds.expected[moment - 1]
        if same != ('restart' in step):
            raise Failed(f'step {moment} changes {"nothing" if same else "something"}: {step}')


def play_all(rig, names, programs):
    playing = {name: played(Network(rig, number, name, STORIES[name], programs))
               for number, name in enumerate(names, 1)}
    ended = {}
    while playing:
        for name, play in list(playing.items()):
            try:
                next(play)
            except StopIteration as over:
                ended[name] = over.value
            except (Failed, RuntimeError, OSError, KeyError, TypeError, ValueError) as failed:
                ended[name] = failed
            if name in ended:
                del playing[name]
        time.sleep(PAUSE)
    return ended


def main():
    build = pathlib.Path(__file__).resolve().parents[2] / 'build'
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('sekishod', type=pathlib.Path, nargs='?', default=build / 'sekishod')
    parser.add_argument('sekisho', type=pathlib.Path, nargs='?', default=build / 'sekisho')
    parser.add_argument('stories', nargs='*', metavar='STORY', default=[])
    words = parser.parse_args()
    names = words.stories or list(STORIES)
    unknown = set(names) - set(STORIES)
    if unknown:
        parser.error(f'no story is called {", ".join(sorted(unknown))}; expected one of '
                     f'{", ".join(STORIES)}')
    try:
        rig = Rig()
    except Unable as unable:
        print(f'ok 1 - stories # SKIP {unable}\n1..1')
        return 0
    try:
        ended = play_all(rig, names, (words.sekishod.resolve(), words.sekisho.resolve()))
    finally:
        rig.close()
    failures = 0
    for number, name in enumerate(names, 1):
        if isinstance(ended[name], Exception):
            failures += 1
            print(f'# {ended[name]!r}\nnot ok {number} - {name}')
        else:
            moments, tables, times = ended[name]
            print(f'ok {number} - {name}: {moments} rests, {tables} prefixes in tables\n'
                  f'# after {", ".join(f"{one:.1f}" for one in times)} s')
    print(f'1..{len(names)}')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
