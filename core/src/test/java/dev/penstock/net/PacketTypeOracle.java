package dev.penstock.net;

/** What {@link PacketType} should find, written a second time, over a byte array and without care for speed. */
final class PacketTypeOracle {
    private final byte[] b;
    int l2;
    int l3;
    int l4;
    int tunnel;
    int innerL2;
    int innerL3;
    int innerL4;
    int type;
    private int found;

    PacketTypeOracle(byte[] frame) {
        b = frame;
        type = has(0, 14) ? frame() : 0;
    }

    private boolean has(int at, int n) {
        return at + n <= b.length;
    }

    private int u8(int at) {
        return b[at] & 0xff;
    }

    private int u16(int at) {
        return u8(at) << 8 | u8(at + 1);
    }

    private int frame() {
        int at = 12;
        int outer = u16(at);
        int kind = outer == 0x8100 ? 6 : outer == 0x88a8 ? 7 : 1;
        l2 = 14;
        for (int i = 0; u16(l2 - 2) == 0x8100 || u16(l2 - 2) == 0x88a8; i++) {
            if (i == 8 || !has(l2, 4)) {
                return kind;
            }
            l2 += 4;
        }
        int carried = u16(l2 - 2);
        if (carried == 0x8847 || carried == 0x8848) {
            for (int i = 0; i < 16 && has(l2 + 4 * i, 4); i++) {
                if ((u8(l2 + 4 * i + 2) & 1) != 0) {
                    l2 += 4 * (i + 1);
                    return 0xa;
                }
            }
            return kind;
        }
        int network = network(carried, l2);
        l3 = found;
        if (network < 0) {
            return kind;
        }
        int[] l3Types = {0x10, 0x30, 0x40, 0xc0};
        kind |= l3Types[network & 3];
        int protocol = network >> 2;
        if (protocol == 300) {
            return kind | 0x300;
        }
        if (protocol == 301) {
            return kind;
        }
        int from = l2 + l3;
        l4 = transport(protocol, from);
        if (l4 < 0) {
            l4 = 0;
            return kind;
        }
        if (protocol == 17) {
            return udpTunnel(kind | 0x200, from);
        }
        return l4 > 0 ? kind | (protocol == 6 ? 0x100 : 0x400) : ipTunnel(kind, protocol, from);
    }

    /** -1, or which of four kinds, plus four times the protocol, 300 for a fragment, 301 for a broken chain. */
    private int network(int etherType, int at) {
        found = 0;
        if (etherType == 0x800 && has(at, 20) && u8(at) >> 4 == 4) {
            int length = (u8(at) & 15) * 4;
            int total = u16(at + 2);
            if (length < 20 || !has(at, length) || total < length || !has(at, total)) {
                return -1;
            }
            found = length;
            int protocol = (u16(at + 6) & 0x3fff) != 0 ? 300 : u8(at + 9);
            return (length > 20 ? 1 : 0) | protocol << 2;
        }
        if (etherType == 0x86dd && has(at, 40) && u8(at) >> 4 == 6 && has(at, 40 + u16(at + 4))) {
            found = 40;
            int next = u8(at + 6);
            boolean extended = "0 43 44 50 51 60".matches("(.* )?" + next + "( .*)?");
            int kind = extended ? 3 : 2;
            int end = at + 40;
            for (int headers = 0; headers <= 8; headers++) {
                int length;
                if (next == 0 || next == 60 || next == 43) {
                    length = has(end, 8) ? (u8(end + 1) + 1) * 8 : 1 << 20;
                } else if (next == 51) {
                    length = has(end, 12) ? (u8(end + 1) + 2) * 4 : 1 << 20;
                    length = length < 12 ? 1 << 20 : length;
                } else if (next == 44) {
                    length = 8;
                    if (has(end, 8) && (u16(end + 2) & 0xfff9) != 0) {
                        found = end + 8 - at;
                        return kind | 300 << 2;
                    }
                } else {
                    found = end - at;
                    return kind | next << 2;
                }
                if (!has(end, length)) {
                    return kind | 301 << 2;
                }
                next = u8(end);
                end += length;
            }
            return kind | 301 << 2;
        }
        return -1;
    }

