package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** That other threads really pass a barrier is shown by jcstress, in verify: RingBias and its twin. */
@EnabledOnOs(OS.LINUX)
class MembarrierTest {
    @Test
    void shouldWorkBeforeAndAfterTheKernelWasToldOfIt() {
        Assumptions.assumeTrue(Membarrier.isSupported(), "this kernel, or a filter, has no membarrier(2)");
        assertDoesNotThrow(Membarrier::allThreads);
        assertDoesNotThrow(Membarrier::prepare);
        assertDoesNotThrow(Membarrier::prepare);
        assertDoesNotThrow(Membarrier::allThreads);
    }
}
