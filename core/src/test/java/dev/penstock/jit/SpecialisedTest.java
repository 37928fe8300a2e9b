package dev.penstock.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.invoke.MethodHandles;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class SpecialisedTest {
    record Config(int factor) {}

    static final class Times implements IntUnaryOperator {
        private static final Config CONFIG = Specialised.constants(MethodHandles.lookup(), Config.class);

        Times() {}

        @Override
        public int applyAsInt(int x) {
            return x * CONFIG.factor;
        }
    }

    private static IntUnaryOperator times(int factor) {
        return Specialised.of(MethodHandles.lookup(), Times.class, IntUnaryOperator.class, new Config(factor));
    }

    @Test
    void shouldGiveEachCopyItsOwnConstants() {
        IntUnaryOperator three = times(3);
        IntUnaryOperator five = times(5);
        assertNotSame(three.getClass(), five.getClass());
        assertEquals(21, three.applyAsInt(7));
        assertEquals(35, five.applyAsInt(7));
    }

    @Test
    void shouldSayThatATemplateIsNoClassToBeUsed() {
        Throwable thrown = assertThrows(ExceptionInInitializerError.class, Times::new);
        assertInstanceOf(IllegalStateException.class, thrown.getCause());
    }

    @Test
    void shouldSayWhatIsWrongWithATemplate() {
        assertThrows(IllegalArgumentException.class,
                () -> Specialised.of(MethodHandles.lookup(), Integer.class, Number.class, "x"));
    }
}
