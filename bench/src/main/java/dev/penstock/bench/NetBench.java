package dev.penstock.bench;

import dev.penstock.eal.Clock;
import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.Checksum;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import java.util.LinkedHashMap;
import java.util.Map;

/** The network headers' work on one packet: sums as cksum_perf_autotest makes them, and what csum does besides. */
final class NetBench {
    private static final int[] BLOCKS = {20, 21, 100, 101, 1500, 1501};
    private static final int PACKETS = 32;
    private static final int WARM_UPS = 5;
    private static final int LAPS = 1 << 13;

    private long sink;

    private NetBench() {}

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

    /** Something done with one packet, of which something comes. */
    private interface Work {
        int on(Mbuf m);
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
            rows.put("checksum, aligned, " + bytes + " bytes", cycles(packets, m -> Checksum.raw(m, 0, bytes)));
            rows.put("checksum, unaligned, " + bytes + " bytes", cycles(packets, m -> Checksum.raw(m, 1, bytes)));
        }
        rows.put("IPv4 header checksum", cycles(packets, m -> Checksum.ipv4(m, 14)));
        for (int frame : new int[] {60, 1514}) {
            for (int i = 0; i < PACKETS; i++) {
                packets[i].dataLen(frame);
                packets[i].pktLen(frame);
                packets[i].write(0, Traffic.frame(frame, i), 0, frame);
            }
            rows.put("UDP checksum, " + (frame + Tester.CRC) + " B", cycles(packets, m -> Checksum.udpTcpIpv4(m, 14, 34)));
        }
        PacketLengths lengths = new PacketLengths();
        rows.put("packet type and header lengths, UDP over IPv4", cycles(packets, m -> PacketType.parse(m, lengths)));
        if (PacketType.parse(packets[0], lengths) != (PacketType.L2_ETHER | PacketType.L3_IPV4 | PacketType.L4_UDP)) {
            throw new IllegalStateException("not parsed as what it is: " + Integer.toHexString(PacketType.parse(packets[0], lengths)));
        }
        Mbuf.freeBulk(packets, 0, PACKETS);
        return rows;
    }

    private double cycles(Mbuf[] packets, Work work) {
        long ns = Long.MAX_VALUE;
        for (int i = 0; i < WARM_UPS; i++) {
            long start = System.nanoTime();
            for (int lap = 0; lap < LAPS; lap++) {
                sink += lap(packets, work);
            }
            ns = Math.min(ns, System.nanoTime() - start);
        }
        return ns * (Clock.hz() / 1e9) / LAPS / PACKETS;
    }

    private static long lap(Mbuf[] packets, Work work) {
        long sum = 0;
        for (Mbuf m : packets) {
            sum += work.on(m);
        }
        return sum;
    }
}
