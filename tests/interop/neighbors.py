"""Five routers of other houses, each a customer gateway at the far end of a link.

Each announces four prefixes with a community and a large community, and tells what it received as
{prefix: Route}. How each is configured is what its own manual says; where it needed something out
of the ordinary, the line says why.
"""
import dataclasses
import json
import os
import pathlib
import pwd
import re
import shutil
import sys

from rig import eventually

HERE = pathlib.Path(__file__).resolve().parent
HUB_AS = 64512
KEY = 'not-a-secret'


@dataclasses.dataclass
class Route:
    next_hop: str
    as_path: list
    communities: set
    large: set


class Neighbor:
    program = ''
    bfd = False  # is it to have it?
    has_restart = True
    six_only = False  # hears of IPv6 alone

    def __init__(self, rig, number):
        self.rig = rig
        self.number = number
        self.name = type(self).__name__.lower()
        self.asn = 65100 + number
        self.hub = f'169.254.{number}.1'
        self.own = f'169.254.{number}.2'
        self.hub6 = f'fd00:{number}::1'
        self.own6 = f'fd00:{number}::2'
        self.router_id = f'10.255.0.{number}'
        self.prefixes = [f'10.{100 + number}.0.0/16', f'10.{100 + number}.1.0/24',
                         f'2001:db8:{number}::/48', f'2001:db8:{number}:1::/64']
        self.community = f'65000:{number}'
        self.large = f'65000:1:{number}'
        self.dir = rig.dir / self.name
        self.dir.mkdir(mode=0o755, exist_ok=True)
        self.process = None

    @classmethod
    def is_there(cls):
        return bool(shutil.which(cls.program))

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        path.chmod(0o640)
        return path

    def run(self, *words, **options):
        self.process = self.rig.run(self.name, *words, **options)
        return self.process

    def exec(self, *words, check=True):
        return self.rig.exec(self.name, *words, check=check)

    def kill(self):
        self.rig.stop(self.process, hard=True)

    def stop(self):
        self.rig.stop(self.process)


class Bird(Neighbor):
    program = 'bird'
    sessions = ('hub',)

    def session(self, extra):
        return f'''protocol bgp hub {{
  local {self.own} as {self.asn};
  neighbor {self.hub} as {HUB_AS};
  password "{KEY}";
  graceful restart on;
  connect delay time 1; connect retry time 2; error wait time 1, 4;
  {extra}
  ipv4 {{ import all; export where source = RTS_STATIC; }};
  # without this the next hop of IPv6's routes would be the session's IPv4 address
  ipv6 {{ import all; export where source = RTS_STATIC; next hop address {self.own6}; }};
}}
'''

    def config(self, extra=''):
        def statics(six):
            lines = [f'route {prefix} blackhole {{ '
                     f'bgp_community.add(({self.community.replace(":", ",")})); '
                     f'bgp_large_community.add(({self.large.replace(":", ",")})); }};'
                     for prefix in self.prefixes if (':' in prefix) == six]
            return '\n  '.join(lines)
        return f'''log stderr all;
router id {self.router_id};
protocol device {{}}
protocol bfd {{
  interface "*" {{ min rx interval 300 ms; min tx interval 300 ms; multiplier 3; }};
}}
protocol static own4 {{ ipv4; {statics(False)} }}
protocol static own6 {{ ipv6; {statics(True)} }}
{self.session(extra)}'''

    def start(self, extra='', recover=False):
        extra += 'bfd on;' if self.bfd else ''
        path = self.write('bird.conf', self.config(extra))
        words = ['-R'] if recover else []
        self.run('bird', '-f', '-c', path, '-s', self.dir / 'sock', '-P', self.dir / 'pid', *words)

    def ask(self, *words):
        return self.exec('birdc', '-r' if words[0] == 'show' else '-v', '-s', self.dir / 'sock',
                         *words, check=False)

    def received(self):
        routes, prefix = {}, None
        said = [self.ask('show', 'route', 'all', 'protocol', name) for name in self.sessions]
        for line in ''.join(said).splitlines():
            found = re.match(r'(\S+/\d+)\s', line)
            if found:
                prefix = found[1]
                routes[prefix] = Route('', [], set(), set())
            key, _, value = line.strip().partition(':')
            if prefix is None:
                continue
            route = routes[prefix]
            if key == 'BGP.next_hop':
                route.next_hop = value.split()[0]
            elif key == 'BGP.as_path':
                route.as_path = [int(word) for word in value.split()]
            elif key == 'BGP.community':
                route.communities = {f'{a}:{b}' for a, b in re.findall(r'\((\d+),(\d+)\)', value)}
            elif key == 'BGP.large_community':
                route.large = {':'.join(one) for one in
                               re.findall(r'\((\d+), (\d+), (\d+)\)', value)}
        return routes

    def withdraw(self):
        self.ask('disable', 'own4')
        self.ask('disable', 'own6')

    def announce(self):
        self.ask('enable', 'own4')
        self.ask('enable', 'own6')

    def refresh(self):
        for name in self.sessions:
            self.ask('reload', 'in', name)


