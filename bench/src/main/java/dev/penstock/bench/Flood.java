package dev.penstock.bench;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.BpfCode;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.XdpProgram;
import dev.penstock.testkit.NetNamespace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A generator inside the kernel, for ports that a program of ours or of DPDK's takes frames from with XDP: it sends one
 * frame as often as its processor can, without a socket or a buffer to be made for each (Linux 5.18). Programs that send
 * are slower than the ports that are to be measured.
 */
final class Flood implements AutoCloseable {
    /** About half a second's. */
    private static final int TIMES = 2_000_000;
    /** Between two calls the kernel pauses, for a fifteenth of the time; another thread on the same processor goes on meanwhile. */
    private static final int THREADS = 2;

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stop;
    private volatile RuntimeException failure;

    Flood(NetNamespace space, String device, int cpu, int bytes) {
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> {
                try {
                    space.within(() -> {
                        send(device, cpu, bytes);
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

    private void send(String device, int cpu, int bytes) {
        Affinity.pin(cpu);
        try (NetInterface netif = new NetInterface(device);
                XdpProgram program = new XdpProgram(new BpfCode().set(1, netif.index()).set(2, 0).call(XdpProgram.REDIRECT).exit(),
                        "penstock_flood", false)) {
            byte[] frame = frame(bytes);
            while (!stop) {
                program.send(frame, TIMES);
            }
        }
    }

    /** A UDP datagram between addresses that are set aside for measurements (RFC 2544), to a station that is not there. */
    static byte[] frame(int bytes) {
        ByteBuffer b = ByteBuffer.allocate(bytes);
        b.putLong(0, 0x0200_0000_0002_0200L).putInt(8, 0x0000_0001);
        b.putLong(12, 0x0800_4500_0000_0000L | (long) (bytes - 14) << 16).putLong(20, 0x0000_4011_0000_c612L);
        b.putLong(28, 0x0001_c613_0001_0400L).putShort(36, (short) 9).putShort(38, (short) (bytes - 34));
        return b.array();
    }

    /** Throws what ended it, if it has ended. */
    void check() {
        if (failure != null) {
            throw failure;
        }
    }

    /** Waits for the last call's end. */
    @Override
    public void close() {
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
