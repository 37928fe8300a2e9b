package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelTimeTest {
    private static final List<String> STAT = List.of("cpu  9 9 9 9 9 9 9 9 0 0", "cpu0 1 2 3 4 5 6 7 8 0 0", "cpu1 10 0 40 20 0 10 20 0 0 0");

    @Test
    void shouldCountSystemAndInterruptsAsTheKernels() throws IOException {
        assertEquals(new KernelTime(16, 36), KernelTime.of(STAT, 0));
        assertEquals(0.7, KernelTime.of(STAT, 1).since(new KernelTime(0, 0)).part());
    }

    @Test
    void shouldSayThatThereIsNoSuchProcessor() {
        assertThrows(IOException.class, () -> KernelTime.of(STAT, 2));
    }
}
