package dev.penstock.apps.l3fwd;

import dev.penstock.eal.Apart;
import dev.penstock.eal.Lcore;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import java.util.Arrays;
import java.util.Objects;

/**
 * What an lcore runs: takes a burst, checks all headers, looks all destinations up together, rewrites, and sends to each
 * port what has gathered for it. Header checks are those of RFC 1812, 5.2.2, the checksum among them.
 */
final class Router implements Lcore.Task {
    static final int BURST = 32;

    private static final int IPV4_TYPE = 0x0800;
    private static final int IPV6_TYPE = 0x86dd;
    private static final int IP = Lookup.IP;
    /** After so many turns packets are sent even if they are no burst yet. */
    private static final int PATIENCE = 8;

    private final RxLine[] lines;
    /** By port number; null where a port does not forward. */
    private final TxPort[] outs;
    private final TxPort[] used;
    private final Lookup lookup;
    private final Mbuf[] burst = Apart.array(Mbuf.class, BURST);
    private final Mbuf[] packets4 = Apart.array(Mbuf.class, BURST);
    private final Mbuf[] packets6 = Apart.array(Mbuf.class, BURST);
    private final int[] destinations4 = new int[BURST];
    private final int[] words4 = new int[BURST];
    private final long[] destinations6 = new long[2 * BURST];
    private final int[] hops = new int[BURST];
    private final Headers headers = new Headers();
    private int n4;
    private int n6;

    Router(RxLine[] lines, TxPort[] outs, Lookup lookup) {
        this.lines = lines;
        this.outs = outs;
        this.lookup = lookup;
        used = Arrays.stream(outs).filter(Objects::nonNull).toArray(TxPort[]::new);
    }

    @Override
    public int run(Lcore self) {
        int turns = 0;
        while (!self.stopRequested()) {
            int most = turn();
            turns++;
            if (most < BURST || turns >= PATIENCE) {
                flush();
                turns = 0;
            }
        }
        flush();
        return 0;
    }

    /** Polls each queue once; gives the largest burst. */
    int turn() {
        int most = 0;
        for (RxLine line : lines) {
            int n = line.port.rxBurst(line.queue, burst, BURST);
            if (n > 0) {
                line.received += n;
                forward(line, n);
                most = Math.max(most, n);
            }
            if (line.kernel != null) {
                line.kernel.poll(outs[line.port.id()].buffer);
            }
        }
        return most;
    }

    /** Sends what waits. */
    void flush() {
        for (TxPort out : used) {
            out.buffer.flush();
        }
    }

    private void forward(RxLine line, int n) {
        int plain = headers.check(burst, n);
        if (plain == -1 >>> BURST - n && line.kernel == null) {
            lookup.ipv4(burst, headers.destinations, hops, n);
            send4(line, burst, headers.words, n);
        } else {
            forwardMixed(line, plain, n);
        }
    }

    private void forwardMixed(RxLine line, int plain, int n) {
        sort(line, plain, n);
        if (n4 > 0) {
            lookup.ipv4(packets4, destinations4, hops, n4);
            send4(line, packets4, words4, n4);
        }
        if (n6 > 0) {
            lookup.ipv6(packets6, destinations6, hops, n6);
            send6(line);
        }
        if (line.kernel != null) {
            line.kernel.flush();
        }
    }

    /** Sorts a burst by IP version; what has a wrong header ends here. */
    private void sort(RxLine line, int plain, int n) {
        Mbuf[] all = burst;
        n4 = 0;
        n6 = 0;
        for (int i = 0; i < n; i++) {
            Mbuf m = all[i];
            if ((plain >>> i & 1) != 0) {
                take4(line, m, headers.destinations[i], headers.words[i]);
                continue;
            }
            int length = m.dataLen();
            int type = length < IP ? 0 : m.getShort(IP - 2) & 0xffff;
            if (type == IPV4_TYPE && length >= IP + Ipv4.LENGTH) {
                sort4(line, m);
            } else if (type == IPV6_TYPE && length >= IP + Ipv6.LENGTH) {
                sort6(line, m);
            } else {
                end(line, m, type == IPV4_TYPE ? Drop.IPV4_HEADER : type == IPV6_TYPE ? Drop.IPV6_HEADER : Drop.NOT_IP);
            }
        }
    }

