"""The stories that stories.py plays: small networks, and what happens to them.

Each is a network file as the reader takes it (YAML has JSON's forms), without IPsec: what carries
the packets is no matter here. Steps are two minutes apart, so that the simulated world rests in
between.
"""

STEP_S = 120
TIMERS = {'keepalive': '2s', 'hold': '6s', 'connect_retry': '1s'}
PATIENT = {'keepalive': '20s', 'hold': '60s', 'connect_retry': '1s'}
STORIES = {}


def story(make):
    """make's sentence is what the story is about; its steps get their times. What a router
    announces at any time lies behind it all the time: in a file it would come and go with the
    announcement."""
    file = make()
    for step in file['story']:
        said_now = step.get('announce') or step.get('withdraw')
        if said_now and said_now['prefix'] != '0.0.0.0/0':
            router = next(one for one in file['routers'] if one['id'] == said_now['router'])
            router['lan'] = sorted({*router.get('lan', []), said_now['prefix']})
    for number, step in enumerate(file['story'], 1):
        step['at'] = f'{STEP_S * number}s'
    file['until'] = f'{STEP_S * (len(file["story"]) + 1)}s'
    STORIES[make.__name__.replace('_', '-')] = file
    return make


class Places:
    """A network file in the making: sites and Direct Connects, numbered as they come."""

    def __init__(self, timers=None, **gateway):
        self.timers = timers or TIMERS
        self.file = {'vpn_gateways': [{'id': 'vgw-hub', 'asn': 64512, 'platform': 'sekisho',
                                       **gateway}],
                     'customer_gateways': [], 'vpn_connections': [], 'direct_connects': [],
                     'routers': []}
        self.links = 0

    def router(self, name, asn, announce, platform='sekisho', **bgp):
        self.file['routers'].append({'id': name, 'platform': platform,
                                     'bgp': {'asn': asn, 'announce': list(announce), **bgp}})

    def tunnel(self, six):
        self.links += 1
        at = self.links
        made = {'outside': f'203.0.113.{at}',
                'inside': {'vgw': f'169.254.{at}.1', 'cgw': f'169.254.{at}.2'}}
        return {**made, 'inside_ipv6': f'fd00:{at}::/126'} if six else made

    def connection(self, name, router, asn, tunnels=1, six=False, gateway='vgw-hub', **rest):
        """A connection vpn-NAME of the router, which is there already or will be."""
        bgp = {} if 'static_routes' in rest else {'bgp': {**self.timers, **rest.pop('bgp', {})}}
        number = len(self.file['customer_gateways']) + 1
        self.file['customer_gateways'].append({'id': f'cgw-{name}', 'asn': asn, 'router': router,
                                               'address': f'198.51.100.{number * 10}'})
        self.file['vpn_connections'].append({
            'id': f'vpn-{name}', 'vpn_gateway': gateway, 'customer_gateway': f'cgw-{name}',
            'ipsec': 'none', 'tunnels': [self.tunnel(six) for _ in range(tunnels)], **bgp, **rest})

    def site(self, name, asn, announce, router=None, **connection):
        self.connection(name, name, asn, **connection)
        self.router(name, asn, announce, **(router or {}))

    def direct(self, name, asn, announce, router=None, **rest):
        self.links += 1
        at = self.links
        self.file['direct_connects'].append({
            'id': f'dxvif-{name}', 'vpn_gateway': 'vgw-hub', 'router': name,
            'inside': {'vgw': f'169.254.{at}.1', 'peer': f'169.254.{at}.2'},
            'bgp': {**self.timers, **rest.pop('bgp', {})}, **rest})
        self.router(name, asn, announce, **(router or {}))

    def then(self, *steps):
        return {**self.file, 'story': [dict(step) for step in steps]}


def said(verb, router, prefix, **more):
    return {verb: {'router': router, 'prefix': prefix, **more}}


@story
def exchange():
    """Three sites hear of each other; one says less, one says more."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16', {'prefix': '10.21.0.0/16', 'as_path': [65099],
                                               'med': 7, 'communities': ['65010:1']}],
             router={'platform': 'frr'})
    net.site('osaka', 65020, ['10.30.0.0/16', '0.0.0.0/0'], router={'platform': 'bird'})
    net.site('kyoto', 65030, ['10.40.0.0/24'], router={'platform': 'vyatta'})
    return net.then(said('withdraw', 'tokyo', '10.21.0.0/16'),
                    said('announce', 'kyoto', '10.40.0.0/16', as_path=[65031, 65031], med=3,
                         communities=['65030:7']),
                    said('withdraw', 'osaka', '0.0.0.0/0'))


@story
def same_prefix():
    """One prefix from three sites: the shortest path, and who is next when it goes."""
    net = Places()
    net.site('tokyo', 65010, [{'prefix': '10.9.0.0/16', 'as_path': [65100, 65101]}])
    net.site('osaka', 65020, [{'prefix': '10.9.0.0/16', 'as_path': [65100]}])
    net.site('kyoto', 65030, ['10.9.0.0/16'])
    return net.then(said('withdraw', 'kyoto', '10.9.0.0/16'),
                    said('withdraw', 'osaka', '10.9.0.0/16'),
                    said('announce', 'kyoto', '10.9.0.0/16', as_path=[1, 2, 3]))


@story
def limit_closes():
    """One prefix too many ends the session, and everything of it is gone."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/24', '10.20.1.0/24'], limits={'received': 2})
    net.site('osaka', 65020, ['10.30.0.0/16'])
    return net.then(said('announce', 'tokyo', '10.20.2.0/24'))