    private int transport(int protocol, int at) {
        if (protocol == 17) {
            return has(at, 8) ? 8 : -1;
        }
        if (protocol == 132) {
            return has(at, 12) ? 12 : -1;
        }
        if (protocol == 6) {
            int length = has(at, 20) ? (u8(at + 12) >> 4) * 4 : 0;
            return length >= 20 && has(at, length) ? length : -1;
        }
        return 0;
    }

    private int ipTunnel(int kind, int protocol, int at) {
        if (protocol == 4) {
            return inside(kind | 0x1000, 0x800, at);
        }
        if (protocol == 41) {
            return inside(kind | 0x1000, 0x86dd, at);
        }
        if (protocol == 47 && has(at, 4) && (u16(at) & 0x4007) == 0) {
            int length = 4 + 4 * Integer.bitCount(u16(at) & 0xb000);
            if (has(at, length)) {
                tunnel = length;
                innerL2 = length;
                return inside(kind | (u16(at + 2) == 0x6558 ? 0x4000 : 0x2000), u16(at + 2), at + length);
            }
        }
        return kind;
    }

    private int udpTunnel(int kind, int udp) {
        int at = udp + 8;
        int port = u16(udp + 2);
        if (!has(at, 8)) {
            return kind;
        }
        int length = 8;
        int carried;
        int bits;
        if (port == 4789 && (u8(at) & 8) != 0) {
            carried = 0x6558;
            bits = 0x3000;
        } else if (port == 6081 && u8(at) < 64) {
            length = 8 + 4 * u8(at);
            carried = u16(at + 2);
            bits = 0x5000;
        } else if (port == 2152 && u8(at) >> 4 == 3 && has(at + 8, u16(at + 2))) {
            length = gtp(at);
            int version = length > 0 && u8(at + 1) == 255 && has(at + length, 1) ? u8(at + length) >> 4 : 0;
            carried = version == 4 ? 0x800 : version == 6 ? 0x86dd : 0;
            bits = 0x8000;
        } else {
            return kind;
        }
        if (length < 0 || !has(at, length)) {
            return kind;
        }
        tunnel = length;
        innerL2 = 8 + length;
        return inside(kind | bits, carried, at + length);
    }

    private int gtp(int at) {
        if ((u8(at) & 7) == 0) {
            return 8;
        }
        int length = 12;
        if (!has(at, 12)) {
            return -1;
        }
        int extensions = 0;
        while ((u8(at) & 4) != 0 && u8(at + length - 1) != 0) {
            if (++extensions > 8 || !has(at, length + 4) || u8(at + length) == 0 || !has(at, length + 4 * u8(at + length))) {
                return -1;
            }
            length += 4 * u8(at + length);
        }
        return length > 8 + u16(at + 2) ? -1 : length;
    }

    private int inside(int outer, int carried, int from) {
        int kind = outer;
        int at = from;
        int etherType = carried;
        if (carried == 0x6558) {
            if (!has(at, 14)) {
                return kind;
            }
            at += 14;
            innerL2 += 14;
            etherType = u16(at - 2);
            kind |= etherType == 0x8100 ? 0x20000 : etherType == 0x88a8 ? 0x30000 : 0x10000;
            for (int i = 0; etherType == 0x8100 || etherType == 0x88a8; i++) {
                if (i == 8 || !has(at, 4)) {
                    return kind;
                }
                at += 4;
                innerL2 += 4;
                etherType = u16(at - 2);
            }
        }
        int network = network(etherType, at);
        innerL3 = found;
        if (network < 0) {
            return kind;
        }
        int[] l3Types = {0x10_0000, 0x20_0000, 0x30_0000, 0x50_0000};
        kind |= l3Types[network & 3];
        int protocol = network >> 2;
        if (protocol == 300) {
            return kind | 0x300_0000;
        }
        if (protocol == 301) {
            return kind;
        }
        innerL4 = Math.max(0, transport(protocol, at + innerL3));
        return innerL4 == 0 ? kind : kind | (protocol == 6 ? 0x100_0000 : protocol == 17 ? 0x200_0000 : 0x400_0000);
    }
}