class Frr(Neighbor):
    program = '/usr/lib/frr/bgpd'

    def config(self, extra=''):
        four = [prefix for prefix in self.prefixes if ':' not in prefix]
        six = [prefix for prefix in self.prefixes if ':' in prefix]
        networks4 = '\n'.join(f'  network {prefix} route-map mark' for prefix in four)
        networks6 = '\n'.join(f'  network {prefix} route-map mark' for prefix in six)
        return f'''hostname frr
log file {self.dir}/bgpd.log
router bgp {self.asn}
 bgp router-id {self.router_id}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {self.hub} remote-as {HUB_AS}
 neighbor {self.hub} password {KEY}
 neighbor {self.hub} timers connect 2
 neighbor {self.hub} advertisement-interval 0
 {extra}
 address-family ipv4 unicast
{networks4}
  neighbor {self.hub} soft-reconfiguration inbound
 exit-address-family
 address-family ipv6 unicast
{networks6}
  neighbor {self.hub} activate
  neighbor {self.hub} route-map six out
 exit-address-family
!
route-map mark permit 10
 set community {self.community}
 set large-community {self.large}
!
! a session over IPv4 has no IPv6 address of its own to give as next hop
route-map six permit 10
 set ipv6 next-hop global {self.own6}
'''

    def start(self, extra=''):
        extra += f'\n neighbor {self.hub} bfd' if self.bfd else ''
        shutil.chown(self.dir, 'frr', 'frr')
        own = ['-u', 'frr', '-g', 'frr', '-P', '0', '-z', self.dir / 'zserv.api', '--vty_socket',
               self.dir]
        self.others = []
        for daemon in ['zebra'] + (['bfdd'] if self.bfd else []):
            conf = self.write(f'{daemon}.conf', 'hostname frr\n')
            shutil.chown(conf, 'frr', 'frr')
            special = ['--bfdctl', self.dir / 'bfdd.sock'] if daemon == 'bfdd' else []
            self.others.append(self.rig.run(self.name, f'/usr/lib/frr/{daemon}', *own, *special,
                                            '-f', conf, '-i', self.dir / f'{daemon}.pid'))
            # who finds zebra's socket missing tries again after 10 s
            eventually((self.dir / 'zserv.api').exists, 20)
        path = self.write('bgpd.conf', self.config(extra))
        shutil.chown(path, 'frr', 'frr')
        self.run(self.program, *own, '-p', '179', '-f', path, '-i', self.dir / 'bgpd.pid')

    def stop(self):
        super().stop()
        for other in self.others:
            self.rig.stop(other)

    def ask(self, *lines, daemon='bgpd'):
        words = [word for line in lines for word in ('-c', line)]
        return self.exec('vtysh', '--vty_socket', self.dir, '-d', daemon, *words, check=False)

    def received(self):
        routes = {}
        for family in ('ipv4', 'ipv6'):
            try:
                table = json.loads(self.ask(f'show bgp {family} unicast json detail') or '{}')
            except ValueError:
                continue
            for prefix, paths in (table.get('routes') or {}).items():
                paths = paths if isinstance(paths, list) else paths.get('paths', [])
                for path in paths:
                    if path.get('peer', {}).get('peerId') not in (self.hub, self.hub6):
                        continue
                    hops = [hop['ip'] for hop in path.get('nexthops', [])
                            if hop.get('scope', 'global') == 'global']
                    routes[prefix] = Route(
                        hops[0] if hops else '',
                        [asn for part in path['aspath'].get('segments', [])
                         for asn in part['list']],
                        set(path.get('community', {}).get('list', [])),
                        set(path.get('largeCommunity', {}).get('list', [])))
        return routes

    def change(self, word):
        lines = ['configure terminal', f'router bgp {self.asn}']
        for family, six in (('ipv4', False), ('ipv6', True)):
            lines.append(f'address-family {family} unicast')
            lines += [f'{word}network {prefix} route-map mark' for prefix in self.prefixes
                      if (':' in prefix) == six]
            lines.append('exit-address-family')
        self.ask(*lines)

    def withdraw(self):
        self.change('no ')

    def announce(self):
        self.change('')

    def refresh(self):
        self.ask(f'clear bgp ipv4 unicast {self.hub} in', f'clear bgp ipv6 unicast {self.hub} in')

    @classmethod
    def is_there(cls):
        return pathlib.Path(cls.program).exists()