@story
def limit_refuses():
    """One prefix too many is refused alone; what goes makes room."""
    net = Places(limits={'over': 'refuse'})
    net.site('tokyo', 65010, ['10.20.0.0/24', '10.20.1.0/24'], limits={'received': 2})
    net.site('osaka', 65020, ['10.30.0.0/16'])
    return net.then(said('announce', 'tokyo', '10.20.2.0/24'),
                    said('withdraw', 'tokyo', '10.20.1.0/24'))


@story
def guard():
    """A prefix that covers the tunnels' own addresses: held, told, carved, held again."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16'], tunnels=2)
    net.site('osaka', 65020, ['10.30.0.0/16', '203.0.113.0/28', '0.0.0.0/0'])
    # tokyo's own packets to the gateway keep out of the tunnels, whatever it is told
    net.file['routers'][0]['routes'] = [{'prefix': prefix, 'via': '198.51.100.1'} for prefix in
                                        ('0.0.0.0/0', '203.0.113.1/32', '203.0.113.2/32')]
    return net.then({'configure': {'vpn_connection': 'vpn-tokyo', 'guard': 'warn'}},
                    {'configure': {'vpn_connection': 'vpn-tokyo', 'guard': 'carve'}},
                    said('withdraw', 'osaka', '0.0.0.0/0'),
                    {'configure': {'vpn_connection': 'vpn-tokyo', 'guard': 'hold'}})


@story
def filters():
    """Allow-lists and rules, on both sides, and what changes with them."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16', '10.20.7.0/24', '172.16.0.0/12', '0.0.0.0/0'],
             accept=[{'prefix': '10.20.0.0/16', 'le': 24}], refuse_default=True)
    net.site('osaka', 65020, ['10.30.0.0/16', '10.31.0.0/16', {'prefix': '10.32.0.0/16',
                                                               'communities': ['65020:666']}],
             **{'import': [{'deny': '10.31.0.0/16'}],
                'export': [{'deny': '10.20.0.0/16', 'ge': 24, 'le': 32}]},
             router={'import': [{'deny': '10.40.0.0/16'}]})
    net.site('kyoto', 65030, ['10.40.0.0/16'],
             export=[{'deny': '0.0.0.0/0', 'le': 32, 'community': '65020:666'}])
    return net.then({'configure': {'vpn_connection': 'vpn-tokyo',
                                   'accept': ['172.16.0.0/12', '10.20.7.0/24']}},
                    {'configure': {'vpn_connection': 'vpn-osaka', 'import': [], 'export': []}},
                    {'configure': {'router': 'osaka', 'import': [{'deny': '172.16.0.0/12'}]}})


