package dev.penstock.testkit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Netns;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class NetNamespaceTest {
    @Test
    void shouldBeSilentReachableOverAWireAndGoneWhenClosed() {
        String name;
        try (NetNamespace a = NetNamespace.create(); NetNamespace b = NetNamespace.create()) {
            name = a.name();
            VethPair.create(a, "left", b, "right");
            assertFalse(a.run("ip", "address", "show", "left").contains("fe80"));
            a.run("ip", "address", "add", "198.18.0.1/24", "dev", "left");
            b.run("ip", "address", "add", "198.18.0.2/24", "dev", "right");
            assertTrue(a.run("ping", "-c", "1", "-W", "2", "198.18.0.2").contains("1 received"));
            assertThrows(IllegalStateException.class, () -> a.run("ip", "link", "show", "right"));
        }
        assertFalse(Files.exists(Path.of("/run/netns", name)));
    }

    @Test
    void shouldSweepAwayWhatADeadProcessLeftAndNothingElse() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        String left = "penstock-" + dead.pid() + "-1";
        Netns.create(left).close();
        try (NetNamespace mine = NetNamespace.create()) {
            NetNamespace.sweep();
            assertFalse(Files.exists(Path.of("/run/netns", left)));
            assertTrue(Files.exists(Path.of("/run/netns", mine.name())));
        } finally {
            Netns.delete(left);
        }
    }
}
