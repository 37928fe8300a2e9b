package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TroubleTest {
    @TempDir private Path folder;

    @Test
    void shouldSayWhatIsTheMatterWithAFile() {
        assertEquals("a/b: there is no such file or folder; check the path", Trouble.of(new NoSuchFileException("a/b")));
        assertEquals("a/b: no permission; check its mode and owner", Trouble.of(new AccessDeniedException("a/b")));
        assertEquals("as it says", Trouble.of(new IOException("as it says")));
        assertEquals("java.io.IOException", Trouble.of(new IOException()));
    }

    @Test
    void shouldFindOutBeforeTheWorkThatItsResultHasNoPlace() throws IOException {
        Path fresh = folder.resolve("new/result.json");
        Trouble.requireWritable("--json", fresh);
        assertTrue(Files.isDirectory(fresh.getParent()));
        assertFalse(Files.exists(fresh));
        Trouble.requireWritable("--json", null);
        Path file = Files.createFile(folder.resolve("file"));
        Trouble.requireWritable("--json", file);
        String message = assertThrows(IllegalArgumentException.class, () -> Trouble.requireWritable("--json", file.resolve("x"))).getMessage();
        assertTrue(message.startsWith("--json=" + file.resolve("x") + ": "), message);
        message = assertThrows(IllegalArgumentException.class, () -> Trouble.requireWritable("--html", folder)).getMessage();
        assertEquals("--html=" + folder + ": can't be written; name a file in a folder of yours", message);
    }
}
