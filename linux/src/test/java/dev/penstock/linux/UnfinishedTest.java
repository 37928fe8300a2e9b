package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnfinishedTest {
    private final List<Integer> closed = new ArrayList<>();

    private AutoCloseable thing(int number) {
        return () -> {
            closed.add(number);
            if (number == 2) {
                throw new Exception("no");
            }
        };
    }

    @Test
    void shouldCloseAllOfWhatIsNotFinishedTheLastFirst() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> make(3));
        assertEquals(List.of(3, 2, 1), closed);
        assertEquals("what was opened can't be closed: no", e.getSuppressed()[0].getMessage());
    }

    @Test
    void shouldLeaveWhatIsFinished() {
        make(4);
        assertEquals(List.of(), closed);
    }

    private void make(int failing) {
        try (Unfinished made = new Unfinished()) {
            for (int i = 1; i <= 3; i++) {
                made.with(thing(i));
                if (i == failing) {
                    throw new IllegalArgumentException("number " + i);
                }
            }
            made.finished();
        }
    }
}
