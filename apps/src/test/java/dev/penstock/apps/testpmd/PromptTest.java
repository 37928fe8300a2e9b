package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTest {
    private static final String[] NULLS = {"--vdev", "net_null0", "--vdev", "net_null1", "--", "-i", "--total-num-mbufs=4095"};
    private static final Path DPDK = Path.of("/usr/bin/dpdk-testpmd");

    @TempDir Path folder;

    private static String resource(String name) throws IOException {
        try (InputStream in = PromptTest.class.getResourceAsStream("/testpmd/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The transcripts in the resources were printed by dpdk-testpmd 22.11 and normalised. */
    @ParameterizedTest
    @ValueSource(strings = {"show", "set", "ports", "forward", "asked", "queues", "drivers"})
    void shouldPrintWhatDpdkPrinted(String name) throws IOException {
        Session ours = Session.pipe(resource(name + ".commands"), NULLS);
        assertEquals(0, ours.code());
        assertEquals(resource(name + ".golden"), Session.normal(ours.out()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"show", "set", "ports", "forward", "asked", "queues", "drivers"})
    void shouldPrintWhatDpdkPrintsBesideIt(String name) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(DPDK), "SKIPPED: no dpdk-testpmd here; apt-get install dpdk");
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", DPDK.toString(), "-l", "0,1", "--no-pci",
                "--in-memory"));
        command.addAll(List.of(NULLS));
        Path in = Files.writeString(folder.resolve("commands"), resource(name + ".commands"));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process dpdk = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(out.toFile())
                .redirectError(err.toFile()).start();
        boolean ended = dpdk.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            dpdk.destroyForcibly();
        }
        Assumptions.assumeTrue(ended && dpdk.exitValue() == 0, "SKIPPED: dpdk-testpmd does not run here: " + Files.readString(err));
        assertEquals(Session.normal(Files.readString(out)), Session.normal(Session.pipe(resource(name + ".commands"), NULLS).out()));
    }

    @Test
    void shouldEndAtTheEndOfInputWithoutRunningACutLine() {
        Session s = Session.pipe("show port summary all\nstart", NULLS);
        assertEquals(0, s.code());
        assertTrue(s.out().contains("testpmd> show port summary all\r\nNumber of available ports: 2\n"), s.out());
        assertTrue(s.out().contains("testpmd> start\nPrimary: Sending 'stop_req' request to secondary...\n"), s.out());
        assertTrue(s.out().endsWith("Port 1 is closed\nDone\n\nBye...\n"), s.out());
    }

    @Test
    void shouldStopForwardingWhenInputEnds() {
        Session s = Session.script(List.of("start", "WAIT"), NULLS);
        assertTrue(s.out().contains("Telling cores to stop...\nWaiting for lcores to finish...\n"), s.out());
        assertTrue(s.forwarded(-1, "RX-packets") > 0);
    }

    @Test
    void shouldTellUnknownCommandsFromWrongArguments() {
        String out = Session.pipe("frobnicate\nshow port\nshow port info x\nset burst\n# nothing\n\nquit\n", NULLS).out();
        assertTrue(out.contains("testpmd> frobnicate\r\nCommand not found\n"), out);
        assertTrue(out.contains("testpmd> show port info x\r\nBad arguments\n"), out);
        assertTrue(out.contains("testpmd> set burst\r\nBad arguments\n"), out);
        assertTrue(out.contains("testpmd> # nothing\r\ntestpmd> \r\ntestpmd> quit"), out);
    }

    @Test
    void shouldRunTheCommandsOfAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("more"), "set burst 7\n");
        Session s = Session.pipe("load " + file + "\nload " + folder.resolve("none") + "\nshow config rxtx\nquit\n", NULLS);
        assertTrue(s.out().contains("Number of packets per burst set to 7\n"), s.out());
        assertTrue(s.out().contains("packets/burst=7\n"), s.out());
        assertTrue(s.err().contains("none"), s.err());
    }

    @Test
    void shouldNotLoadAFileThatLoadsItselfForEver() throws IOException {
        Path file = folder.resolve("loop");
        Files.writeString(file, "load " + file + "\n");
        Session s = Session.pipe("load " + file + "\nquit\n", NULLS);
        assertTrue(s.err().contains("nested"), s.err());
        assertTrue(s.out().endsWith("Bye...\n"), s.out());
    }

    @Test
    void shouldDescribeEveryCommandInHelp() {
        String out = Session.pipe("help all\nquit\n", NULLS).out();
        for (String words : List.of("start tx_first", "show port", "set fwd", "port attach", "csum set", "mac_addr", "quit")) {
            assertTrue(out.contains("\n" + words), words);
        }
    }

    @Test
    void shouldWarmUpShowTheFirstSecondAndWatchTheJit() {
        Session ours = Session.pipe("start\nshow jit\nstop\nquit\n", "--vdev", "net_null0,rate=100000", "--vdev",
                "net_null1,rate=100000", "--", "-i", "--total-num-mbufs=4095", "--forward-mode=csum", "--warm-up=300", "--first-second");
        assertEquals(0, ours.code(), ours.err());
        assertTrue(ours.err().contains("warmed up in"), ours.err());
        assertEquals(100, ours.out().lines().filter(l -> l.matches(" +\\d+0? +\\d+\\.\\d{3} +\\d+")).count(), ours.out());
        assertTrue(ours.out().contains("Path: warming up"), ours.out());
    }
}
