package dev.penstock.apps.l3fwd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Address;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The five fields that exact match and ACL look at, one key behind the other: addresses, then both ports in one word,
 * then the protocol. As in DPDK the ports are the four bytes behind the IP header, whatever the protocol; 0 where the
 * packet's first segment ends before them.
 */
final class FlowKeys {
    /** Bytes of an IPv4 key: source, destination, ports, protocol. */
    static final int IPV4 = 16;
    /** Bytes of an IPv6 key: source, destination, ports, protocol. */
    static final int IPV6 = 40;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int IP = Lookup.IP;

    private FlowKeys() {}

    /** Writes an IPv4 packet's key. */
    static void ipv4(Mbuf m, byte[] keys, int at) {
        LONG.set(keys, at, m.getLong(IP + Ipv4.SRC));
        int l4 = IP + (m.getByte(IP) & 0xf) * 4;
        INT.set(keys, at + 8, ports(m, l4));
        INT.set(keys, at + 12, m.getByte(IP + Ipv4.PROTOCOL) & 0xff);
    }

    /** Writes an IPv6 packet's key. */
    static void ipv6(Mbuf m, byte[] keys, int at) {
        LONG.set(keys, at, m.getLong(IP + Ipv6.SRC_HIGH));
        LONG.set(keys, at + 8, m.getLong(IP + Ipv6.SRC_LOW));
        LONG.set(keys, at + 16, m.getLong(IP + Ipv6.DST_HIGH));
        LONG.set(keys, at + 24, m.getLong(IP + Ipv6.DST_LOW));
        INT.set(keys, at + 32, ports(m, IP + Ipv6.LENGTH));
        INT.set(keys, at + 36, m.getByte(IP + Ipv6.NEXT_HEADER) & 0xff);
    }

    private static int ports(Mbuf m, int at) {
        return m.dataLen() >= at + 4 ? m.getInt(at) : 0;
    }

    /** The IPv4 key of a rule. */
    static byte[] ipv4(int src, int dst, int srcPort, int dstPort, int protocol) {
        byte[] key = new byte[IPV4];
        INT.set(key, 0, src);
        INT.set(key, 4, dst);
        INT.set(key, 8, srcPort << 16 | dstPort);
        INT.set(key, 12, protocol);
        return key;
    }

    /** The IPv6 key of a rule. */
    static byte[] ipv6(Ipv6Address src, Ipv6Address dst, int srcPort, int dstPort, int protocol) {
        byte[] key = new byte[IPV6];
        LONG.set(key, 0, src.high());
        LONG.set(key, 8, src.low());
        LONG.set(key, 16, dst.high());
        LONG.set(key, 24, dst.low());
        INT.set(key, 32, srcPort << 16 | dstPort);
        INT.set(key, 36, protocol);
        return key;
    }
}
