package dev.penstock.eal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.Platform;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Memory of the node that was asked for, in a virtual machine of two nodes. */
@Tag("root")
@Tag("slow")
@EnabledIf("dev.penstock.testkit.GuestImage#available")
class NumaTest {
    private static final int SECONDS = 240;

    @Test
    void shouldTakePagesOfTheNodeThatWasAskedFor(@TempDir Path folder) {
        List<Path> classes = Stream.of(NumaMain.class, Eal.class, Platform.class)
                .map(c -> Path.of(c.getProtectionDomain().getCodeSource().getLocation().getPath())).distinct().toList();
        GuestImage image = GuestImage.prepare().withJava(folder, classes);
        try (Guest guest = Guest.bootNuma(image, 2, 512, "hugepages=48")) {
            String huge = guest.run("/java dev.penstock.eal.NumaMain -l 0,1 --socket-mem 16,16 --in-memory --no-telemetry", SECONDS);
            assertTrue(huge.contains("lcore 0 socket 0") && huge.contains("lcore 1 socket 1"), huge);
            assertTrue(on(huge, 0, 2048) && on(huge, 1, 2048), huge);
            guest.run("echo 0 > /proc/sys/vm/nr_hugepages");
            String ordinary = guest.run("/java dev.penstock.eal.NumaMain -l 0,1 --socket-mem 16,16 --in-memory --no-telemetry", SECONDS);
            assertTrue(on(ordinary, 0, 4) && on(ordinary, 1, 4), ordinary);
        }
    }

    /** Whether all pages of a node's zone are there, and of that size. */
    private static boolean on(String said, int node, int pageKb) {
        String line = said.lines().filter(l -> l.startsWith("zone " + node + " socket " + node)).findFirst().orElse("");
        return line.matches(".* N" + node + "=\\d+ kernelpagesize_kB=" + pageKb);
    }
}
