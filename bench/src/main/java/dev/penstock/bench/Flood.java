package dev.penstock.bench;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.BpfCode;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.XdpProgram;
import dev.penstock.testkit.NetNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A generator inside the kernel, for ports that a program of ours or of DPDK's takes frames from with XDP: it sends one
 * frame as often as its processor can, without a socket or a buffer to be made for each (Linux 5.18). Programs that send
 * are slower than the ports that are to be measured. It stands still until it is told to begin.
 */
final class Flood implements AutoCloseable {
    /** Some 12 ms, and two, three and four times as much: calls of one length end at one time. */
    private static final int TIMES = 50_000;
    /** Between two calls the kernel pauses, for some 30 ms; others on the same processor go on meanwhile. */
    private static final int THREADS = 4;

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger sending = new AtomicInteger();
    private volatile boolean on;
    private volatile boolean stop;
    private volatile RuntimeException failure;

    Flood(NetNamespace space, String device, int cpu, int bytes) {
        for (int i = 0; i < THREADS; i++) {
            int times = (i + 1) * TIMES;
            Thread thread = new Thread(() -> {
                try {
                    space.within(() -> {
                        send(device, cpu, bytes, times);
                        return null;
                    });
                } catch (RuntimeException e) {
                    failure = e;
                }
            }, "flood" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void send(String device, int cpu, int bytes, int times) {
        Affinity.pin(cpu);
        try (NetInterface netif = new NetInterface(device);
                XdpProgram program = new XdpProgram(new BpfCode().set(1, netif.index()).set(2, 0).call(XdpProgram.REDIRECT).exit(),
                        "penstock_flood", false)) {
            byte[] frame = Traffic.frame(bytes, 0);
            while (!stop) {
                sending.getAndIncrement();
                try {
                    if (on) {
                        program.send(frame, times);
                    }
                } finally {
                    sending.getAndDecrement();
                }
                if (!on) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }
    }

    /** Begins to send, or goes on. */
    void resume() {
        on = true;
    }

    /** Waits until nothing is sent any more, and throws what ended it, if it has ended. */
    void pause() throws InterruptedException {
        on = false;
        while (sending.get() > 0) {
            Thread.sleep(1);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Waits for the last call's end. */
    @Override
    public void close() {
        on = false;
        stop = true;
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
