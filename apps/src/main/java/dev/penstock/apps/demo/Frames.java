package dev.penstock.apps.demo;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Builds frames from the inside out, each method putting a header with right lengths and checksums before
 * its payload. Addresses of 4 bytes make IPv4, of 16 bytes IPv6. Fields as in RFC 791, 8200, 768, 9293,
 * 792, 4443, 9260, 2784 and 7348.
 */
final class Frames {
    static final int IPV4 = 0x0800;
    static final int ARP = 0x0806;
    static final int VLAN = 0x8100;
    static final int SERVICE_VLAN = 0x88a8;
    static final int IPV6 = 0x86dd;
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int GRE = 47;
    static final int ICMPV6 = 58;
    static final int SCTP = 132;

    static final int FIN = 1;
    static final int SYN = 2;
    static final int PSH = 8;
    static final int ACK = 16;

    private static final int MIN_FRAME = 60;

    private Frames() {}

    static byte[] ethernet(long dst, long src, int type, byte[] payload) {
        byte[] frame = ByteBuffer.allocate(Math.max(MIN_FRAME, 14 + payload.length)).put(mac(dst)).put(mac(src))
                .putShort((short) type).put(payload).array();
        return frame;
    }

    /** A tag goes before a payload, and the frame's type is then VLAN or SERVICE_VLAN. */
    static byte[] vlan(int id, int type, byte[] payload) {
        return ByteBuffer.allocate(4 + payload.length).putShort((short) id).putShort((short) type).put(payload).array();
    }

    static byte[] arp(int operation, long srcMac, byte[] src, long dstMac, byte[] dst) {
        return ByteBuffer.allocate(28).putShort((short) 1).putShort((short) IPV4).put((byte) 6).put((byte) 4)
                .putShort((short) operation).put(mac(srcMac)).put(src).put(mac(dstMac)).put(dst).array();
    }

    /** The Ethernet type of a packet between such addresses. */
    static int typeOf(byte[] address) {
        return address.length == 4 ? IPV4 : IPV6;
    }

    static byte[] ip(byte[] src, byte[] dst, int protocol, int id, byte[] payload) {
        if (src.length == 16) {
            return ByteBuffer.allocate(40 + payload.length).putInt(0x6000_0000).putShort((short) payload.length)
                    .put((byte) protocol).put((byte) (protocol == ICMPV6 ? 255 : 64)).put(src).put(dst).put(payload).array();
        }
        ByteBuffer b = ByteBuffer.allocate(20 + payload.length).putShort((short) 0x4500).putShort((short) (20 + payload.length))
                .putShort((short) id).putShort((short) 0x4000).put((byte) 64).put((byte) protocol).putShort((short) 0)
                .put(src).put(dst);
        b.putShort(10, (short) ~sum(b.array(), 20, 0));
        return b.put(payload).array();
    }

    static byte[] udp(byte[] src, byte[] dst, int srcPort, int dstPort, byte[] payload) {
        byte[] udp = ByteBuffer.allocate(8 + payload.length).putShort((short) srcPort).putShort((short) dstPort)
                .putShort((short) (8 + payload.length)).putShort((short) 0).put(payload).array();
        int checksum = ~transport(src, dst, UDP, udp) & 0xffff;
        ByteBuffer.wrap(udp).putShort(6, (short) (checksum == 0 ? 0xffff : checksum));
        return udp;
    }

    static byte[] tcp(byte[] src, byte[] dst, int srcPort, int dstPort, int sequence, int acknowledgment, int flags, byte[] payload) {
        byte[] tcp = ByteBuffer.allocate(20 + payload.length).putShort((short) srcPort).putShort((short) dstPort)
                .putInt(sequence).putInt(acknowledgment).put((byte) 0x50).put((byte) flags).putShort((short) 65535)
                .putInt(0).put(payload).array();
        ByteBuffer.wrap(tcp).putShort(16, (short) ~transport(src, dst, TCP, tcp));
        return tcp;
    }

    /** An echo request or reply, of ICMP or ICMPv6 as the addresses say. */
    static byte[] echo(byte[] src, byte[] dst, boolean reply, int id, int sequence, byte[] payload) {
        boolean six = src.length == 16;
        byte[] icmp = ByteBuffer.allocate(8 + payload.length).put((byte) (six ? reply ? 129 : 128 : reply ? 0 : 8)).put((byte) 0)
                .putShort((short) 0).putShort((short) id).putShort((short) sequence).put(payload).array();
        int sum = six ? transport(src, dst, ICMPV6, icmp) : sum(icmp, icmp.length, 0);
        ByteBuffer.wrap(icmp).putShort(2, (short) ~sum);
        return icmp;
    }

    /** A packet with one DATA chunk that holds a whole message. */
    static byte[] sctp(int srcPort, int dstPort, int tag, int tsn, byte[] payload) {
        byte[] sctp = ByteBuffer.allocate(28 + (payload.length + 3 & ~3)).putShort((short) srcPort).putShort((short) dstPort)
                .putInt(tag).putInt(0).put((byte) 0).put((byte) 3).putShort((short) (16 + payload.length)).putInt(tsn)
                .putShort((short) 1).putShort((short) tsn).putInt(0).put(payload).array();
        CRC32C crc = new CRC32C();
        crc.update(sctp);
        ByteBuffer.wrap(sctp).putInt(8, Integer.reverseBytes((int) crc.getValue()));
        return sctp;
    }

    static byte[] gre(int type, byte[] payload) {
        return ByteBuffer.allocate(4 + payload.length).putShort((short) 0).putShort((short) type).put(payload).array();
    }

    static byte[] vxlan(int network, byte[] frame) {
        return ByteBuffer.allocate(8 + frame.length).putInt(0x0800_0000).putInt(network << 8).put(frame).array();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] mac(long address) {
        return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(address).array(), 2, 8);
    }

    private static int transport(byte[] src, byte[] dst, int protocol, byte[] segment) {
        byte[] pseudo = join(src, dst, ByteBuffer.allocate(8).putInt(segment.length).putInt(protocol).array());
        return sum(segment, segment.length, sum(pseudo, pseudo.length, 0));
    }

    /** The ones' complement sum of RFC 1071. */
    private static int sum(byte[] bytes, int length, int start) {
        long sum = start;
        for (int i = 0; i < length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < length ? bytes[i + 1] & 0xff : 0);
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }
}
