package dev.penstock.drivers.vhost;

import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.Mbuf;

/** Answers ARP and ping on a port, for one address, in a thread of its own; what it can't send it frees. */
final class Echo implements AutoCloseable {
    private static final int OUR_ADDRESS = 0xc6120001;
    private static final long OUR_MAC = 0x0200_0000_00ffL;

    private final Port port;
    private final int queues;
    private final Thread thread;
    private volatile boolean ending;
    volatile long answered;

    Echo(Port port, int queues) {
        this.port = port;
        this.queues = queues;
        thread = Thread.ofPlatform().name("echo").start(this::loop);
    }

    private void loop() {
        Mbuf[] burst = new Mbuf[32];
        while (!ending) {
            int all = 0;
            for (int q = 0; q < queues; q++) {
                int n = port.rxBurst(q, burst, 32);
                all += n;
                int kept = 0;
                for (int i = 0; i < n; i++) {
                    if (answer(burst[i])) {
                        burst[kept++] = burst[i];
                    } else {
                        burst[i].free();
                    }
                }
                int sent = port.txBurst(q, burst, 0, kept);
                answered += sent;
                Mbuf.freeBulk(burst, sent, kept - sent);
            }
            if (all == 0) {
                Thread.yield();
            }
        }
    }

    private static boolean answer(Mbuf m) {
        if (m.dataLen() < 42 || m.next() != null) {
            return false;
        }
        int type = m.getShort(12) & 0xffff;
        if (type == 0x0806 && m.getShort(20) == 1 && m.getInt(38) == OUR_ADDRESS) {
            m.putShort(20, (short) 2);
            copy(m, 22, 32, 10);
            mac(m, 22, OUR_MAC);
            m.putInt(28, OUR_ADDRESS);
        } else if (type == 0x0800 && m.getByte(14) == 0x45 && m.getByte(23) == 1 && m.getByte(34) == 8 && m.getInt(30) == OUR_ADDRESS) {
            m.putInt(30, m.getInt(26));
            m.putInt(26, OUR_ADDRESS);
            m.putByte(34, (byte) 0);
            int sum = (m.getShort(36) & 0xffff) + 0x0800;
            m.putShort(36, (short) (sum + (sum >>> 16)));
        } else {
            return false;
        }
        copy(m, 6, 0, 6);
        mac(m, 6, OUR_MAC);
        return true;
    }

    private static void copy(Mbuf m, int from, int to, int n) {
        for (int i = 0; i < n; i++) {
            m.putByte(to + i, m.getByte(from + i));
        }
    }

    private static void mac(Mbuf m, int at, long mac) {
        m.putShort(at, (short) (mac >>> 32));
        m.putInt(at + 2, (int) mac);
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
