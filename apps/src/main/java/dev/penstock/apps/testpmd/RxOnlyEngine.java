package dev.penstock.apps.testpmd;

import dev.penstock.mbuf.Mbuf;

/** Receives packets and frees them. */
final class RxOnlyEngine extends Engine {
    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            s.consumed += n;
            Mbuf.freeBulk(s.packets, 0, n);
        }
        return n;
    }
}
