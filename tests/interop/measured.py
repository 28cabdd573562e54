"""The incident's moments in a lab's run, held against the laboratory's (tests/data/measured.json).

Of a cycle, seconds since the loop began; of the first one, since the announcement. Each must lie in
the range that was measured, widened by 15 % at both ends. What a busy machine adds is measured
beside the run, and allowed: with it a moment may come that much later.
"""
import json
import pathlib
import threading
import time

DATA = pathlib.Path(__file__).resolve().parent.parent / 'data'
WIDER = 0.15
ROUTER, GATEWAY, TUNNEL = 'vyatta', 'vgw-main', 'vpn-vyatta/1'
TOO_LATE_S = 0.5  # a machine that stands still for so long measures nothing but itself


class Lateness(threading.Thread):
    """How late the machine wakes who sleeps, at most."""

    def __init__(self):
        super().__init__(daemon=True)
        self.worst_s = 0.0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            began = time.monotonic()
            time.sleep(0.02)
            self.worst_s = max(self.worst_s, time.monotonic() - began - 0.02)

    def end(self):
        self.ended.set()
        self.join()
        return self.worst_s


def ranges(name):
    """The laboratory's set of that name, each moment's least and greatest."""
    sets = json.loads((DATA / 'measured.json').read_text())['sets'][name]
    found = {moment: (value['min'], value['max'])
             for moment, value in sets['moments_s_after_announcement'].items() if value['n'] > 0}
    found['period'] = (sets['period_s']['min'], sets['period_s']['max'])
    return found


def ours(name):
    """What differs because the gateway is sekishod, or IKE is version 1: measured in labs."""
    sets = json.loads((DATA / 'lab_incident.json').read_text())['sets'][name]
    return {moment: (value['min'], value['max']) for moment, value in sets['moments_s'].items()}


def has(name):
    return name in json.loads((DATA / 'lab_incident.json').read_text())['sets']


def either(name, own):
    """The laboratory's ranges; where there is one of our own, too, from the one to the other."""
    found = ranges(name)
    for moment, (least, most) in ours(own).items():
        if moment in found:
            least, most = min(least, found[moment][0]), max(most, found[moment][1])
        found[moment] = (least, most)
    return found


def announced_s(answer):
    return next(moment['at_s'] for moment in answer['timeline'] if moment['kind'] == 'story')


def loops(answer):
    """When the tunnel was swallowed in a new IKE SA: where cycles begin. A second session's loop
    in the same SA is within its cycle."""
    fresh, found = True, []
    for moment in answer['timeline']:
        if moment['kind'] == 'ike-up' and moment.get('node') == ROUTER:
            fresh = True
        elif moment['kind'] == 'swallowed' and fresh:
            found.append(moment['at_s'])
            fresh = False
    return found


def first(answer, kind, node, since_s, until_s=float('inf'), nth=0):
    times = [moment['at_s'] - since_s for moment in answer['timeline']
             if moment['kind'] == kind and moment.get('node') == node
             and since_s <= moment['at_s'] < until_s
             and moment.get('neighbor') in (None, TUNNEL)]
    return times[nth] if len(times) > nth else None


def first_cycle(answer):
    """Its moments, as the laboratory calls them; None: it has not come."""
    since, began = announced_s(answer), loops(answer)
    until = began[1] if len(began) > 1 else float('inf')
    found = {
        'fib_into_ipsec0': first(answer, 'swallowed', ROUTER, since),
        'bgp_down_vgw': first(answer, 'session-down', GATEWAY, since),
        'bgp_down_customer': first(answer, 'session-down', ROUTER, since),
        'default_withdrawn': first(answer, 'freed', ROUTER, since),
        'vgw_ike_giving_up': first(answer, 'ike-given-up', GATEWAY, since),
        'customer_ike_giving_up': first(answer, 'ike-given-up', ROUTER, since),
        'new_ike_sa_established': first(answer, 'ike-up', ROUTER, since),
        'loop_again_after_new_ike_sa': began[1] - since if len(began) > 1 else None,
    }
    ike = since + (found['new_ike_sa_established'] or float('inf'))
    second = first(answer, 'session-up', ROUTER, since, min(until, ike))
    if second is not None:
        found['second_session_up_customer'] = second
        found['second_session_up_vgw'] = first(answer, 'session-up', GATEWAY, since, ike)
    return found


def is_early(answer, began, ended):
    """The router's own dead-peer detection asked first, ten seconds into the loop, and gave up with
    that question; docs/lab.md."""
    asked = first(answer, 'ike-dpd', ROUTER, began, ended)
    gave_up = first(answer, 'session-down', ROUTER, began, ended)
    return asked is not None and gave_up is not None and asked < gave_up / 2


def waited_s(answer, began, ended):
    """From the customer's giving IKE up to its next IKE_SA; None: it had none of them."""
    gave_up = first(answer, 'ike-given-up', ROUTER, began, ended)
    return None if gave_up is None else first(answer, 'ike-up', ROUTER, began + gave_up, ended)


def kind_of(answer, began, ended):
    """What is not as in most cycles, docs/lab.md: an early question; the new IKE_SA's first request
    repeated, since its answer came before charon could find whose it is; a second session in the
    old tunnel. '': nothing."""
    waited = waited_s(answer, began, ended)
    if waited is not None and waited > 2:
        return 'repeated'
    if is_early(answer, began, ended):
        return 'early'
    gave_up = first(answer, 'ike-given-up', ROUTER, began, ended)
    second = first(answer, 'session-up', ROUTER, began + 1, ended)
    return 'second' if None not in (gave_up, second) and second + 1 < gave_up else ''


def cycles(answer):
    """(began, seconds, kind) of those behind the first that no step fell into."""
    began = loops(answer)
    steps = [moment['at_s'] for moment in answer['timeline']
             if moment['kind'] in ('story', 'boot', 'failed', 'restored')]
    return [(start, round(end - start, 3), kind_of(answer, start, end))
            for start, end in zip(began[1:], began[2:])
            if not any(start < step < end for step in steps)]


def within(value, limits, late_s):
    least, most = limits
    return least * (1 - WIDER) - late_s <= value <= most * (1 + WIDER) + late_s


def judge(found, allowed, late_s):
    """Yields (right, what is wrong) for each moment that has a range."""
    for name, value in found.items():
        if name not in allowed:
            continue
        yield value is not None, f'{name} has not come'
        if value is not None:
            yield within(value, allowed[name], late_s), \
                f'{name} at {value:.3f} s, expected {allowed[name]} s and 15 %, late {late_s:.3f} s'
