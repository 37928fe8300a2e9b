package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;

/** Sends UDP packets of many flows, the destination address counting up, and frees what it receives. */
final class FlowGenEngine extends Engine {
    private static final int SRC_IP = 10 << 24 | 254 << 16;
    private static final int DST_IP = 10 << 24 | 253 << 16;
    private static final int FCS = 4;

    private final UdpTemplate template = new UdpTemplate(0x0001_0203_0401L, 0x0001_0203_0400L, 1000, 1001);
    private final int frame;
    private final int flows;
    private final int clones;
    private int next;

    FlowGenEngine(Settings s) {
        frame = Math.clamp(s.txLength() - FCS, UdpTemplate.LENGTH, s.mbufSizes.get(0));
        flows = s.flows;
        clones = s.flowClones;
    }

    @Override
    int forward(Stream s) {
        int received = s.receive();
        if (received != 0) {
            s.consumed += received;
            Mbuf.freeBulk(s.packets, 0, received);
        }
        int n = clones == 0 ? fill(s) : fillWithClones(s);
        if (n != 0) {
            s.generated += n;
            TxFlags.put(s, n);
            int sent = s.send(n);
            next = Math.floorMod(next - (n - sent), flows);
        }
        return n;
    }

    private int fill(Stream s) {
        int n = s.burst;
        if (!s.pool.allocBulk(s.packets, 0, n)) {
            n = 0;
            while (n < s.burst && (s.packets[n] = s.pool.alloc()) != null) {
                n++;
            }
        }
        for (int i = 0; i < n; i++) {
            write(s.packets[i]);
        }
        return n;
    }

    /** Each packet is sent several times, as one with several owners. */
    private int fillWithClones(Stream s) {
        int left = 0;
        Mbuf m = null;
        for (int n = 0; n < s.burst; n++) {
            if (left == 0) {
                m = s.pool.alloc();
                if (m == null) {
                    return n;
                }
                write(m);
                left = Math.min(clones, s.burst);
            } else {
                left--;
                m.refCntUpdate(1);
                step();
            }
            s.packets[n] = m;
        }
        return s.burst;
    }

    private void write(Mbuf m) {
        makeRoom(m, frame);
        m.dataLen(frame);
        m.pktLen(frame);
        template.write(m, frame, SRC_IP, DST_IP + next);
        step();
    }

    private void step() {
        if (++next >= flows) {
            next = 0;
        }
    }
}
