package dev.penstock.testkit;

import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Builds frames as byte arrays, from the inside out: each method puts a header before a payload and fills in lengths
 * and checksums with the simplest code there is, independent of the product's.
 *
 * <p>{@code ethernet(A, B, 0x0800, udp4(src, dst, 1, 2, payload))} is a whole frame.
 */
public final class Frames {
    private Frames() {}

    /** Joins arrays. */
    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** The lower bytes of a number, highest first. */
    public static byte[] number(long value, int bytes) {
        byte[] b = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            b[i] = (byte) (value >>> 8 * (bytes - 1 - i));
        }
        return b;
    }

    /** Bytes given as numbers. */
    public static byte[] bytes(int... values) {
        byte[] b = new byte[values.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) values[i];
        }
        return b;
    }

    private static void put16(byte[] b, int at, int value) {
        b[at] = (byte) (value >>> 8);
        b[at + 1] = (byte) value;
    }

    /** The Internet checksum, word by word (RFC 1071). */
    public static int checksum(byte[]... parts) {
        byte[] b = join(parts);
        int sum = 0;
        for (int i = 0; i < b.length; i += 2) {
            sum += (b[i] & 0xff) << 8 | (i + 1 < b.length ? b[i + 1] & 0xff : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    /** A frame; addresses in the lower 48 bits. */
    public static byte[] ethernet(long dst, long src, int type, byte[] payload) {
        return join(number(dst, 6), number(src, 6), number(type, 2), payload);
    }

    /** A VLAN tag, of which the type before it is 0x8100 or 0x88a8, and what follows. */
    public static byte[] vlan(int tci, int type, byte[] payload) {
        return join(number(tci, 2), number(type, 2), payload);
    }

    /** An MPLS entry and what follows. */
    public static byte[] mpls(int label, boolean bottom, byte[] payload) {
        return join(number((long) label << 12 | (bottom ? 0x100 : 0) | 64, 4), payload);
    }

    /** An ARP message: 1 asks, 2 answers. */
    public static byte[] arp(int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
        return join(number(0x0001_0800_0604L, 6), number(operation, 2), number(senderMac, 6), number(senderIp, 4),
                number(targetMac, 6), number(targetIp, 4));
    }

    /** An IPv4 packet without options. */
    public static byte[] ipv4(int src, int dst, int protocol, byte[] payload) {
        return ipv4(src, dst, protocol, 0, new byte[0], payload);
    }

    /** An IPv4 packet with fragment flags and offset, and options, a multiple of four bytes. */
    public static byte[] ipv4(int src, int dst, int protocol, int fragment, byte[] options, byte[] payload) {
        int headerLength = 20 + options.length;
        byte[] header = join(bytes(0x40 | headerLength / 4, 0), number(headerLength + payload.length, 2), number(1, 2),
                number(fragment, 2), bytes(64, protocol), number(0, 2), number(src, 4), number(dst, 4), options);
        put16(header, 10, checksum(header));
        return join(header, payload);
    }

    /** An IPv6 packet; addresses of 16 bytes. */
    public static byte[] ipv6(byte[] src, byte[] dst, int nextHeader, byte[] payload) {
        return join(number(0x6000_0000L, 4), number(payload.length, 2), bytes(nextHeader, 64), src, dst, payload);
    }

    /** An address in 2001:db8::/32. */
    public static byte[] ipv6Address(int host) {
        return join(number(0x2001_0db8L, 4), new byte[8], number(host, 4));
    }

    /** Hop-by-hop or destination options, or a routing header, of (1 + words) * 8 bytes. */
    public static byte[] extension(int nextHeader, int words, byte[] payload) {
        byte[] header = new byte[8 + 8 * words];
        header[0] = (byte) nextHeader;
        header[1] = (byte) words;
        header[2] = 1;
        header[3] = (byte) Math.min(255, header.length - 4);
        return join(header, payload);
    }

    /** An IPv6 fragment header and what follows. */
    public static byte[] fragment(int nextHeader, int offsetAndFlag, byte[] payload) {
        return join(bytes(nextHeader, 0), number(offsetAndFlag, 2), number(7, 4), payload);
    }

    /** An authentication header with an integrity check value of 12 bytes, and what follows. */
    public static byte[] ah(int nextHeader, byte[] payload) {
        return join(bytes(nextHeader, 4), new byte[2], number(0x1234, 4), number(1, 4), new byte[12], payload);
    }

    private static byte[] sealed(byte[] message, int field, byte[] pseudo) {
        int checksum = checksum(pseudo, message);
        put16(message, field, checksum);
        return message;
    }

    private static byte[] pseudo(byte[] src, byte[] dst, int protocol, int length) {
        return src.length == 4 ? join(src, dst, bytes(0, protocol), number(length, 2))
                : join(src, dst, number(length, 4), bytes(0, 0, 0, protocol));
    }

    /** A UDP datagram; addresses of 4 or 16 bytes are those of its pseudo-header. */
    public static byte[] udp(byte[] src, byte[] dst, int srcPort, int dstPort, byte[] payload) {
        byte[] datagram = join(number(srcPort, 2), number(dstPort, 2), number(8 + payload.length, 2), new byte[2], payload);
        sealed(datagram, 6, pseudo(src, dst, 17, datagram.length));
        if (datagram[6] == 0 && datagram[7] == 0) {
            put16(datagram, 6, 0xffff);
        }
        return datagram;
    }

    /** An IPv4 packet without options that carries a UDP datagram. */
    public static byte[] udp4(int src, int dst, int srcPort, int dstPort, byte[] payload) {
        return ipv4(src, dst, 17, udp(number(src, 4), number(dst, 4), srcPort, dstPort, payload));
    }

    /** A TCP segment with options, a multiple of four bytes. */
    public static byte[] tcp(byte[] src, byte[] dst, int srcPort, int dstPort, int flags, byte[] options, byte[] payload) {
        byte[] segment = join(number(srcPort, 2), number(dstPort, 2), number(1000, 4), number(2000, 4),
                bytes((20 + options.length) / 4 << 4, flags), number(65_000, 2), new byte[4], options, payload);
        return sealed(segment, 16, pseudo(src, dst, 6, segment.length));
    }

    /** An ICMP message. */
    public static byte[] icmp(int type, int id, int seq, byte[] payload) {
        return sealed(join(bytes(type, 0, 0, 0), number(id, 2), number(seq, 2), payload), 2, new byte[0]);
    }

    /** An ICMPv6 message. */
    public static byte[] icmpv6(byte[] src, byte[] dst, int type, byte[] body) {
        byte[] message = join(bytes(type, 0, 0, 0), body);
        return sealed(message, 2, pseudo(src, dst, 58, message.length));
    }

    /** An SCTP packet with one chunk of data. */
    public static byte[] sctp(int srcPort, int dstPort, byte[] payload) {
        byte[] padded = Arrays.copyOf(payload, payload.length + 3 & ~3);
        byte[] packet = join(number(srcPort, 2), number(dstPort, 2), number(7, 4), new byte[4], bytes(0, 3),
                number(16 + payload.length, 2), number(1, 4), new byte[8], padded);
        CRC32C crc = new CRC32C();
        crc.update(packet);
        System.arraycopy(number(Integer.reverseBytes((int) crc.getValue()), 4), 0, packet, 8, 4);
        return packet;
    }

    /** A GRE header, with a key if asked for, and what follows. */
    public static byte[] gre(int protocol, boolean key, byte[] payload) {
        return key ? join(number(0x2000, 2), number(protocol, 2), number(42, 4), payload)
                : join(number(0, 2), number(protocol, 2), payload);
    }

    /** A VXLAN header and the frame in it. */
    public static byte[] vxlan(int vni, byte[] frame) {
        return join(number(0x0800_0000L, 4), number((long) vni << 8, 4), frame);
    }

    /** A Geneve header with options, a multiple of four bytes, and what follows. */
    public static byte[] geneve(int protocol, int vni, byte[] options, byte[] payload) {
        return join(bytes(options.length / 4, 0), number(protocol, 2), number((long) vni << 8, 4), options, payload);
    }

    /** A GTP-U message that carries a packet, with a sequence number if asked for. */
    public static byte[] gtpU(int teid, boolean sequence, byte[] packet) {
        return sequence ? join(bytes(0x32, 255), number(packet.length + 4, 2), number(teid, 4), new byte[4], packet)
                : join(bytes(0x30, 255), number(packet.length, 2), number(teid, 4), packet);
    }
}
