package dev.penstock.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    private static String said(String... words) {
        StringWriter said = new StringWriter();
        CommandLine line = Main.line();
        line.setOut(new PrintWriter(said));
        assertEquals(0, line.execute(words));
        return said.toString().strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo --version", "doctor -V", "dumpcap --version", "dumpcap -v", "exporter -V", "overheads -V", "version -V"})
    void shouldSayTheVersionWhereHelpPromisesIt(String words) {
        assertTrue(said(words.split(" ")[0], "--help").contains("--version"));
        assertEquals(VersionCommand.text(), said(words.split(" ")));
    }
}
