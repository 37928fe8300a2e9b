package dev.penstock.apps.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class TroubleTest {
    @TempDir private Path folder;

    @Test
    void shouldSayWhatIsTheMatterWithAFile() {
        assertEquals("a/b: there is no such file or folder; check the path", Trouble.of(new NoSuchFileException("a/b")));
        assertEquals("a/b: no permission; check its mode and owner", Trouble.of(new AccessDeniedException("a/b")));
        assertEquals("there is no such file or folder", Trouble.reason(new NoSuchFileException("a/b")));
        assertEquals("no permission; check its mode and owner", Trouble.reason(new AccessDeniedException("a/b")));
        assertEquals("Is a directory", Trouble.reason(new FileSystemException("a/b", null, "Is a directory")));
        assertEquals("it is no text in UTF-8", Trouble.reason(new MalformedInputException(1)));
        assertEquals("as it says", Trouble.reason(new IOException("as it says")));
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
        assertEquals("--html=" + folder + ": can't be written: Is a directory; name a file in a folder of yours", message);
        // what root is not told by a file's mode
        Path readOnly = Path.of("/proc/penstock.json");
        assertThrows(IllegalArgumentException.class, () -> Trouble.requireWritable("--json", readOnly));
    }

    @Command(name = "try", description = "To be tried.")
    static final class Tried implements Runnable {
        @Option(names = {"-s", "--seconds"}, paramLabel = "N", description = "How long, 1 to 3600.")
        private int seconds;
        @Option(names = "--rate", split = ",", paramLabel = "N", description = "How many a second.")
        private int[] rates;
        @Option(names = "-c", paramLabel = "COUNT", description = "After so many.")
        private long count;

        @Override
        public void run() {}
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--seconds x | program: --seconds x: not a whole number; --seconds N: How long, 1 to 3600.",
        "-s 1.5 | program: --seconds 1.5: not a whole number; --seconds N: How long, 1 to 3600.",
        "--rate 1,b | program: --rate b: not a whole number; --rate N: How many a second.",
        "-c 99999999999999999999 | program: -c 99999999999999999999: not a whole number; -c COUNT: After so many."})
    void shouldSayInOneLineWhichValueIsNone(String words, String expected) {
        StringWriter said = new StringWriter();
        CommandLine line = new CommandLine(new Tried());
        line.setErr(new PrintWriter(said));
        WrongValues.sayAs(line, "program");
        assertEquals(2, line.execute(words.split(" ")));
        assertEquals(expected, said.toString().strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--second 1 | program: no option '--second'; is it --seconds?; 'try --help' lists the options",
        "--zzz | program: no option '--zzz'; 'try --help' lists the options",
        "--seconds 1 more | program: too much: 'more'; 'try --help' lists the options",
        "--seconds | program: --seconds needs a value; --seconds N: How long, 1 to 3600."})
    void shouldSayInOneLineWhatIsWrongWithACommandLine(String words, String expected) {
        StringWriter said = new StringWriter();
        CommandLine line = new CommandLine(new Tried());
        line.setErr(new PrintWriter(said));
        WrongValues.sayAs(line, "program");
        assertEquals(2, line.execute(words.split(" ")));
        assertEquals(expected, said.toString().strip());
    }

    @Test
    void shouldSayInOneLineThatThereIsNoSuchCommand() {
        StringWriter said = new StringWriter();
        CommandLine line = new CommandLine(new Tried()).addSubcommand("walk", new Tried());
        line.setErr(new PrintWriter(said));
        WrongValues.sayAs(line, "program");
        assertEquals(2, line.execute("run"));
        assertEquals("program: no command 'run'; there are walk; 'try help' says what they do", said.toString().strip());
    }
}
