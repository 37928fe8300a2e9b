package dev.penstock.ethdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RxWaiterTest {
    @Test
    void shouldSleepOnlyAfterManyEmptyTurnsInARow() {
        try (RxWaiter waiter = new RxWaiter(10)) {
            for (int i = 0; i < 100; i++) {
                waiter.polled(i % 10 == 0 ? 1 : 0);
            }
            assertEquals(0, waiter.sleeps());
            waiter.polled(0);
            assertEquals(1, waiter.sleeps());
            waiter.polled(0);
            assertEquals(2, waiter.sleeps());
            waiter.polled(3);
            waiter.polled(0);
            assertEquals(2, waiter.sleeps());
        }
    }

    @Test
    void shouldRefuseToSleepAlways() {
        assertThrows(IllegalArgumentException.class, () -> new RxWaiter(0));
    }
}