class Openbgpd(Neighbor):
    program = '/usr/sbin/bgpd'

    @classmethod
    def is_there(cls):
        return pathlib.Path(cls.program).exists() and bool(shutil.which('bgpctl'))

    def config(self, extra=''):
        networks = '\n'.join(
            f'network {prefix} set {{ community {self.community} '
            f'large-community {self.large} }}' for prefix in self.prefixes)
        return f'''AS {self.asn}
router-id {self.router_id}
listen on {self.own}
socket "{self.dir}/sock"
fib-update no
nexthop qualify via default
{networks}
neighbor {self.hub} {{
    remote-as {HUB_AS}
    local-address {self.own}
    announce IPv4 unicast
    announce IPv6 unicast
    tcp md5sig password "{KEY}"
    {extra}
}}
allow from any
allow to any
'''

    def start(self, extra=''):
        home = pathlib.Path(pwd.getpwnam('_openbgpd').pw_dir)
        home.mkdir(parents=True, exist_ok=True)  # it chroots there; only its service unit makes it
        path = self.write('bgpd.conf', self.config(extra))
        path.chmod(0o600)
        # over IPv4 it gives the loopback's IPv6 address as next hop
        self.exec('ip', 'addr', 'add', f'{self.own6}/128', 'dev', 'lo', check=False)
        self.exec('ip', 'addr', 'del', '::1/128', 'dev', 'lo', check=False)
        self.run(self.program, '-d', '-f', path)

    def ask(self, *words):
        return self.exec('bgpctl', '-s', self.dir / 'sock', *words, check=False)

    def received(self):
        routes = {}
        try:
            said = json.loads(self.ask('-j', 'show', 'rib', 'detail', 'neighbor', self.hub) or '{}')
        except ValueError:
            return routes
        for path in said.get('rib', []):
            if not path.get('best') and not path.get('valid'):
                continue
            routes[path['prefix']] = Route(
                path.get('exit_nexthop', ''),
                [int(word) for word in path['aspath'].split()],
                set(path.get('communities', [])), set(path.get('large_communities', [])))
        return routes

    def withdraw(self):
        for prefix in self.prefixes:
            self.ask('network', 'delete', prefix)

    def announce(self):
        for prefix in self.prefixes:
            self.ask('network', 'add', prefix, 'community', self.community, 'large-community',
                     self.large)

    def refresh(self):
        self.ask('neighbor', self.hub, 'refresh')


