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
    void shouldReadWhatDpdkTestAclRan() {
        assertEquals("10 rules, 64 times 10 packets,", AclSuite.workload("  max_rules=65536\n  num_rules=10\n  num_categories=1\n"
                + "search_ip5tuples  @lcore 0: 64 iterations, 640 pkts, 1 categories, 33852 cycles (0.00 sec), 52.89 cycles/pkt\n"));
        assertEquals("unknown", AclSuite.workload("no memory"));
    }

    @Test
    void shouldSayWhatWasPrintedInsteadOfCycles() {
        assertEquals("no cycles in what dpdk-test-acl printed:\nno memory",
                assertThrows(IOException.class, () -> AclSuite.cycles("no memory")).getMessage());
    }
}
