"""A network file in the simulator and with real daemons: played in both, and compared.

Its timers are of seconds (quick), so that a network takes a minute. What must agree: which tunnels
flap, with which period, and how often with a new IKE SA; where none does, which tunnels are up,
which routes packets take at each router, where each gateway has its best routes from, what VPCs'
route tables lead to, and who reaches whom. Where the simulator's own seeds differ, the lab may do
as any of them.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import results

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'tests' / 'interop'))
from alone import Unable, alone  # noqa: E402

BGP = 'bgp: {keepalive: 1s, hold: 3s, connect_retry: 1s}'
DPD = 'dpd: {delay: 1s, retries: 3, interval: 1s}'
INTERNET = 'internet_delay: 100us'  # between two namespaces; the simulator's own is a city's
STEP = r'(?m)^(  - \{?at: )(\d+)s'
SEEDS = ('1', '2', '3')
# Where something flaps: how often with a new IKE SA is a matter of how timers stand to each other,
# two tunnels' too, and three seeds have not seen it all. Nor has one moment of a step: where it is
# in its second is the lab's chance. And what is new or replaced boots for so long in the simulator,
# while the lab's is back in seconds and goes round for all of the minute.
FURTHER_SEEDS = tuple(str(seed) for seed in range(4, 31))
FRACTION_MS = 379  # no divisor of a second
BOOT_S = 60
# By which periods may differ; a quarter, where that is more. Where in its second each of three
# timers stands as a loop begins is chance: keepalive, dead-peer detection, the next connection.
EVEN_S = 3.0
RENEWALS = 3  # so many new IKE SAs at least are no chance
BEFORE_S = 2    # of the first step the lab's story begins
PATIENCE_S = 600
# Seconds behind the last step, before the last look: BIRD waits 60 s after an error; and where a
# circle is expected: several periods.
Watched = collections.namedtuple('Watched', 'settle_s circle_s')
WATCHED = Watched(settle_s=75, circle_s=60)
HURRIED = Watched(settle_s=25, circle_s=30)  # what disagrees then is WATCHED once more
IMPOSSIBLE_MAX = 3  # labs that did not come up; then there can be none here


class Refused(Exception):
    """The lab has no daemon for something in this network."""


class Impossible(Exception):
    """No lab can be here."""


def called(*words):
    ran = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         timeout=PATIENCE_S)
    return ran.returncode, ran.stdout, ran.stderr


def quick(found):
    """Timers of a connection, which speaks BGP unless it has static routes."""
    rest = found.string[found.end():].split('\n  - ')[0].split('\n\n')[0]
    speaks = '' if 'static_routes:' in rest else f'    {BGP}\n'
    guard = '' if 'guard:' in rest else '    guard: warn\n'
    return f'{found[0]}{guard}{speaks}    {DPD}\n'


def flaps_of(answer):
    return {flap['tunnel'] for flap in answer['flaps']}


def times_of(timeline, kind, tunnel):
    return [(moment['at_s'], moment['node']) for moment in timeline
            if moment['kind'] == kind and moment['tunnel'] == tunnel]


def mean_of(times, least):
    """How long it takes from one to the next; None: there were fewer."""
    return (times[-1] - times[0]) / (len(times) - 1) if len(times) >= least else None


def put_periods(answer, timeline, since):
    """The answer's periods and renewals, of the same minute in the simulator and in the lab: how
    long it takes at the mean until a tunnel is swallowed again, and until its customer has a new
    IKE SA; None: hardly ever. One cycle's length is chance: some have a new IKE SA, some only a new
    session. So the former alone would not see how long IKE takes to give up."""
    answer['periods'], answer['renewals'] = {}, {}
    for flap in answer['flaps']:
        tunnel = flap['tunnel']
        swallowed = times_of(timeline, 'swallowed', tunnel)
        customers = {node for _, node in swallowed}
        answer['periods'][tunnel] = mean_of([at for at, _ in swallowed if at >= since],
                                            2) or flap['period_s']
        answer['renewals'][tunnel] = mean_of(
            [at for at, node in times_of(timeline, 'ike-up', tunnel)
             if at >= since and node in customers], RENEWALS)


def tunnels_of(answer):
    return {tunnel['tunnel']: tunnel['up'] for tunnel in answer['tunnels']}


def behind(answer, router):
    """Prefixes that a simulated router has behind itself; a lab's answers for them."""
    return {route['prefix'] for route in answer['tables'].get(router, {}).get('routes', ())
            if route['used'] and route['interface'] == 'lan0'}


def routes_of(answer, router, hidden):
    return sorted((route['prefix'], 'bgp' if 'bgp' in route['source'] else 'own',
                   route['interface'])
                  for route in answer['tables'].get(router, {}).get('routes', ())
                  if route['used'] and route['source'] != 'connected'
                  and route['prefix'] not in hidden)


