package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a peer that shares an eventfd can't do to who signals it or takes its count. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EventFdTest {
    @Test
    void shouldCountEachSignalOfSeveralThreads() throws InterruptedException {
        int each = 5000;
        try (EventFd events = new EventFd()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int k = 0; k < each; k++) {
                        assertEquals(0, events.signal());
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(3 * each, events.take());
            assertEquals(0, events.take());
        }
    }

    @Test
    void shouldNotWaitForAFullCounter() {
        try (EventFd events = new EventFd(); Arena arena = Arena.ofConfined()) {
            assertEquals(8, events.fd().write(arena.allocateFrom(ValueLayout.JAVA_LONG, -2L), 8));
            events.fd().nonBlocking(false);
            for (int i = 0; i < 1000; i++) {
                assertEquals(0, events.signal());
            }
            events.take();
            assertEquals(0, events.signal());
            assertEquals(1, events.take());
        }
    }

    @Test
    void shouldNotWaitForACounterThatAnotherOneTook() {
        try (EventFd events = new EventFd()) {
            events.fd().nonBlocking(false);
            assertEquals(0, events.take());
        }
    }

    @Test
    void shouldSayWhatIsWrong() {
        EventFd events = new EventFd();
        events.close();
        assertEquals(-Errno.EBADF, events.take());
    }
}
