#!/usr/bin/env python3
"""What a session of the gateway goes through with BIRD and FRR: their restarts, its limits, a
reload, and a connection with an MD5 key that it opens itself.

    sessions.py SEKISHOD [TEST ...]

Graceful restart is RFC 4724's helping side: restart.py has the other one.
"""
import signal
import sys
import time

sys.dont_write_bytecode = True

import neighbors
from interop import (PATIENCE, check, everything_was_understood_by_tshark, main)
from neighbors import HUB_AS, KEY
from rig import eventually

AWAY_S = 8  # how long BIRD says that it restarts


class Restarter(neighbors.Frr):
    """FRR that has kept what it forwards when it is back."""

    def start(self, extra=''):
        self.stop_all()
        super().start(extra + '\n bgp graceful-restart\n bgp graceful-restart preserve-fw-state\n'
                      ' bgp graceful-restart restart-time 60\n')

    def stop_all(self):
        for other in getattr(self, 'others', []):
            self.rig.stop(other)


Restarter.__name__ = 'Frr'


def logged(table, *words):
    return [line for line in table.hub.process.output.read_text().splitlines()
            if all(word in line for word in words)]


def hears(table, *words, after=0):
    check(eventually(lambda: len(logged(table, *words)) > after, PATIENCE),
          f'{words} is not logged: {table.hub.said()}')


def all_come_up(table):
    for other in table.others:
        table.hub.session[other.name] = ['graceful_restart: 60s']
    bird = table.one('bird')
    if bird:
        plain = bird.start
        bird.start = lambda extra='', **how: plain(
            extra + f'graceful restart time {AWAY_S};', **how)
    table.start()
    table.settles()


def lost_of(table, other):
    """What somebody else does not have of it."""
    return [(reader.name, prefix) for reader in table.others if reader is not other
            for held in [reader.received()] for prefix in other.prefixes if prefix not in held]


def who_restarts_is_helped(table):
    """Nobody loses a route while it is away; what it no longer says goes when it has said all."""
    for other in table.others:
        kept = len(logged(table, 'event=routes-kept', f'vpn-{other.name}/'))
        up = table.hub.neighbor(other.name)['established']
        other.kill()
        hears(table, 'event=routes-kept', f'vpn-{other.name}/', after=kept)
        check(not lost_of(table, other), f'{lost_of(table, other)}; {table.hub.said()}')
        gone, other.prefixes = other.prefixes[0], other.prefixes[1:]
        other.start(**({'recover': True} if other.name == 'bird' else {}))
        end = time.monotonic() + PATIENCE
        back = False
        while not back or any(gone in reader.received() for reader in table.others
                              if reader is not other):
            lost = lost_of(table, other)
            back = table.hub.neighbor(other.name).get('established', 0) > up
            if back and other.name == 'frr':  # says that this was all before it has said it
                break
            check(not lost, f'{lost} of {other.name}; {table.hub.said()}')
            check(time.monotonic() < end, f'{gone} stays for ever: {table.hub.said()}')
            time.sleep(0.1)
        table.settles()


def who_stays_away_is_given_up(table):
    """Its routes go when the time is over that it asked for."""
    bird = table.one('bird')
    if not bird:
        return 'BIRD is needed'
    kept = len(logged(table, 'event=routes-kept', 'vpn-bird/'))
    bird.kill()
    hears(table, 'event=routes-kept', 'vpn-bird/', after=kept)
    hears(table, 'event=routes-expired', 'vpn-bird/')
    table.settles(absent=('bird',))
    bird.start()
    table.settles()
    return None


def who_says_goodbye_is_not_helped(table):
    """A session that ends with a NOTIFICATION takes its routes along (RFC 4724 4)."""
    other = table.others[-1]
    kept = len(logged(table, 'event=routes-kept'))
    down = len(logged(table, 'event=session-down', f'vpn-{other.name}/'))
    ends = {'bird': lambda: other.ask('disable', 'hub', '"gone"'),
            'frr': lambda: other.ask('configure terminal', f'router bgp {other.asn}',
                                     f'neighbor {other.hub} shutdown')}
    ends[other.name]()
    hears(table, 'event=session-down', f'vpn-{other.name}/', after=down)
    if other.name == 'frr':  # which ends without a Cease when both ends know of restarts
        restart(table, other)
        return
    table.settles(absent=(other.name,))
    check(len(logged(table, 'event=routes-kept')) == kept, table.hub.said())
    restart(table, other)


def restart(table, other, settles=True):
    other.stop()
    other.start()
    if settles:
        table.settles()


def reload_with(table, name, limits):
    table.hub.limits[name] = limits
    table.hub.write()
    before = len(logged(table, 'event=reloaded'))
    table.hub.process.send_signal(signal.SIGHUP)
    hears(table, 'event=reloaded', after=before)


