package dev.penstock.bench;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The network headers' work on one packet: sums as cksum_perf_autotest makes them, and what csum does besides. */
final class NetBench {
    private static final int[] BLOCKS = {20, 21, 100, 101, 1500, 1501};
    private static final int PACKETS = 32;
    private static final int WARM_UPS = 30;
    private static final int ROUNDS = 9;
    private static final int LAPS = 1 << 13;

    private long sink;

    private NetBench() {}

    /** @return the names of the rows */
    static List<String> names() {
        List<String> rows = new ArrayList<>();
        for (int bytes : BLOCKS) {
            rows.addAll(List.of("checksum, aligned, " + bytes + " bytes", "checksum, unaligned, " + bytes + " bytes"));
        }
        rows.addAll(List.of("IPv4 header checksum", "UDP checksum, 64 B", "UDP checksum, 1518 B", "packet type and header lengths, UDP over IPv4"));
        return rows;
    }

    /**
     * Measures every row.
     *
     * @return cycles, by row
     */
    static Map<String, Double> rows() {
        try (Eal eal = Eal.start("--in-memory", "--no-huge", "--no-telemetry", "--log-level", "error")) {
            MbufPool pool = MbufPool.create(eal, "net", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            return new NetBench().measure(pool);
        }
    }

    /** Something done with each packet, of which something comes. A loop of its own, as DPDK's has the work inlined. */
    private interface Lap {
        long over(Mbuf[] packets);
    }

    private Map<String, Double> measure(MbufPool pool) {
        Map<String, Double> rows = new LinkedHashMap<>();
        Mbuf[] packets = new Mbuf[PACKETS];
        pool.allocBulk(packets, 0, PACKETS);
        for (int i = 0; i < PACKETS; i++) {
            packets[i].append(1518);
            packets[i].write(0, Traffic.frame(1514, i), 0, 1514);
        }
        for (int bytes : BLOCKS) {
            rows.put("checksum, aligned, " + bytes + " bytes", cycles(packets, p -> sums(p, 0, bytes)));
            rows.put("checksum, unaligned, " + bytes + " bytes", cycles(packets, p -> sums(p, 1, bytes)));
        }
        rows.put("IPv4 header checksum", cycles(packets, NetBench::headers));
        for (int frame : new int[] {60, 1514}) {
            for (int i = 0; i < PACKETS; i++) {
                packets[i].dataLen(frame);
                packets[i].pktLen(frame);
                packets[i].write(0, Traffic.frame(frame, i), 0, frame);
            }
            rows.put("UDP checksum, " + (frame + Tester.CRC) + " B", cycles(packets, NetBench::datagrams));
        }
        PacketLengths lengths = new PacketLengths();
        rows.put("packet type and header lengths, UDP over IPv4", cycles(packets, p -> types(p, lengths)));
        if (PacketType.parse(packets[0], lengths) != (PacketType.L2_ETHER | PacketType.L3_IPV4 | PacketType.L4_UDP)) {
            throw new IllegalStateException("not parsed as what it is: " + Integer.toHexString(PacketType.parse(packets[0], lengths)));
        }
        Mbuf.freeBulk(packets, 0, PACKETS);
        return rows;
    }

    private static long sums(Mbuf[] packets, int offset, int bytes) {
        long sum = 0;
        for (Mbuf m : packets) {
            sum += Checksum.raw(m, offset, bytes);
        }
        return sum;
    }

    private static long headers(Mbuf[] packets) {
        long sum = 0;
        for (Mbuf m : packets) {
            sum += Checksum.ipv4(m, Ethernet.LENGTH);
        }
        return sum;
    }

    private static long datagrams(Mbuf[] packets) {
        long sum = 0;
        for (Mbuf m : packets) {
            sum += Checksum.udpTcpIpv4(m, Ethernet.LENGTH, Ethernet.LENGTH + Ipv4.LENGTH);
        }
        return sum;
    }

    private static long types(Mbuf[] packets, PacketLengths lengths) {
        long sum = 0;
        for (Mbuf m : packets) {
            sum += PacketType.parse(m, lengths);
        }
        return sum;
    }

    private double cycles(Mbuf[] packets, Lap work) {
        long[] ns = new long[ROUNDS];
        for (int i = -WARM_UPS; i < ROUNDS; i++) {
            long start = System.nanoTime();
            for (int lap = 0; lap < LAPS; lap++) {
                sink += work.over(packets);
            }
            ns[Math.max(i, 0)] = System.nanoTime() - start;
        }
        Arrays.sort(ns);
        return ns[ROUNDS / 2] * (Clock.hz() / 1e9) / LAPS / PACKETS;
    }
}
