"""BGP messages, broken on purpose, and what RFC 7606 says a session must survive.

The oracle is a decoder of its own, of nothing but lengths. It errs on one side only: what it calls
survivable must be survived; of everything else it says nothing.

    may end a session                           why
    header, or a length in it                   RFC 4271 6.1
    OPEN, NOTIFICATION, an unknown type         RFC 4271 6.2, 6.4, 6.6, 8.2.2
    KEEPALIVE, ROUTE-REFRESH of another length  RFC 4271 6.1; RFC 7313 5
    UPDATE: lengths of its parts that do not    RFC 7606 3 b, j: nobody can tell which routes are
    fit, prefixes that cannot be told apart,    meant
    an MP attribute that was touched; faulty    RFC 7606 5.2: there are none to withdraw
    attributes without routes that they are of
    UPDATE: an unknown attribute that is not    RFC 4271 6.3, which RFC 7606 leaves as it is
    called optional
    any other UPDATE                            must be survived
"""
import struct

OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH = 1, 2, 3, 4, 5
HEADER, LARGEST = 19, 4096
MP_REACH, MP_UNREACH = 14, 15
WELL_KNOWN = (1, 2, 3, 5, 6)
ODD_BYTES = (0, 1, 2, 4, 14, 15, 0x40, 0x7f, 0x80, 0xff)


def message(kind, body=b''):
    return b'\xff' * 16 + struct.pack('!HB', HEADER + len(body), kind) + body


def attribute(flags, code, value):
    if len(value) > 255:
        return bytes([flags | 0x10, code]) + struct.pack('!H', len(value)) + value
    return bytes([flags, code, len(value)]) + value


def update(withdrawn=b'', attributes=b'', announced=b''):
    return message(UPDATE, struct.pack('!H', len(withdrawn)) + withdrawn +
                   struct.pack('!H', len(attributes)) + attributes + announced)


def path_of(asn, rng, hop):
    """Attributes that are as they should be."""
    path = [asn, *(rng.randrange(1, 400000) for _ in range(rng.randrange(1, 5)))]
    out = attribute(0x40, 1, bytes([rng.randrange(3)]))
    out += attribute(0x40, 2, b'\x02' + bytes([len(path)]) +
                     b''.join(struct.pack('!I', hop_as) for hop_as in path))
    if hop:
        out += attribute(0x40, 3, hop)
    optional = ((0x80, 4, 4), (0xc0, 7, 8), (0xc0, 8, 8), (0xc0, 16, 8), (0xc0, 32, 12),
                (0x80, 9, 4), (0x80, 10, 8), (0xc0, 99, 5), (0x40, 5, 4), (0x40, 6, 0))
    for flags, code, size in optional:
        if rng.random() < 0.3:
            out += attribute(flags, code, rng.randbytes(size))
    return out


def nets(rng, count):
    return b''.join(b'\x18\x0a' + rng.randbytes(2) for _ in range(count))


def nets_six(rng, count):
    return b''.join(b'\x30\x20\x01' + rng.randbytes(4) for _ in range(count))


def sound(rng, asn, own, open_body):
    """A message as it should be, of any kind."""
    dice = rng.random()
    if dice < 0.45:
        return update(nets(rng, rng.randrange(3)), path_of(asn, rng, own),
                      nets(rng, rng.randrange(1, 6)))
    if dice < 0.55:
        return update(nets(rng, rng.randrange(1, 9)))
    if dice < 0.70:
        hop = b'\x10\x20\x01' + rng.randbytes(14)
        reach = b'\x00\x02\x01' + hop + b'\x00' + nets_six(rng, rng.randrange(1, 4))
        return update(b'', path_of(asn, rng, None) + attribute(0x80, MP_REACH, reach))
    if dice < 0.76:
        gone = attribute(0x80, MP_UNREACH, b'\x00\x02\x01' + nets_six(rng, rng.randrange(4)))
        return update(b'', gone)
    if dice < 0.78:
        return update()
    if dice < 0.88:
        return message(REFRESH, struct.pack('!HBB', rng.choice((1, 2)), rng.randrange(3), 1))
    if dice < 0.92:
        return message(KEEPALIVE)
    if dice < 0.95:
        return message(NOTIFICATION, bytes([rng.randrange(1, 9), rng.randrange(12)]) +
                       rng.randbytes(rng.randrange(6)))
    return message(OPEN, open_body)


