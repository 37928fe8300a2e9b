package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ethernet;

/** Exchanges source and destination Ethernet address. */
final class MacSwapEngine extends Engine {
    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            Mbuf[] packets = s.packets;
            for (int i = 0; i < n; i++) {
                swap(packets[i]);
            }
            TxFlags.put(s, n);
            s.send(n);
        }
        return n;
    }

    /** A frame too short for its addresses passes as it is. */
    static void swap(Mbuf m) {
        if (m.dataLen() >= Ethernet.LENGTH) {
            m.swapMacs();
        }
    }
}
