package dev.penstock.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.testkit.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port's file for its state where there is no room for it. */
class FullDiskTest extends NobodyListens {
    @TempDir
    private Path folder;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(Root.here() && run("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder.toString()) == 0,
                "SKIPPED: mounting a small file system needs root");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", folder.toString());
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }

    @Test
    void shouldRefuseAFileForItsStateThatFindsNoRoom() throws IOException {
        Path socket = folder.resolve("s");
        VhostConfig config = new VhostConfig(socket.toString(), false, 1, VhostConfig.FEATURES, folder.resolve("state").toString());
        Path filler = folder.resolve("filler");
        assertThrows(IOException.class, () -> Files.write(filler, new byte[2 << 20]));
        LinuxException e = assertThrows(LinuxException.class, () -> new VhostBackend(config, this));
        assertEquals(Errno.ENOSPC, e.errno());
        assertTrue(e.getMessage().contains("state") && e.getMessage().contains("make room"), e.getMessage());
        assertFalse(Files.exists(socket));
        Files.delete(filler);
        new VhostBackend(config, this).close();
        // the room is there from then on
        long blocks = (long) Files.getAttribute(folder.resolve("state"), "size");
        assertThrows(IOException.class, () -> Files.write(filler, new byte[2 << 20]));
        assertTrue(Files.size(filler) <= (1 << 20) - blocks, Files.size(filler) + " and " + blocks);
        new VhostBackend(config, this).close();
    }
}
