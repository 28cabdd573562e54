#!/bin/sh
# sekishod, for bgpblast: copy it into bgpblast's daemons/ and set SEKISHOD, or have it in PATH.
#
# A gateway with a VPN connection for each peer, without IPsec: every neighbor has an outside
# address in the guard's trie, policy, reasons and all, and the journal is on (SEKISHOD_JOURNAL says
# where, or none). Limits are raised, and nothing goes into a kernel's table. SLOW_READER: the path
# of slow_reader.py, which is then one neighbor more, and SLOW_FILE the file that it writes.
. "$(dirname "$0")/common.sh"
sekishod=${SEKISHOD:-sekishod}
case $1 in
version) exec "$sekishod" --version ;;
esac
dir=$2 n=$3
slow_address=$PEER_NET.254.254 slow_as=64999
{
    peers "$n"
    [ -z "${SLOW_READER:-}" ] || echo "$slow_address $slow_as"
} | awk -v as="$HUB_AS" -v hub="$HUB" -v v6="$V6" '
    { address[NR] = $1; asn[NR] = $2; ours[NR] = NF > 2 ? $3 : hub }
    function host(net, i) { return net "." int(i / 250) "." i % 250 + 1 }
    function six(i) { return v6 ? sprintf(", inside_ipv6: \"fd98:0:0:%x::/126\"", i) : "" }
    END {
        print "vpn_gateways:"
        print "  - id: hub"
        print "    asn: " as
        print "    platform: sekisho"
        print "    fib: none"
        print "    limits: {vpn_received: 10000000, vpn_announced: 10000000, connections: 10000}"
        print "customer_gateways:"
        for (i = 1; i <= NR; i++)
            print "  - {id: cgw-" i ", asn: " asn[i] ", address: " host("198.18", i) "}"
        print "vpn_connections:"
        for (i = 1; i <= NR; i++)
            print "  - {id: vpn-" i ", vpn_gateway: hub, customer_gateway: cgw-" i ",\n" \
                  "     ipsec: none,\n" \
                  "     bgp: {hold: 240s, keepalive: 80s},\n" \
                  "     tunnels: [{outside: " host("203.0", i) ",\n" \
                  "     inside: {vgw: " ours[i] ", cgw: " \
                  address[i] "}" six(i) "}]}"
    }' >"$dir/hub.yaml"
[ -z "${SLOW_READER:-}" ] || "$SLOW_READER" "$slow_address" "$HUB" "$slow_as" "$SLOW_FILE" &
exec "$sekishod" --network "$dir/hub.yaml" --gateway hub --memory 4096 --quiet \
    --journal "${SEKISHOD_JOURNAL:-$dir/journal}"