def break_once(rng, data):
    """One change of some bytes; never of the length by more than 64."""
    head = rng.random() < 0.04 or len(data) == HEADER
    at = rng.randrange(HEADER) if head else rng.randrange(HEADER, len(data))
    dice = rng.random()
    if dice < 0.30:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
    if dice < 0.45:
        return data[:at] + rng.randbytes(1) + data[at + 1:]
    if dice < 0.60:
        return data[:at] + bytes([rng.choice(ODD_BYTES)]) + data[at + 1:]
    count = rng.randrange(1, 65 if rng.random() < 0.2 else 8)
    if head:
        return data[:16] + rng.randbytes(3) + data[HEADER:]
    if dice < 0.72:
        return data[:at] + rng.randbytes(count) + data[at:]
    if dice < 0.84:
        return data[:at] + data[at + count:]
    if dice < 0.94:
        return data[:at] + data[at:at + count] + data[at:]
    other = rng.randrange(HEADER, len(data))
    low, high = sorted((at, other))
    return data[:low] + data[high:high + 1] + data[low + 1:high] + data[low:low + 1] + \
        data[high + 1:]


def mend(rng, before, data):
    """The lengths that a careless sender would still have right, mostly."""
    data = data[:LARGEST]
    if len(data) != len(before) and rng.random() < 0.9 and len(data) >= HEADER:
        data = data[:16] + struct.pack('!H', len(data)) + data[18:]
        gone = struct.unpack_from('!H', data, HEADER)[0] if len(data) >= HEADER + 4 else 0xffff
        at = HEADER + 2 + gone
        if data[18] == UPDATE and at + 2 <= len(data) and rng.random() < 0.8:
            size = struct.unpack_from('!H', data, at)[0] + len(data) - len(before)
            if 0 <= size <= len(data) - at - 2:
                data = data[:at] + struct.pack('!H', size) + data[at + 2:]
    return data


def broken(rng, whole):
    data = whole
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = mend(rng, data, break_once(rng, data)) if len(data) > HEADER else \
            break_once(rng, data)
    return data


# --- the oracle --------------------------------------------------------------------------------

def separable(nlri):
    """Can these IPv4 prefixes be told apart?"""
    at = 0
    while at < len(nlri):
        if nlri[at] > 32:
            return False
        at += 1 + (nlri[at] + 7) // 8
    return at == len(nlri)


def walk(attributes):
    """(flags, code, value) of each; one that does not fit is the last, and its value None."""
    at = 0
    while len(attributes) - at >= 3:
        flags, code = attributes[at], attributes[at + 1]
        wide = bool(flags & 0x10)
        if wide and len(attributes) - at < 4:
            break
        size = struct.unpack_from('!H', attributes, at + 2)[0] if wide else attributes[at + 2]
        start = at + 3 + wide
        fits = start + size <= len(attributes)
        yield flags, code, attributes[start:start + size] if fits else None
        at = start + size


def mp_values(attributes):
    return [(flags & 0xc0, code, value) for flags, code, value in walk(attributes)
            if code in (MP_REACH, MP_UNREACH)]


def parts(body):
    """(withdrawn, attributes, announced) of an UPDATE; None: they do not fit."""
    if len(body) < 4:
        return None
    gone = struct.unpack_from('!H', body)[0]
    if gone + 4 > len(body):
        return None
    size = struct.unpack_from('!H', body, 2 + gone)[0]
    if 4 + gone + size > len(body):
        return None
    return body[2:2 + gone], body[4 + gone:4 + gone + size], body[4 + gone + size:]


def must_be_survived(whole, data):
    """data: what became of the message whole. False says nothing."""
    if len(data) < HEADER or data[:16] != b'\xff' * 16:
        return False
    size, kind = struct.unpack_from('!HB', data, 16)
    if size != len(data):
        return False
    if kind == KEEPALIVE:
        return size == HEADER
    if kind == REFRESH:
        return size == HEADER + 4
    if kind != UPDATE or whole[18] != UPDATE:
        return False
    found = parts(data[HEADER:])
    if not found or not separable(found[0]) or not separable(found[2]):
        return False
    if any(not flags & 0x80 and code not in WELL_KNOWN for flags, code, _ in walk(found[1])):
        return False
    values = mp_values(found[1])
    has_routes = found[2] or any(code == MP_REACH for _, code, _ in values)
    return values == mp_values(parts(whole[HEADER:])[1]) and bool(has_routes or not found[1])