def a_limit_is_changed_while_the_session_stands(table):
    """Nobody's session ends over it; what was refused alone is taken when the limit allows it."""
    other = table.others[0]
    name, count = other.name, len(other.prefixes)
    reload_with(table, name, f'received: {count}, over: refuse')
    extra = '10.99.0.0/16'
    other.prefixes = [*other.prefixes, extra]
    restart(table, other, settles=False)
    check(eventually(lambda: (table.hub.neighbor(name)['accepted'],
                              table.hub.neighbor(name)['refused']) == (count, 1), PATIENCE),
          f'{table.hub.neighbor(name)}; {table.hub.said()}')
    before = {one.name: table.hub.neighbor(one.name)['established'] for one in table.others}
    reload_with(table, name, f'received: {count + 1}')
    table.settles()
    for one in table.others:
        check(table.hub.neighbor(one.name)['established'] == before[one.name],
              f'{one.name} was ended by the reload')
    row = next(row for row in table.hub.ask('limits')['neighbors']
               if row['neighbor'] == f'vpn-{name}/1')
    check((row['limit'], row['over']) == (count + 1, 'close'), f'{row}')


def one_prefix_more_ends_the_session(table):
    """Cease 6/1, shown with its reason; nobody else notices."""
    other = table.others[0]
    before = {one.name: table.hub.neighbor(one.name)['established'] for one in table.others[1:]}
    other.prefixes = [*other.prefixes, '10.98.0.0/16']
    restart(table, other, settles=False)
    check(eventually(lambda: (table.hub.neighbor(other.name)['last_down'] or {}).get('reason') ==
                     'max-prefixes', PATIENCE), f'{table.hub.said()}')
    down = table.hub.neighbor(other.name)['last_down']
    check((down['code'], down['subcode']) == (6, 1), f'{down}')
    hears(table, 'event=limit-exceeded', f'vpn-{other.name}/', 'prefix=')
    table.settles(absent=(other.name,))
    for one in table.others[1:]:
        check(table.hub.neighbor(one.name)['established'] == before[one.name], f'{one.name} fell')


def a_reload_with_a_bad_file_changes_nothing(table):
    before = len(logged(table, 'event=not-reloaded'))
    table.hub.file.write_text('vpn_gateways: [{id: vgw-hub, asn: many}]\n')
    table.hub.process.send_signal(signal.SIGHUP)
    hears(table, 'event=not-reloaded', after=before)
    table.hub.write()
    for other in table.others[1:]:
        check(table.hub.neighbor(other.name)['state'] == 'Established', table.hub.said())


def the_gateway_of_another_house(table, bird):
    """BIRD as the gateway of the file, which waits for who opens the connection with the key."""
    return bird.write('passive.conf', f'''log stderr all;
router id 10.255.0.99;
protocol device {{}}
protocol static own {{ ipv4; route 10.77.0.0/16 blackhole; }}
protocol bgp site {{
  local {bird.own} as {HUB_AS};
  neighbor {bird.hub} as 65150;
  password "{KEY}";
  passive on;
  ipv4 {{ import all; export where source = RTS_STATIC; }};
}}
''')


def a_key_goes_with_a_connection_that_is_opened_here(table):
    """A customer's router opens its connections, and signs them from the first segment on."""
    bird = table.one('bird')
    if not bird:
        return 'BIRD is needed'
    table.rig.stop(table.hub.process)
    bird.stop()
    wrong = table.rig.dir / 'wrong.key'
    wrong.write_text('another\n')
    network = f'''vpn_gateways: [{{id: vgw, asn: {HUB_AS}, platform: sekisho}}]
customer_gateways: [{{id: cgw, asn: 65150, address: 198.51.100.77, router: site}}]
vpn_connections:
  - id: vpn
    vpn_gateway: vgw
    customer_gateway: cgw
    ipsec: none
    bgp: {{md5_file: KEY, connect_retry: 1s}}
    tunnels: [{{outside: 203.0.113.77, inside: {{vgw: {bird.own}, cgw: {bird.hub}}}}}]
routers: [{{id: site, platform: frr, bgp: {{asn: 65150, announce: [10.78.0.0/16]}}}}]
'''
    path = bird.dir / 'site.yaml'
    bird.run('bird', '-f', '-c', the_gateway_of_another_house(table, bird), '-s',
             bird.dir / 'sock', '-P', bird.dir / 'pid')
    for key, comes_up in ((wrong, False), (table.rig.dir / 'bird.key', True)):
        path.write_text(network.replace('KEY', str(key)))
        site = table.rig.run('hub', table.hub.program, '--network', path, '--router', 'site',
                             '--no-kernel', '--journal', 'none')
        if comes_up:
            check(eventually(lambda: '10.78.0.0/16' in bird.ask('show', 'route'), PATIENCE),
                  site.output.read_text()[-1000:])
        else:  # what was tried and not heard is what must not come up
            check(eventually(lambda: 'SYN-SENT' in table.rig.exec('hub', 'ss', '-tn'), PATIENCE),
                  table.rig.exec('hub', 'ss', '-tn'))
            check('10.78.0.0/16' not in bird.ask('show', 'route'), 'a wrong key is accepted')
        table.rig.stop(site)
    return None


TESTS = (all_come_up, who_restarts_is_helped, who_stays_away_is_given_up,
         who_says_goodbye_is_not_helped, a_limit_is_changed_while_the_session_stands,
         one_prefix_more_ends_the_session, a_reload_with_a_bad_file_changes_nothing,
         a_key_goes_with_a_connection_that_is_opened_here, everything_was_understood_by_tshark)

if __name__ == '__main__':
    sys.exit(main(TESTS, kinds=(neighbors.Bird, Restarter), least=2))
