package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
    private static Session run(String options) {
        List<String> all = new ArrayList<>(List.of("--vdev", "net_null0,no-rx=1", "--vdev", "net_null1,no-rx=1", "--"));
        all.addAll(List.of(options.split(" ")));
        return Session.until(ports -> true, all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "-p 0;Invalid portmask: '0'",
        "-p 7;port 2 is not there",
        "-E -L;Only one lookup mode is allowed at a time!",
        "--lookup=trie;Accepted options: acl, em, lpm, fib",
        "--config=(0,0);give (port,queue,lcore)",
        "--config=(0,0,1;give (port,queue,lcore)",
        "--config=0,0,1;give (port,queue,lcore)",
        "--config=(0,0,x);lcore 'x'",
        "--config=(0,0,9);lcore 9 is not enabled in lcore mask",
        "--config=(0,1,1);must be in sequence and must start with 0",
        "-p 1 --config=(1,0,1);port 1 is not enabled in port mask",
        "--eth-dest=0;Invalid eth-dest: '0'",
        "--eth-dest=32,02:00:00:00:00:01;give a port from 0 to 31",
        "--max-pkt-len=63;give 64 to 9600",
        "--hash-entry-num=0;invalid hash entry number",
        "--rx-queue-size=0;Invalid rx-queue-size",
        "--mode=eventdev;there are no event devices here",
        "--event-vector;valid only when event mode is selected",
        "--rule_ipv4=/nowhere;can't read the rule file /nowhere",
        "--alg=quick;there are scalar, sse",
        "--exception=a/b;Invalid exception",
        "--lookpu=lpm;did you mean --lookup?",
    })
    void shouldRefuseWithReason(String options, String error) {
        Session run = run(options);
        assertEquals(1, run.code());
        assertTrue(run.err().contains(error), run.err());
    }

    @Test
    void shouldTakeAllOfDpdksOptions() {
        Session run = run("-p3 -PE --config (0,0,0),(1,0,1),(0,1,1) --hash-entry-num 0x400 --ipv6 --no-numa --per-port-pool --mode=poll"
                + " --rx-queue-size=512 --tx-queue-size 512 --relax-rx-offload --parse-ptype --alg=avx2 --eth-dest=1,02:00:00:00:00:09");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().contains("EM: 2 IPv4 and 2 IPv6 rules; 28 to ports that are not enabled are left out"), run.out());
        assertTrue(run.out().contains("lcoreid=1 portid=0 rxqueueid=1"), run.out());
        assertTrue(run.err().contains("--no-numa has no effect"), run.err());
    }

    @Test
    void shouldShowHelpWithAnExample() {
        Session run = run("--help");
        assertEquals(0, run.code());
        assertTrue(run.out().contains("--rule_ipv4=FILE") && run.out().contains("Example: ./penstock l3fwd"), run.out());
    }
}
