package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.Ethernet;

/** Writes the peer's address as destination and the sending port's as source. */
final class MacEngine extends Engine {
    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            long dst = s.dstMac;
            long src = s.srcMac;
            for (int i = 0; i < n; i++) {
                address(s.packets[i], dst, src);
            }
            TxFlags.put(s, n);
            s.send(n);
        }
        return n;
    }

    /** A frame too short for its addresses passes as it is. */
    static void address(Mbuf m, long dst, long src) {
        if (m.dataLen() >= Ethernet.LENGTH) {
            m.putAddresses(dst, src);
        }
    }
}
