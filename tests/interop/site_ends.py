"""A customer's site of stock software: strongSwan with a TUN device, BIRD or FRR on top of it.

The settings are those of strongSwan's and BIRD's own manuals; a charon for each tunnel would be
needed for two tunnels of 0.0.0.0/0 with libipsec, so each tunnel ends in a namespace of its own
(the way a site with two routers has it), and both speak BGP with the gateway.
"""
import json
import pathlib
import shutil

from rig import eventually

STRONGSWAN = '''charon-systemd {{
    load = random nonce openssl kdf hmac kernel-libipsec kernel-netlink socket-default vici
    install_routes = no
    install_virtual_ip = no
    process_route = no
    threads = 16
    retransmit_timeout = 4
    retransmit_tries = 2
    retransmit_base = 1
    plugins {{
        kernel-libipsec {{ allow_peer_ts = yes }}
        kernel-netlink {{ fwmark = 0x7220 }}
        vici {{ socket = unix://{dir}/vici }}
    }}
    filelog {{ log {{ path = {dir}/charon.log
        default = 1
        flush_line = yes }} }}
    journal {{ default = -1 }}
}}
swanctl {{
    load = random nonce openssl pem pkcs1
    plugins {{ vici {{ socket = unix://{dir}/vici }} }}
}}
'''

SWANCTL = '''connections {{ vgw {{
    version = {ike}
    local_addrs = {own}
    remote_addrs = {gateway}
    encap = yes
    mobike = no
    dpd_delay = 4s
    keyingtries = 0
    local {{ auth = psk
        id = {own} }}
    remote {{ auth = psk
        id = {gateway} }}
    children {{ t1 {{
        local_ts = 0.0.0.0/0
        remote_ts = 0.0.0.0/0
        esp_proposals = {esp}
        start_action = {start}
        dpd_action = {dead}
        close_action = {start} }} }}
}} }}
secrets {{ ike-1 {{ id-a = {own}
    id-b = {gateway}
    secret = "{key}" }} }}
'''

BIRD = '''log stderr all;
router id {inside};
protocol device {{}}
protocol direct {{ ipv4; interface "lan*"; }}
protocol kernel {{ ipv4 {{ import none; export where source = RTS_BGP; }}; metric 2000; }}
protocol static extra {{ ipv4; {disabled} {statics} }}
protocol bgp hub {{
  local {inside} as {asn};
  neighbor {hub} as {hub_as};
  connect delay time 1; connect retry time 2; error wait time 1, 4;
  ipv4 {{ import {imports}; export where source = RTS_DEVICE || source = RTS_STATIC; }};
}}
'''

FRR = '''hostname frr
log file {dir}/bgpd.log
router bgp {asn}
 bgp router-id {inside}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {hub} remote-as {hub_as}
 neighbor {hub} timers connect 2
 neighbor {hub} advertisement-interval 0
 address-family ipv4 unicast
  network {lan}
  neighbor {hub} prefix-list own in
 exit-address-family
ip prefix-list own permit 10.0.0.0/8 le 32
'''


