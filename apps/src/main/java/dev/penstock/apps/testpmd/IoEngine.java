package dev.penstock.apps.testpmd;

/** Forwards packets as they are. */
final class IoEngine extends Engine {
    @Override
    int forward(Stream s) {
        int n = s.receive();
        if (n != 0) {
            s.send(n);
        }
        return n;
    }
}