def paths_of(answer, gateway, _):
    """Where a gateway has its best routes from; what nobody told it is known by its kind alone."""
    return sorted((route['prefix'], route['from'] if route['as_path'] else route['source'])
                  for route in answer['tables'].get(gateway, {}).get('routes', ())
                  if route['chosen'])


def targets_of(answer, table, _):
    return sorted((route['prefix'], route['target'], route['state'])
                  for route in answer['tables'].get(table, {}).get('routes', ()) if route['used'])


TABLES = {'router': routes_of, 'gateway': paths_of, 'route-table': targets_of}


def ways_of(answer):
    ways = {}
    for pair in answer['reach']:
        ends = f'{pair["from"]["address"]} > {pair["to"]["address"]}'
        for way in ('there', 'back'):
            if pair[way] is not None:
                ways[f'{ends} {way}'] = pair[way]['arrives']
    return ways


def is_apart(period, other):
    if period is None or other is None:
        return period is not other
    return abs(period - other) > max(EVEN_S, period / 4)


def differences(told, seen):
    """Of a simulated answer and a lab's; a list of sentences."""
    wrong = []
    if flaps_of(told) != flaps_of(seen):
        return [f'flapping: simulated {sorted(flaps_of(told))}, lab {sorted(flaps_of(seen))}']
    for tunnel, period in told['periods'].items():
        other = seen['periods'][tunnel]
        if is_apart(period, other):
            wrong.append(f'{tunnel}: period {period:.1f} simulated, {other:.1f} in the lab')
    if told['flaps']:
        return wrong  # in the middle of a circle the rest is a matter of the moment
    if tunnels_of(told) != tunnels_of(seen):
        wrong.append(f'tunnels: simulated {tunnels_of(told)}, lab {tunnels_of(seen)}')
    for name, table in seen['tables'].items():
        hidden = behind(told, name) if table['kind'] == 'router' else ()
        one, other = (TABLES[table['kind']](answer, name, hidden) for answer in (told, seen))
        if one != other:
            wrong.append(f'{name}: simulated {one}, lab {other}')
    ways, there = ways_of(told), ways_of(seen)
    for way, arrives in there.items():
        if ways.get(way) != arrives:
            wrong.append(f'{way}: arrives: simulated {ways.get(way)}, lab {arrives}')
    return wrong


def often(period):
    return 'hardly ever' if period is None else f'each {period:.1f} s'


def renewals_apart(told, seen):
    """Of how often a tunnel that flaps has a new IKE SA, where no simulated answer has the like."""
    alike = [answer['renewals'] for answer in told if flaps_of(answer) == flaps_of(seen)]
    other = seen['renewals']
    apart = [[tunnel for tunnel in other if is_apart(one[tunnel], other[tunnel])] for one in alike]
    if not all(apart):
        return []
    return [f'{tunnel}: a new IKE SA {often(alike[0][tunnel])} simulated, {often(other[tunnel])} in'
            f' the lab' for tunnel in apart[0]]


def played(sekisho, path, *words):
    status, out, said = called(sekisho, 'simulate', '--json', *words, path)
    if status > 1:
        raise AssertionError(said)
    return json.loads(out)


def simulated(sekisho, path, seeds=SEEDS):
    return [played(sekisho, path, '--seed', seed) for seed in seeds]


def timed(sekisho, path, seed, answer, since, until):
    """The answer with its periods; of one that flaps two: of as long as the lab will be watched,
    and of as long when all has booted."""
    if not answer['flaps']:
        put_periods(answer, answer['timeline'], since)
        return [answer]
    longer = played(sekisho, path, '--seed', seed, '--until', f'{until + BOOT_S}s')['timeline']
    views = [dict(answer), dict(answer)]
    for view, later in zip(views, (0, BOOT_S)):
        put_periods(view, [moment for moment in longer if moment['at_s'] < until + later],
                    since + later)
    return views


def timed_further(sekisho, path, text, since, until):
    """Where something flaps: by further seeds, the steps at other parts of their second."""
    moved, views = path.with_suffix('.moved.yaml'), []
    for seed in FURTHER_SEEDS:
        part = int(seed) * FRACTION_MS % 1000
        moved.write_text(re.sub(STEP, rf'\g<1>\g<2>.{part:03}s', text))
        answer = played(sekisho, moved, '--seed', seed)
        views += timed(sekisho, moved, seed, answer, since + part / 1000, until)
    moved.unlink()
    return views


def steps_of(text):
    """The seconds of the story's first step and of its last; 0 where there is none."""
    times = [int(at) for _, at in re.findall(STEP, text)]
    return min(times, default=0), max(times, default=0)


