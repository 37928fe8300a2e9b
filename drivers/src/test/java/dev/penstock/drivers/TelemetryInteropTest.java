package dev.penstock.drivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** DPDK's own telemetry client against us and against DPDK's testpmd with the same two ports. */
@EnabledIf("dev.penstock.testkit.Root#here")
class TelemetryInteropTest {
    private static final String OURS = "penstock-telemetry-" + ProcessHandle.current().pid();
    private static final String THEIRS = "dpdk-telemetry-" + ProcessHandle.current().pid();
    private static final Path DPDK = Path.of("/var/run/dpdk", THEIRS);
    /** Where both must say the same, to the letter, once the process number is out. */
    private static final List<String> SAME = List.of("/ethdev/list", "/ethdev/stats,0", "/ethdev/stats,1", "/ethdev/stats", "/ethdev/stats,7",
            "/ethdev/xstats,1", "/ethdev/link_status,0", "/nope", "/help,/nope", "/help,/ethdev/list", "/help,/info", "/help",
            "/mempool/list", "/mempool/info", "/mempool/info,nope");
    /** Where the keys must be the same, in the same order. */
    private static final List<String> SAME_KEYS = List.of("/info", "/ethdev/info,0", "/eal/memzone_info,0", "/eal/heap_info,0", "/eal/heap_list");

    @TempDir
    private Path folder;

    private static List<String> ask(String prefix, List<String> requests) throws Exception {
        Process script = new ProcessBuilder("dpdk-telemetry.py", "-f", prefix).redirectErrorStream(true).start();
        try (var to = script.outputWriter()) {
            to.write(String.join("\n", requests) + "\n");
        }
        List<String> answers;
        try (var from = script.inputReader()) {
            answers = from.lines().toList();
        }
        assertEquals(0, script.waitFor(), answers::toString);
        assertEquals(requests.size(), answers.size(), answers::toString);
        return answers;
    }

    private static List<String> keys(String json) {
        List<String> keys = new ArrayList<>();
        Matcher m = Pattern.compile("\"([^\"]*)\":").matcher(json);
        while (m.find()) {
            keys.add(m.group(1));
        }
        return keys;
    }

    @Test
    void shouldAnswerDpdksClientAsDpdkDoes() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpdk-telemetry.py")), "needs DPDK: apt-get install dpdk");
        Process testpmd = new ProcessBuilder("dpdk-testpmd", "-l", "0,1", "--no-huge", "-m", "64", "--no-pci", "--file-prefix=" + THEIRS,
                "--vdev=net_null0", "--vdev=net_null1", "--", "-i", "--total-num-mbufs=4096", "--mbcache=32")
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        try (Eal eal = Eal.start(l -> { }, "--lcores=0", "--no-huge", "-m", "16", "--file-prefix=" + OURS, "--", "-i");
                Ports ports = new Ports(eal); MbufPool pool = MbufPool.with(eal, "mb_pool_0", 4096).cacheSize(32).create()) {
            for (int i = 0; i < 2; i++) {
                started(ports.attach("net_null" + i), pool);
            }
            awaitPrompt(testpmd);
            assertEquals(Path.of("/var/run/dpdk", OURS, "dpdk_telemetry.v2"), eal.telemetry().socket());
            List<String> all = new ArrayList<>(SAME);
            all.addAll(SAME_KEYS);
            List<String> ours = ask(OURS, all);
            List<String> theirs = ask(THEIRS, all);
            for (int i = 0; i < all.size(); i++) {
                if (i < SAME.size()) {
                    assertEquals(theirs.get(i), ours.get(i), all.get(i));
                } else {
                    assertEquals(keys(theirs.get(i)), keys(ours.get(i)), all.get(i));
                }
            }
            List<String> more = ask(OURS, List.of("/", "/eal/app_params", "/mempool/info,mb_pool_0", "/eal/lcore/list"));
            for (String command : List.of("/", "/info", "/help", "/eal/params", "/eal/app_params", "/ethdev/xstats", "/mempool/info")) {
                assertTrue(more.get(0).contains("\"" + command + "\""), more.get(0));
            }
            assertEquals("{\"/eal/app_params\": [\"-i\"]}", more.get(1));
            assertTrue(more.get(2).contains("\"name\": \"mb_pool_0\"") && more.get(2).contains("\"size\": 4096"), more.get(2));
            assertEquals("{\"/eal/lcore/list\": [0]}", more.get(3));
            String list = Command.run("dpdk-telemetry.py", "-l");
            assertTrue(list.contains(OURS) && list.contains(THEIRS), list);
        } finally {
            testpmd.destroyForcibly().waitFor();
            testpmd.getOutputStream().close();
            Command.run("rm", "-rf", DPDK.toString());
        }
        assertTrue(Files.notExists(Path.of("/var/run/dpdk", OURS)));
    }

    private static void started(Port port, MbufPool pool) {
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
    }

    private void awaitPrompt(Process testpmd) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.readString(folder.resolve("log")).contains("testpmd> ")) {
            String log = Files.readString(folder.resolve("log"));
            assertTrue(System.nanoTime() < end && testpmd.isAlive(), () -> "testpmd does not start: " + log);
            Thread.sleep(20);
        }
    }
}
