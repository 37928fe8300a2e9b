package dev.penstock.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class AclSuiteTest {
    @Test
    void shouldReadTheCyclesThatDpdkTestAclPrints() throws IOException {
        assertEquals(97.29, AclSuite.cycles("rte_acl_build(1) finished with 0\nsearch_ip5tuples  @lcore 0: 30 iterations, 983040 pkts, "
                + "1 categories, 95641242 cycles (0.04 sec), 97.29 cycles/pkt, 27751709.87 pkt/sec\n"));
    }

    @Test
    void shouldSayWhatWasPrintedInsteadOfCycles() {
        assertEquals("no cycles in what dpdk-test-acl printed:\nno memory",
                assertThrows(IOException.class, () -> AclSuite.cycles("no memory")).getMessage());
    }
}