    /** A header with options, or one that is wrong. */
    private void sort4(RxLine line, Mbuf m) {
        int total = m.getShort(IP + Ipv4.TOTAL_LENGTH) & 0xffff;
        if (Ipv4.check(m, IP) < 0 || total < Ipv4.LENGTH || total > m.pktLen() - IP) {
            end(line, m, Drop.IPV4_HEADER);
        } else if (!Checksum.verifyIpv4(m, IP)) {
            end(line, m, Drop.IPV4_CHECKSUM);
        } else if ((m.getByte(IP + Ipv4.TTL) & 0xff) < 2 && !(line.kernel != null && line.kernel.takes(m.getInt(IP + Ipv4.DST)))) {
            end(line, m, Drop.IPV4_TTL);
        } else {
            take4(line, m, m.getInt(IP + Ipv4.DST), Headers.oneHop(Integer.reverseBytes(m.getInt(IP + Ipv4.TTL))));
        }
    }

    private void take4(RxLine line, Mbuf m, int dst, int word) {
        if (line.kernel != null && line.kernel.takes(dst)) {
            end(line, m, Drop.LOCAL);
        } else {
            packets4[n4] = m;
            words4[n4] = word;
            destinations4[n4++] = dst;
        }
    }

    private void sort6(RxLine line, Mbuf m) {
        long first = m.getLong(IP);
        long high = m.getLong(IP + Ipv6.DST_HIGH);
        long low = m.getLong(IP + Ipv6.DST_LOW);
        if (first >>> 60 != 6 || ((int) first >>> 16) > m.pktLen() - IP - Ipv6.LENGTH) {
            end(line, m, Drop.IPV6_HEADER);
        } else if (line.kernel != null && line.kernel.takes(high, low)) {
            end(line, m, Drop.LOCAL);
        } else if ((first & 0xfe) == 0) {
            end(line, m, Drop.IPV6_HOP_LIMIT);
        } else {
            packets6[n6] = m;
            destinations6[2 * n6] = high;
            destinations6[2 * n6++ + 1] = low;
        }
    }

    private void send4(RxLine line, Mbuf[] packets, int[] words, int n) {
        TxPort[] to = outs;
        int[] ports = hops;
        for (int i = 0; i < n; i++) {
            Mbuf m = packets[i];
            int hop = ports[i];
            if (hop < 0) {
                end(line, m, hop == Lookup.NO_ROUTE ? Drop.NO_ROUTE : Drop.DENIED);
            } else {
                m.putIntLittle(IP + Ipv4.TTL, words[i]);
                to[hop].send(m);
            }
        }
    }

    private void send6(RxLine line) {
        for (int i = 0; i < n6; i++) {
            Mbuf m = packets6[i];
            int hop = hops[i];
            if (hop < 0) {
                end(line, m, hop == Lookup.NO_ROUTE ? Drop.NO_ROUTE : Drop.DENIED);
            } else {
                m.putByte(IP + Ipv6.HOP_LIMIT, (byte) (m.getByte(IP + Ipv6.HOP_LIMIT) - 1));
                outs[hop].send(m);
            }
        }
    }

    /** The kernel's, or nobody's. */
    private static void end(RxLine line, Mbuf m, Drop why) {
        if (why.kernel && line.kernel != null) {
            line.kernel.give(m);
        } else {
            line.drops[why.ordinal()]++;
            m.free();
        }
    }

    RxLine[] lines() {
        return lines;
    }

    TxPort[] outs() {
        return used;
    }
}
