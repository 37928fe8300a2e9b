package dev.penstock.threads;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class UninterruptedTest {
    @Test
    void shouldWaitForTheThreadAndKeepTheInterrupt() {
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread waiter = Thread.currentThread();
        Thread thread = Thread.ofPlatform().start(() -> {
            waiter.interrupt();
            interrupted.countDown();
        });
        Uninterrupted.await(interrupted::await);
        Uninterrupted.join(thread);
        assertFalse(thread.isAlive());
        assertTrue(Thread.interrupted(), "the interrupt was lost");
    }

    @Test
    void shouldLeaveAThreadThatNobodyInterruptedAlone() {
        Uninterrupted.join(Thread.ofPlatform().start(() -> {}));
        assertFalse(Thread.interrupted());
    }

    @Test
    void shouldNotWaitForAThreadThatWasNeverStarted() {
        Thread thread = Thread.ofPlatform().unstarted(() -> {});
        Uninterrupted.join(thread);
        assertFalse(thread.isAlive());
    }
}
