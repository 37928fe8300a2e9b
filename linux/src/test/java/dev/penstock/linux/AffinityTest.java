package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class AffinityTest {
    @Test
    void shouldRunOnTheProcessorItIsPinnedToAndLeaveOthersAlone() throws Exception {
        BitSet before = Affinity.cpus();
        int last = before.length() - 1;
        FutureTask<BitSet> task = new FutureTask<>(() -> {
            Affinity.pin(last);
            assertEquals(last, Affinity.cpu());
            assertTrue(Files.isDirectory(Path.of("/proc/self/task/" + Affinity.threadId())));
            return Affinity.cpus();
        });
        Thread.ofPlatform().start(task);
        BitSet one = new BitSet();
        one.set(last);
        assertEquals(one, task.get());
        assertEquals(before, Affinity.cpus());
    }

    @Test
    void shouldPinAnotherThreadByItsNumber() throws Exception {
        BitSet one = new BitSet();
        one.set(Affinity.cpus().length() - 1);
        CompletableFuture<Integer> id = new CompletableFuture<>();
        CompletableFuture<Void> pinned = new CompletableFuture<>();
        FutureTask<BitSet> task = new FutureTask<>(() -> {
            id.complete(Affinity.threadId());
            pinned.join();
            return Affinity.cpus();
        });
        Thread.ofPlatform().start(task);
        Affinity.pin(id.join(), one);
        pinned.complete(null);
        assertEquals(one, task.get());
        assertEquals(Errno.ESRCH, assertThrows(LinuxException.class, () -> Affinity.pin(Integer.MAX_VALUE, one)).errno());
    }

    @Test
    void shouldSayWhichProcessorsThereAreWhenAskedForAnother() {
        LinuxException e = assertThrows(LinuxException.class, () -> Affinity.pin(8000));
        assertEquals(Errno.EINVAL, e.errno());
        assertTrue(e.remedy().contains(Affinity.cpus().toString()), e.remedy());
        assertThrows(IllegalArgumentException.class, () -> Affinity.pin(new BitSet()));
    }
}
