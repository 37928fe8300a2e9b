package dev.penstock.examples.forwarder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ForwarderTest {
    @Test
    void shouldSendAllThatItReceives() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
        try {
            Forwarder.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        Matcher m = Pattern.compile("received (\\d+), sent (\\d+) packets").matcher(text.toString(StandardCharsets.UTF_8));
        assertTrue(m.find(), text.toString(StandardCharsets.UTF_8));
        assertTrue(Long.parseLong(m.group(1)) > 0);
        assertEquals(m.group(1), m.group(2));
    }

    @Test
    void shouldStayWithinSixtyLines() throws IOException {
        Path source = Path.of("src/main/java/dev/penstock/examples/forwarder/Forwarder.java");
        assertTrue(Files.readAllLines(source).size() <= 60);
    }
}