def in_lab(options, name, path, begin, seconds):
    status, out, said = called(options.sekisho, 'lab', 'run', '--json', '--lab', name,
                               '--sekishod', options.sekishod, '--from', f'{begin}s', '--for',
                               f'{seconds}s', path)
    if status == 2 or 'CONFIG_NET_VRF' in said:
        raise Refused(said.strip())
    if not out:
        raise Impossible(said.strip()[-300:])
    return json.loads(out)


class Pair:
    """What became of a network: told, an answer for each of the SEEDS; further, where something
    flaps, also of FURTHER_SEEDS; two of each that flaps (timed); and seen in the lab."""

    def __init__(self, told, further, seen):
        self.told, self.further, self.seen = told, further, seen

    def differences(self):
        """Of what was seen and what every seed tells; a list of sentences."""
        return (differences(self.alike(), self.seen) or
                renewals_apart(self.told + self.further, self.seen))

    def alike(self):
        """What the first seed tells that agrees; else the first. Only where something flaps are
        there further ones, for its periods."""
        return next((answer for answer in self.told + self.further
                     if not differences(answer, self.seen)), self.told[0])


def pair(options, name, text, watched=WATCHED, admit=None):
    """A Pair; Refused when the network cannot be a lab, Impossible when there was none.

    admit: gets the simulated answers before there is a lab, and may raise Refused."""
    with tempfile.TemporaryDirectory(prefix='sekisho-pair-') as folder:
        path = pathlib.Path(options.keep or folder) / f'{name}.yaml'
        text = f'{text}\n{INTERNET}\n'
        path.write_text(text)
        told = simulated(options.sekisho, path)
        if admit:
            admit(told)
        first, last = steps_of(text)
        begin = max(first - BEFORE_S, 0)
        circle = any(answer['flaps'] for answer in told)
        seconds = last - begin + (watched.circle_s if circle else watched.settle_s)
        told = [view for seed, answer in zip(SEEDS, told)
                for view in timed(options.sekisho, path, seed, answer, last, begin + seconds)]
        further = (timed_further(options.sekisho, path, text, last, begin + seconds)
                   if circle else [])
        seen = in_lab(options, f'{name}x{os.getpid()}', path, begin, seconds)
        put_periods(seen, seen['timeline'], last)
    if options.keep:
        path.with_suffix('.lab.json').write_text(json.dumps(seen, indent=1))
        path.with_suffix('.sim.json').write_text(json.dumps(told[0], indent=1))
    return Pair(told, further, seen)


# -- many, side by side --

class Tally:
    def __init__(self):
        self.agreed, self.disagreed, self.refused, self.impossible = [], [], [], []

    def add(self, other):
        for names, more in zip(vars(self).values(), vars(other).values()):
            names += more

    def compared(self):
        return len(self.agreed) + len(self.disagreed)


def settle(future, name, tally):
    """Says what became of one, and keeps it."""
    try:
        wrong = future.result()
    except Refused as why:
        tally.refused.append((name, why))
        print(f'{name}: left out: {why}', flush=True)
        return
    except Impossible as why:
        tally.impossible.append(name)
        print(f'{name}: no lab: {why}', flush=True)
        return
    if wrong:
        tally.disagreed.append(name)
        print(f'{name}: DISAGREES', *wrong, sep='\n    ', flush=True)
    else:
        tally.agreed.append(name)
        print(f'{name}: agrees', flush=True)


def play(jobs, wanted, side_by_side, compared):
    """Compares jobs, pairs of a name and what compared() takes, until so many were compared.

    The tally; None when no lab can be here."""
    tally, running = Tally(), {}
    jobs = iter(jobs)
    with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
        while tally.compared() < wanted:
            while len(running) < min(side_by_side, wanted - tally.compared()):
                job = next(jobs, None)
                if not job:
                    break
                running[pool.submit(compared, job[1])] = job[0]
            if not running:
                break
            for future in concurrent.futures.wait(running, return_when='FIRST_COMPLETED')[0]:
                settle(future, running.pop(future), tally)
            if len(tally.impossible) > IMPOSSIBLE_MAX:
                return None
    return tally


def arguments(parser):
    """What every such tool is told; the answers' folder is made. From then on it is alone."""
    parser.add_argument('--side-by-side', type=int, default=6)
    parser.add_argument('--keep', help='networks and answers are left in this folder')
    parser.add_argument('--sekisho', default=str(ROOT / 'build' / 'sekisho'))
    parser.add_argument('--sekishod', default=str(ROOT / 'build' / 'sekishod'))
    options = parser.parse_args()
    results.need(built=(options.sekisho, options.sekishod))
    if options.keep:
        pathlib.Path(options.keep).mkdir(parents=True, exist_ok=True)
    try:
        alone()
    except Unable as why:
        results.missing(why)
    return options
