package dev.penstock.drivers.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.linux.EventFd;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A sender and a receiver that falls asleep at the same moment: one of the two sees the other. */
class MemifWakeTest {
    private static final int ROUNDS = 100_000;
    private static final int LOG2_SIZE = 4;
    private static final int BUFFER_BYTES = 256;

    /**
     * The sender moved the index and read at once whether the receiver sleeps, when its processor had not shown the index to anybody yet.
     * Of some 30,000 sleeps that began with a packet one was not ended by it.
     */
    @Test
    @Timeout(120)
    void shouldNeverMissAReceiverThatFallsAsleep() throws InterruptedException {
        try (MemifPair pair = new MemifPair(); EventFd wake = new EventFd(); Arena arena = Arena.ofShared()) {
            long ringBytes = MemifRing.bytes(LOG2_SIZE);
            MemorySegment memory = arena.allocate(ringBytes + (BUFFER_BYTES << LOG2_SIZE), 64);
            MemifRing ring = new MemifRing(memory.asSlice(0, ringBytes), LOG2_SIZE);
            MemifTxQueue tx = new MemifTxQueue();
            MemifRxQueue rx = new MemifRxQueue(pair.pool, 0);
            tx.queue.attach(ring, memory, wake, ringBytes, BUFFER_BYTES, null);
            rx.queue.attach(ring, new MemorySegment[] {memory}, false, wake);
            ring.polled(true);
            AtomicInteger arrived = new AtomicInteger();
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                Mbuf[] one = new Mbuf[1];
                for (int round = 0; round < ROUNDS; round++) {
                    one[0] = pair.pool.alloc();
                    one[0].append(60);
                    meet(arrived, 4 * round + 2);
                    for (int i = round & 63; i > 0; i--) {
                        Thread.onSpinWait();
                    }
                    tx.transmit(one, 0, 1);
                    meet(arrived, 4 * round + 4);
                }
            });
            Mbuf[] one = new Mbuf[1];
            int missed = 0;
            for (int round = 0; round < ROUNDS; round++) {
                meet(arrived, 4 * round + 2);
                rx.enableInterrupt();
                int found = rx.waiting();
                meet(arrived, 4 * round + 4);
                missed += found == 0 && wake.take() == 0 ? 1 : 0;
                rx.disableInterrupt();
                assertEquals(1, rx.receive(one, 1));
                one[0].free();
            }
            sender.join();
            rx.close();
            assertEquals(0, missed, "so often the packet was not seen, and the receiver not woken");
        }
    }

    private static void meet(AtomicInteger arrived, int wanted) {
        arrived.incrementAndGet();
        for (int spins = 0; arrived.get() < wanted; spins++) {
            if (spins < 1000) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }
}
