package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

    /** Eventfds were of no use any more, to the end of the process, once there was no descriptor for the first one's signals. */
    @Test
    void shouldSignalOnceThereAreDescriptorsAgain() throws Exception {
        assumeTrue(Aio.isSupported());
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder("sh", "-c", "ulimit -n 64 && exec \"$@\"", "sh", java.toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Short.class.getName())
                .redirectErrorStream(true).start();
        assertEquals("EMFILE, then 0 and 1", new String(process.getInputStream().readAllBytes()).strip());
    }

    /** A process whose first eventfd takes the last descriptor. */
    static final class Short {
        private Short() {}

        public static void main(String[] arguments) throws Exception {
            // what is not loaded yet can't be without descriptors
            Class.forName("dev.penstock.linux.Aio", false, Short.class.getClassLoader());
            Class.forName("dev.penstock.linux.EventFd");
            Memfd.create("loaded", 0).close();
            Errno.name((int) SyscallNumber.IO_SETUP.number());
            try {
                Fd.open("/none", Fd.O_RDONLY).close();
            } catch (LinuxException e) {
                // it is loaded as well
            }
            Deque<Fd> fillers = new ArrayDeque<>();
            String first = fill(fillers);
            fillers.pop().close();
            try {
                new EventFd().close();
                first = "not " + first;
            } catch (LinuxException e) {
                // what it had taken is free
                Fd.open("/dev/null", Fd.O_RDONLY).close();
            }
            fillers.forEach(Fd::close);
            try (EventFd events = new EventFd()) {
                System.out.println(first + ", then " + events.signal() + " and " + events.take());
            }
        }

        private static String fill(Deque<Fd> fillers) {
            try {
                while (true) {
                    fillers.push(Fd.open("/dev/null", Fd.O_RDONLY));
                }
            } catch (LinuxException e) {
                return Errno.name(e.errno());
            }
        }
    }

    @Test
    void shouldSayWhatIsWrong() {
        EventFd events = new EventFd();
        events.close();
        assertEquals(-Errno.EBADF, events.take());
    }
}
