package dev.penstock.apps.exporter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ExporterCommandTest {
    private static final String PREFIX = "penstock-exporter-" + ProcessHandle.current().pid();
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+\\{[a-z]+=\"[^\"]*\"(?:,[a-z]+=\"[^\"]*\")*}) (-?\\d+)");

    private Eal eal;
    private Ports ports;
    private MbufPool pool;
    private Port port;
    private final StringWriter printed = new StringWriter();

    @BeforeEach
    void start() {
        eal = Eal.start(l -> { }, "--no-huge", "--file-prefix=" + PREFIX);
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "pool", 255, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        port = ports.attach("net_null0");
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        assertTrue(eal.telemetry().socket() != null);
    }

    @AfterEach
    void stop() {
        ports.close();
        eal.close();
    }

    private int run(String... arguments) {
        PrintWriter to = new PrintWriter(printed, true);
        return new CommandLine(new ExporterCommand()).setOut(to).setErr(to).setExecutionExceptionHandler((e, c, p) -> {
            to.println("penstock: " + e.getMessage());
            return 1;
        }).execute(arguments);
    }

    private static Map<String, Long> samples(String text) {
        Map<String, Long> all = new TreeMap<>();
        String family = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                family = line.split(" ")[2];
            } else if (!line.startsWith("# HELP ")) {
                Matcher m = SAMPLE.matcher(line);
                assertTrue(m.matches() && line.startsWith(family + "{"), line);
                assertEquals(null, all.put(m.group(1), Long.parseLong(m.group(2))), line);
            }
        }
        return all;
    }

    @Test
    void shouldTellEachCounter() {
        Mbuf[] burst = new Mbuf[8];
        assertEquals(8, port.rxBurst(0, burst, 8));
        assertEquals(5, port.txBurst(0, burst, 0, 5));
        assertEquals(0, run("--file-prefix", PREFIX), printed::toString);
        Map<String, Long> samples = samples(printed.toString());
        String of = "prefix=\"" + PREFIX + "\",";
        assertEquals(252, samples.get("penstock_mempool_free_objects{" + of + "pool=\"pool\"}"));
        assertEquals(255, samples.get("penstock_mempool_objects{" + of + "pool=\"pool\"}"));
        assertEquals(1, samples.get("penstock_port_link_up{" + of + "port=\"net_null0\"}"));
        assertEquals(1, samples.get("penstock_port_started{" + of + "port=\"net_null0\"}"));
        port.xstats().forEach(x -> assertEquals(x.value(),
                samples.get("penstock_port_counter_total{" + of + "port=\"net_null0\",name=\"" + x.name() + "\"}"), x.name()));
        assertEquals(8, samples.get("penstock_port_counter_total{" + of + "port=\"net_null0\",name=\"rx_good_packets\"}"));
        long total = samples.get("penstock_heap_bytes{" + of + "node=\"0\",state=\"heap\"}");
        assertEquals(total, samples.get("penstock_heap_bytes{" + of + "node=\"0\",state=\"free\"}")
                + samples.get("penstock_heap_bytes{" + of + "node=\"0\",state=\"alloc\"}"));
        for (Mbuf m : List.of(burst[5], burst[6], burst[7])) {
            m.free();
        }
    }

    @Test
    void shouldServeOverHttp() throws Exception {
        Thread server = Thread.ofPlatform().start(() -> run("--listen=127.0.0.1:0", "--file-prefix", PREFIX));
        try {
            Matcher m = Pattern.compile("Serving (http://\\S+)\\R").matcher("");
            while (!m.reset(printed.toString()).find()) {
                assertTrue(server.isAlive(), printed::toString);
                Thread.onSpinWait();
            }
            for (int i = 0; i < 2; i++) {
                URLConnection connection = URI.create(m.group(1)).toURL().openConnection();
                String text = new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(connection.getContentType().startsWith("text/plain; version=0.0.4"), connection.getContentType());
                assertTrue(samples(text).keySet().stream().anyMatch(s -> s.startsWith("penstock_up{prefix=\"" + PREFIX)), text);
            }
        } finally {
            server.interrupt();
            server.join();
        }
    }

    @Test
    void shouldSayWhatIsWrong() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String where = "--listen=127.0.0.1:" + taken.getLocalPort();
            assertTrue(run(where) != 0);
            assertTrue(printed.toString().contains(where + ": Address already in use; give a port that is free"), printed::toString);
        }
        assertTrue(run("--listen=no.such.host.invalid:9464") != 0);
        assertTrue(printed.toString().contains("invalid:9464: no address is known of that host"), printed::toString);
        assertTrue(run("--listen=here") != 0);
        assertTrue(printed.toString().contains("--listen=here is not understood; give HOST:PORT"), printed::toString);
        assertTrue(run("--file-prefix=nobody") != 0);
        assertTrue(printed.toString().contains("no program runs with --file-prefix=nobody"), printed::toString);
    }
}
