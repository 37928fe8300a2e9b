package dev.penstock.drivers.trace;

import dev.penstock.mbuf.Mbuf;
import java.nio.charset.StandardCharsets;

/**
 * Puts a packet into one line of text, without allocating:
 * {@code rx q0 98 02:00:00:00:00:01 > 02:00:00:00:00:02 IPv4 198.18.0.1.1000 > 198.18.0.2.53 UDP}.
 */
final class TraceLine {
    private static final int MAX = 256;
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ARROW = ascii(" > ");
    private static final byte[] IPV4 = ascii(" IPv4 ");
    private static final byte[] IPV6 = ascii(" IPv6 ");
    private static final byte[] ARP = ascii(" ARP");
    private static final byte[] VLAN = ascii(" VLAN ");
    private static final byte[] TYPE = ascii(" type ");
    private static final byte[] TCP = ascii(" TCP");
    private static final byte[] UDP = ascii(" UDP");
    private static final byte[] SCTP = ascii(" SCTP");
    private static final byte[] ICMP = ascii(" ICMP");
    private static final byte[] PROTOCOL = ascii(" protocol ");
    private static final byte[] SEGMENTS = ascii(" segments ");

    private final byte[] text = new byte[MAX];
    private final byte[] start;
    private int length;

    TraceLine(String direction, int queue) {
        start = ascii(direction + " q" + queue + " ");
    }

    private static byte[] ascii(String s) {
        return s.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] text() {
        return text;
    }

    /** Makes the line; returns its length, the line's end included. */
    int format(Mbuf m) {
        length = 0;
        put(start);
        number(m.pktLen());
        if (m.dataLen() >= 14) {
            text[length++] = ' ';
            mac(m, 6);
            put(ARROW);
            mac(m, 0);
            payload(m, 12);
        }
        if (m.nbSegs() > 1) {
            put(SEGMENTS);
            number(m.nbSegs());
        }
        text[length++] = '\n';
        return length;
    }

    private void payload(Mbuf m, int typeAt) {
        int type = m.getShort(typeAt) & 0xffff;
        int at = typeAt;
        for (int tags = 0; (type == 0x8100 || type == 0x88a8) && tags < 2 && m.dataLen() >= at + 6; tags++) {
            put(VLAN);
            number(m.getShort(at + 2) & 0xfff);
            at += 4;
            type = m.getShort(at) & 0xffff;
        }
        at += 2;
        if (type == 0x0800 && m.dataLen() >= at + 20) {
            put(IPV4);
            int header = (m.getByte(at) & 15) * 4;
            boolean fragment = (m.getShort(at + 6) & 0x1fff) != 0;
            addresses(m, at + 12, 4, m.getByte(at + 9) & 0xff, fragment ? m.dataLen() : at + header);
        } else if (type == 0x86dd && m.dataLen() >= at + 40) {
            put(IPV6);
            addresses(m, at + 8, 16, m.getByte(at + 6) & 0xff, at + 40);
        } else if (type == 0x0806) {
            put(ARP);
        } else {
            put(TYPE);
            hex(type, 4);
        }
    }

    private void addresses(Mbuf m, int at, int size, int protocol, int l4) {
        boolean ports = (protocol == 6 || protocol == 17 || protocol == 132) && m.dataLen() >= l4 + 4;
        address(m, at, size);
        port(m, l4, ports);
        put(ARROW);
        address(m, at + size, size);
        port(m, l4 + 2, ports);
        switch (protocol) {
            case 1, 58 -> put(ICMP);
            case 6 -> put(TCP);
            case 17 -> put(UDP);
            case 132 -> put(SCTP);
            default -> {
                put(PROTOCOL);
                number(protocol);
            }
        }
    }

    private void port(Mbuf m, int at, boolean there) {
        if (there) {
            text[length++] = '.';
            number(m.getShort(at) & 0xffff);
        }
    }

    private void address(Mbuf m, int at, int size) {
        for (int i = 0; i < size; i += size == 4 ? 1 : 2) {
            if (i > 0) {
                text[length++] = (byte) (size == 4 ? '.' : ':');
            }
            if (size == 4) {
                number(m.getByte(at + i) & 0xff);
            } else {
                hex(m.getShort(at + i) & 0xffff, 4);
            }
        }
    }

    private void mac(Mbuf m, int at) {
        for (int i = 0; i < 6; i++) {
            if (i > 0) {
                text[length++] = ':';
            }
            hex(m.getByte(at + i) & 0xff, 2);
        }
    }

    private void hex(int value, int digits) {
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            text[length++] = HEX[value >>> shift & 15];
        }
    }

    private void number(int value) {
        int divisor = 1;
        while (value / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            text[length++] = (byte) ('0' + value / divisor % 10);
        }
    }

    private void put(byte[] part) {
        System.arraycopy(part, 0, text, length, part.length);
        length += part.length;
    }
}
