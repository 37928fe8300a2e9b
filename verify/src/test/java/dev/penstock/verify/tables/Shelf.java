package dev.penstock.verify.tables;

import dev.penstock.rcu.Qsbr;

/** One slot that a writer takes off and uses again, and one reader who is online. */
final class Shelf {
    private static final int OLD = 1;
    private static final int REUSED = 9;

    final Qsbr qsbr = new Qsbr(1);
    private volatile boolean linked = true;
    /** Plain on purpose: only the grace period keeps the reader from the new content. */
    private int content = OLD;

    Shelf() {
        qsbr.register(0);
        qsbr.online(0);
    }

    /** 0 when it was taken off, else what the reader finds when it goes on, after others have run. */
    int read() {
        if (!linked) {
            return 0;
        }
        Thread.yield();
        return content;
    }

    void takeOff() {
        linked = false;
    }

    void useAgain() {
        content = REUSED;
    }
}