@story
def communities():
    """Those that keep a route from others, those that are put in, and Direct Connect's own."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16',
                              {'prefix': '10.21.0.0/16', 'communities': ['65535:65281']},
                              {'prefix': '10.22.0.0/16', 'communities': ['65535:65282']},
                              {'prefix': '10.23.0.0/16', 'communities': ['65010:1', '65010:2']}],
             on_import={'remove_communities': ['65010:2'], 'add_communities': ['64512:10']})
    net.site('osaka', 65020, ['10.30.0.0/16'], on_export={'add_communities': ['64512:20'],
                                                          'keep_communities': False})
    net.direct('dc', 65001, ['10.50.0.0/16', {'prefix': '10.30.0.0/16',
                                              'communities': ['7224:7100']}])
    return net.then({'configure': {'vpn_connection': 'vpn-tokyo', 'on_import': {
                        'add_communities': ['65535:65281']}}},
                    said('announce', 'dc', '10.20.0.0/16', communities=['7224:7300']))


@story
def preferences():
    """Local preference before the path, MED and prepending towards others, and a change of mind."""
    net = Places()
    net.site('tokyo', 65010, [{'prefix': '10.9.0.0/16', 'as_path': [65100, 65101]}, '10.20.0.0/16'],
             on_import={'local_preference': 200})
    net.site('osaka', 65020, ['10.9.0.0/16'], on_export={'med': 50, 'prepend': 2})
    net.direct('dc', 65001, [{'prefix': '10.9.0.0/16', 'med': 5}, '10.50.0.0/16'])
    net.connection('second', 'tokyo', 65010, on_export={'prepend': 1})
    return net.then({'configure': {'vpn_connection': 'vpn-tokyo', 'on_import': {}}},
                    {'configure': {'vpn_connection': 'vpn-osaka', 'on_export': {'med': 9}}},
                    {'configure': {'router': 'tokyo', 'neighbor': '169.254.4.1',
                                   'on_import': {'local_preference': 300}}})


@story
def two_tunnels():
    """One of two tunnels is chosen, on both ends; it fails, and is chosen again."""
    net = Places(platform='aws')
    net.site('tokyo', 65010, ['10.20.0.0/16'], tunnels=2)
    net.site('osaka', 65020, ['10.30.0.0/16'])
    return net.then({'fail': {'tunnel': 'vpn-tokyo/1'}}, {'restore': {'tunnel': 'vpn-tokyo/1'}},
                    {'fail': {'vpn_connection': 'vpn-osaka'}})


@story
def direct_connect_first():
    """A Direct Connect comes before a VPN; the day it is cut the VPN is there."""
    net = Places()
    net.site('tokyo', 65010, ['10.9.0.0/16', '10.20.0.0/16'])
    net.direct('dc', 65001, [{'prefix': '10.9.0.0/16', 'as_path': [65100, 65101, 65102]}])
    return net.then({'fail': {'direct_connect': 'dxvif-dc'}},
                    {'restore': {'direct_connect': 'dxvif-dc'}})


@story
def own_as():
    """Two sites of one AS do not take each other's paths, but one that may."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16'])
    net.site('nara', 65010, ['10.21.0.0/16'], router={'allowas_in': 1})
    net.site('osaka', 65020, [{'prefix': '10.30.0.0/16', 'as_path': [64512]},
                              {'prefix': '10.31.0.0/16', 'as_path': [65010]}])
    return net.then(said('withdraw', 'osaka', '10.30.0.0/16'))


@story
def both_families():
    """IPv4 and IPv6 over one session; one family less, one tunnel that has none."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16', '2001:db8:20::/48'], six=True)
    net.site('osaka', 65020, ['10.30.0.0/16', '2001:db8:30::/48'], six=True, tunnels=2)
    net.site('kyoto', 65030, ['10.40.0.0/16'])
    return net.then(said('withdraw', 'tokyo', '2001:db8:20::/48'),
                    said('announce', 'osaka', '2001:db8:20::/44', as_path=[65021]),
                    {'fail': {'tunnel': 'vpn-osaka/1'}})


@story
def restarts():
    """A router begins anew, then the gateway, then a router fails for good."""
    net = Places()
    net.site('tokyo', 65010, ['10.20.0.0/16', '10.21.0.0/16'])
    net.site('osaka', 65020, ['10.30.0.0/16', '203.0.113.0/24'])
    return net.then({'restart': {'router': 'tokyo'}}, {'restart': {'vpn_gateway': 'vgw-hub'}},
                    {'fail': {'router': 'osaka'}}, {'restore': {'router': 'osaka'}})


@story
def graceful():
    """Who restarts gracefully is waited for: nobody loses a route for a moment."""
    net = Places(PATIENT)
    kept = {'graceful_restart': '60s'}
    net.site('tokyo', 65010, ['10.20.0.0/16', '10.21.0.0/16'], bgp=kept,
             router={'timers': kept})
    net.site('osaka', 65020, ['10.30.0.0/16'], bgp=kept, router={'timers': kept})
    return net.then({'restart': {'router': 'tokyo'}}, {'restart': {'vpn_gateway': 'vgw-hub'}})


@story
def two_gateways():
    """A router between two gateways passes on what each of them says."""
    net = Places()
    net.file['vpn_gateways'].append({'id': 'vgw-east', 'asn': 64513, 'platform': 'sekisho'})
    net.site('tokyo', 65010, ['10.20.0.0/16'])
    net.connection('east', 'tokyo', 65010, gateway='vgw-east')
    net.site('osaka', 65020, ['10.30.0.0/16'])
    net.site('boston', 65040, ['10.60.0.0/16', '10.30.0.0/16'], gateway='vgw-east')
    return net.then(said('withdraw', 'osaka', '10.30.0.0/16'),
                    {'fail': {'vpn_gateway': 'vgw-east'}})


@story
def static_and_bgp():
    """A static VPN beside BGP's: who comes first, and what the others are told."""
    net = Places()
    net.connection('plain', 'nara', 65050, static_routes=['10.9.0.0/16', '10.70.0.0/16'])
    net.file['routers'].append({'id': 'nara', 'platform': 'sekisho', 'lan': ['10.9.0.0/16']})
    net.site('tokyo', 65010, ['10.9.0.0/16', '10.20.0.0/16'])
    net.direct('dc', 65001, ['10.70.0.0/16'])
    return net.then(said('announce', 'tokyo', '10.70.0.0/16'),
                    {'fail': {'direct_connect': 'dxvif-dc'}})