class Gobgp(Neighbor):
    program = 'gobgpd'

    def config(self, extra=''):
        return f'''[global.config]
  as = {self.asn}
  router-id = "{self.router_id}"
  local-address-list = ["{self.own}"]
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{self.hub}"
    peer-as = {HUB_AS}
    auth-password = "{KEY}"
  [neighbors.timers.config]
    connect-retry = 2
    idle-hold-time-after-reset = 1
  {extra}
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
'''

    def start(self, extra=''):
        path = self.write('gobgpd.toml', self.config(extra))
        self.run('gobgpd', '-t', 'toml', '-f', path, '--api-hosts', '127.0.0.1:50051')
        eventually(lambda: 'Error' not in self.ask('global'), 10)
        self.announce()

    def ask(self, *words):
        return self.exec('gobgp', *words, check=False)

    def received(self):
        routes = {}
        for family in ('ipv4', 'ipv6'):
            try:
                table = json.loads(self.ask('-j', 'neighbor', self.hub, 'adj-in', '-a', family))
            except ValueError:
                continue
            for prefix, paths in (table or {}).items():
                if isinstance(paths, list):  # else a sentence about a session that is down
                    routes[prefix] = self.route(paths[0]['attrs'])
        return routes

    @staticmethod
    def route(attributes):
        route = Route('', [], set(), set())
        for one in attributes:
            if one['type'] == 2:
                route.as_path = [asn for part in one['as_paths'] for asn in part['asns']]
            elif one['type'] in (3, 14):
                route.next_hop = one['nexthop']
            elif one['type'] == 8:
                route.communities = {f'{value >> 16}:{value & 65535}'
                                     for value in one['communities']}
            elif one['type'] == 32:
                route.large = {f'{value["ASN"]}:{value["LocalData1"]}:{value["LocalData2"]}'
                               for value in one['value']}
        return route

    def change(self, word):
        for prefix in self.prefixes:
            six = ['-a', 'ipv6'] if ':' in prefix else []
            hop = ['nexthop', self.own6] if six else []
            self.ask('global', 'rib', word, *six, prefix, *hop, 'community', self.community,
                     'large-community', self.large)

    def withdraw(self):
        self.change('del')

    def announce(self):
        self.change('add')

    def refresh(self):
        self.ask('neighbor', self.hub, 'softresetin')


class Exabgp(Neighbor):
    program = 'exabgp'

    def lines(self):
        return [f'route {prefix} next-hop {self.own6 if ":" in prefix else self.own} '
                f'community [{self.community}] large-community [{self.large}]'
                for prefix in self.prefixes]

    def config(self, extra=''):
        routes = ';\n        '.join(self.lines())
        return f'''process watch {{
    run {sys.executable} {HERE}/exabgp_watch.py {self.dir};
    encoder json;
}}
neighbor {self.hub} {{
    router-id {self.router_id};
    local-address {self.own};
    local-as {self.asn};
    peer-as {HUB_AS};
    md5-password '{KEY}';
    {extra}
    capability {{ route-refresh; graceful-restart 60; }}
    family {{ ipv4 unicast; ipv6 unicast; }}
    api {{ processes [watch]; neighbor-changes; receive {{ parsed; update; }} }}
    static {{
        {routes};
    }}
}}
'''

    def start(self, extra=''):
        (self.dir / 'said').unlink(missing_ok=True)
        commands = self.dir / 'commands'
        commands.unlink(missing_ok=True)
        os.mkfifo(commands, 0o600)
        path = self.write('exabgp.conf', self.config(extra))
        self.run('exabgp', path, environment={
            'exabgp.daemon.user': 'root', 'exabgp.daemon.drop': 'false',
            'exabgp.log.destination': 'stdout', 'exabgp.api.cli': 'false',
            'exabgp.api.ack': 'false'})

    def tell(self, line):
        with open(self.dir / 'commands', 'a') as commands:
            commands.write(line + '\n')

    def received(self):
        routes = {}
        said = self.dir / 'said'
        for line in said.read_text().splitlines() if said.exists() else []:
            try:
                neighbor = json.loads(line)['neighbor']
            except (ValueError, KeyError):
                continue
            if neighbor.get('state') == 'down':
                routes = {}
            update = neighbor.get('message', {}).get('update', {})
            for gone in update.get('withdraw', {}).values():
                for one in gone:
                    routes.pop(one['nlri'], None)
            attributes = update.get('attribute', {})
            for hops in update.get('announce', {}).values():
                for hop, prefixes in hops.items():
                    for one in prefixes if isinstance(prefixes, list) else []:
                        if 'nlri' in one:
                            routes[one['nlri']] = Route(
                                hop, self.path(attributes.get('as-path', [])),
                                {f'{a}:{b}' for a, b in attributes.get('community', [])},
                                {f'{a}:{b}:{c}'
                                 for a, b, c in attributes.get('large-community', [])})
        return routes

    @staticmethod
    def path(said):
        if isinstance(said, dict):
            return [asn for part in said.values() for asn in part['value']]
        return list(said)

    def withdraw(self):
        for line in self.lines():
            self.tell(f'withdraw {line}')

    def announce(self):
        for line in self.lines():
            self.tell(f'announce {line}')

    def refresh(self):
        """It asks for nothing again by itself."""


ALL = (Bird, Frr, Openbgpd, Gobgp, Exabgp)