class Site:
    """One end of one tunnel, in the space called name: eth0 outside, ipsec0, lan0."""

    def __init__(self, rig, name, own, gateway, inside, hub, key, lan, asn=65001, hub_as=64512,
                 ike=2, extra=(), starts=True,
                 esp='aes256gcm16-ecp256, aes128-sha256-modp2048', imports='all'):
        self.rig, self.name, self.own, self.gateway = rig, name, own, gateway
        self.inside, self.hub, self.key, self.lan = inside, hub, key, lan
        self.asn, self.hub_as, self.ike, self.extra = asn, hub_as, ike, extra
        self.esp, self.imports = esp, imports
        self.starts = starts  # False: it waits, as a gateway does
        self.dir = rig.dir / name
        self.dir.mkdir(mode=0o755, exist_ok=True)
        (self.dir / 'swanctl').mkdir(exist_ok=True)
        self.charon = self.bird = None

    def ip(self, *words, check=True):
        return self.rig.exec(self.name, 'ip', *words, check=check)

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return path

    def environment(self):
        return {'STRONGSWAN_CONF': str(self.dir / 'strongswan.conf'),
                'SWANCTL_DIR': str(self.dir / 'swanctl')}

    def swanctl(self, *words, check=True):
        env = [f'{key}={value}' for key, value in self.environment().items()]
        return self.rig.exec(self.name, 'env', *env, 'timeout', '15', 'swanctl', *words, '--uri',
                             f'unix://{self.dir}/vici', check=check)

    def swanctl_text(self):
        return SWANCTL.format(
            ike=self.ike, own=self.own, gateway=self.gateway, key=self.key,
            esp=self.esp, start='start' if self.starts else 'none',
            dead='restart' if self.starts else 'clear')

    def start_charon(self):
        self.write('strongswan.conf', STRONGSWAN.format(dir=self.dir))
        self.write('swanctl/swanctl.conf', self.swanctl_text())
        self.charon = self.rig.run(self.name, '/usr/sbin/charon-systemd',
                                   environment=self.environment())

    def is_there(self):
        return (self.dir / 'vici').is_socket() and 'ipsec0' in self.ip('-br', 'link', check=False)

    def load(self):
        """Once charon answers: the device's address, then the connection, which it starts."""
        self.ip('addr', 'replace', f'{self.inside}/30', 'dev', 'ipsec0')
        self.ip('link', 'set', 'ipsec0', 'mtu', '1400', 'up')
        self.swanctl('--load-all')

    def bird_text(self):
        return BIRD.format(
            inside=self.inside, imports=self.imports, hub=self.hub, asn=self.asn,
            hub_as=self.hub_as,
            disabled='disabled;' if self.extra else '',
            statics=''.join(f'route {prefix} blackhole; ' for prefix in self.extra))

    def start_bird(self):
        path = self.write('bird.conf', self.bird_text())
        self.bird = self.rig.run(self.name, 'bird', '-f', '-c', path, '-s', self.dir / 'sock',
                                 '-P', self.dir / 'bird.pid')

    def start_router(self):
        self.start_bird()

    def ask_bird(self, *words):
        return self.rig.exec(self.name, 'birdc', '-s', self.dir / 'sock', *words, check=False)

    def has_route(self, prefix):
        routes = json.loads(self.ip('-j', 'route', 'show', prefix, check=False) or '[]')
        return any(route.get('dev') == 'ipsec0' for route in routes)

    def said(self):
        log = self.dir / 'charon.log'
        return log.read_text()[-1500:] if log.exists() else 'nothing'


class FrrSite(Site):
    """The same with FRR, which takes no more than 10.0.0.0/8 has; it is no site with traps."""

    PROGRAMS = pathlib.Path('/usr/lib/frr')

    @classmethod
    def is_installed(cls):
        return (cls.PROGRAMS / 'bgpd').exists() and (cls.PROGRAMS / 'zebra').exists()

    def start_router(self):
        folder = self.dir / 'frr'
        folder.mkdir()
        configuration = {'zebra': 'hostname frr\n', 'bgpd': FRR.format(
            dir=folder, asn=self.asn, inside=self.inside, hub=self.hub, hub_as=self.hub_as,
            lan=self.lan)}
        for program, text in configuration.items():
            self.write(f'frr/{program}.conf', text)
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, 'frr', 'frr')
        own = ('-u', 'frr', '-g', 'frr', '-P', '0', '-z', folder / 'zserv.api', '--vty_socket',
               folder)
        for program in configuration:
            self.rig.run(self.name, self.PROGRAMS / program, *own, '-f',
                         folder / f'{program}.conf', '-i', folder / f'{program}.pid',
                         *(('-p', '179') if program == 'bgpd' else ()))
            # who finds zebra's socket missing tries again after 10 s
            eventually((folder / 'zserv.api').exists, 60)


class KernelSite(Site):
    """The same, with the kernel's ESP and an XFRM interface."""

    def write(self, name, text):
        return super().write(name, text.replace('kernel-libipsec kernel-netlink',
                                                'kernel-netlink'))

    def swanctl_text(self):
        return super().swanctl_text().replace('mobike = no', 'mobike = no\n    if_id_in = 7\n'
                                              '    if_id_out = 7')

    def start_charon(self):
        self.ip('link', 'add', 'ipsec0', 'type', 'xfrm', 'dev', 'eth0', 'if_id', '7')
        super().start_charon()
