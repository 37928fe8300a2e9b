package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.virtqueue.Feature;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who falls asleep on a queue, or looks at it all the time, misses nothing that the control thread does. */
@EnabledOnOs(OS.LINUX)
@Timeout(90)
class VringWakeTest {
    private long looks;
    private long others;

    /** A guest that has sent before its queue runs, as one that moved here, does not kick again. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED, Feature.EVENT_IDX})
    void shouldWakeWhoSleepsWhenAQueueBeginsInWhichSomethingWaits(long more) {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES)) {
            f.negotiate(Feature.VERSION_1 | more);
            assertTrue(f.tell(VhostRequest.SET_MEM_TABLE, List.of(f.file), 1, f.guestAddress(0), FrontEnd.BYTES, f.userAddress(0), 0));
            f.send(1, 60);
            EventFd wake = f.backend.interruptFd(0);
            f.setUpQueue(1, 0, FrontEnd.APART);
            // the kick that is watched now wakes once
            assertTrue(wake.fd().poll(Epoll.EPOLLIN, 10_000) > 0);
            LockSupport.parkNanos(100_000_000);
            wake.take();
            f.backend.vring(1).interrupts(true);
            assertEquals(0, f.backend.vring(1).waiting());
            assertTrue(f.tell(VhostRequest.SET_VRING_ENABLE, 1 | 1L << 32));
            assertTrue(wake.fd().poll(Epoll.EPOLLIN, 20_000) > 0, "nobody is woken for what is there");
            assertEquals(1, f.take());
        }
    }

    /** It said that nothing was there, and who had asked before it fell asleep slept. */
    @Test
    void shouldSayWhatWaitsAlsoWhileTheControlThreadIsInside() throws InterruptedException {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES).run(Feature.VERSION_1)) {
            f.send(1, 60);
            Vring vring = f.backend.vring(1);
            CountDownLatch inside = new CountDownLatch(1);
            Thread control = Thread.ofPlatform().start(() -> {
                vring.enter();
                inside.countDown();
                LockSupport.parkNanos(200_000_000);
                vring.exit();
            });
            inside.await();
            assertEquals(1, vring.waiting());
            control.join();
            assertEquals(1, f.take());
        }
    }

    /** The JIT may read a field that is not volatile but once in such a loop. */
    @Test
    void shouldShowThatItRunsToWhoLooksAllTheTime() throws InterruptedException {
        try (FrontEnd f = new FrontEnd(VhostConfig.FEATURES)) {
            VhostBackend backend = f.backend;
            Vring vring = backend.vring(1);
            Thread first = Thread.ofPlatform().daemon().start(() -> {
                while (!backend.isUp()) {
                    looks++;
                }
            });
            Thread second = Thread.ofPlatform().daemon().start(() -> {
                while (!vring.isRunning()) {
                    others++;
                }
            });
            // for longer than it takes until that is compiled
            LockSupport.parkNanos(1_000_000_000);
            f.run(Feature.VERSION_1);
            first.join(20_000);
            second.join(20_000);
            assertFalse(first.isAlive(), "it does not see that the port is up");
            assertFalse(second.isAlive(), "it does not see that the queue runs");
        }
    }
}
