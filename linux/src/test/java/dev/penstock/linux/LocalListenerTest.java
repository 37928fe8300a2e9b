package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class LocalListenerTest {
    private static final int TYPE = Socket.SOCK_SEQPACKET | Socket.SOCK_NONBLOCK;

    @TempDir
    private Path folder;

    private static void connect(String address) {
        try (Socket client = Socket.open(Socket.AF_UNIX, TYPE, 0)) {
            client.connect(Sockaddr.unix(address));
        }
    }

    @Test
    void shouldReplaceWhatAKilledProcessLeftAndRemoveItsOwn() {
        Path file = folder.resolve("s");
        try (Socket left = Socket.open(Socket.AF_UNIX, TYPE, 0)) {
            left.bind(Sockaddr.unix(file.toString()));
        }
        assertTrue(Files.exists(file));
        try (LocalListener listener = LocalListener.open(file.toString(), TYPE, 1)) {
            connect(file.toString());
            try (Socket peer = listener.socket().accept()) {
                assertNotNull(peer);
            }
            assertEquals(file, listener.path());
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void shouldRefuseWhatIsAnothers() throws IOException {
        String file = folder.resolve("s").toString();
        try (LocalListener first = LocalListener.open(file, TYPE, 1)) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> LocalListener.open(file, TYPE, 1));
            assertEquals(file + " is in use by another process; end it or give another path", e.getMessage());
            connect(first.path().toString());
        }
        Path text = Files.writeString(folder.resolve("text"), "no socket");
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> LocalListener.open(text.toString(), TYPE, 1));
        assertEquals(text + " is there and is no socket; give another path", e.getMessage());
        assertEquals("no socket", Files.readString(text));
    }

    @Test
    void shouldLeaveAFileThatTookItsPlace() throws IOException {
        Path file = folder.resolve("s");
        try (LocalListener listener = LocalListener.open(file.toString(), TYPE, 1)) {
            Files.delete(listener.path());
            Files.writeString(file, "another's");
        }
        assertEquals("another's", Files.readString(file));
    }

    @Test
    void shouldHaveNoFileOfAnAbstractName() {
        String name = "@penstock-listener-" + ProcessHandle.current().pid();
        try (LocalListener listener = LocalListener.open(name, TYPE, 1)) {
            assertNull(listener.path());
            connect(name);
            assertEquals(Errno.EADDRINUSE, assertThrows(LinuxException.class, () -> LocalListener.open(name, TYPE, 1)).errno());
        }
        LocalListener.open(name, TYPE, 1).close();
    }
}
