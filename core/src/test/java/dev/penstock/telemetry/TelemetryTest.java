package dev.penstock.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class TelemetryTest {
    private static final String PREFIX = "penstock-test-" + ProcessHandle.current().pid();

    /** One client, as dpdk-telemetry.py is. */
    private static final class Client implements AutoCloseable {
        final Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0);

        Client(Path path) {
            socket.timeoutMs(60_000);
            socket.connect(Sockaddr.unix(path.toString()));
        }

        String ask(String request) {
            send(request.getBytes(StandardCharsets.UTF_8));
            return read();
        }

        long send(byte[] bytes) {
            try (Arena arena = Arena.ofConfined()) {
                return socket.send(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes), 0);
            }
        }

        /** Null at the end. */
        String read() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment into = arena.allocate(Telemetry.MAX_OUTPUT_BYTES + 1);
                long n = socket.receive(into, 0);
                return n <= 0 ? null : new String(into.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static Telemetry started(Path folder) {
        Telemetry telemetry = new Telemetry("Penstock \"test\"");
        telemetry.listen(() -> folder, task -> Thread.ofPlatform().daemon().unstarted(task), System.err::println);
        assertNotNull(telemetry.socket());
        return telemetry;
    }

    private static Path socket(Path folder) {
        return folder.resolve("dpdk_telemetry.v2");
    }

    @Test
    void shouldGreetAndAnswerAsDpdkDoes(@TempDir Path folder) throws IOException {
        try (Telemetry telemetry = started(folder); Client client = new Client(socket(folder))) {
            String info = "{\"version\":\"Penstock \\\"test\\\"\",\"pid\":" + ProcessHandle.current().pid() + ",\"max_output_len\":16384}";
            assertEquals(info, client.read());
            assertEquals("{\"/info\":" + info + "}", client.ask("/info"));
            assertEquals("{\"/\":[\"/\",\"/help\",\"/info\"]}", client.ask("/"));
            assertEquals("{\"/help\":{\"/info\":\"Returns DPDK Telemetry information. Takes no parameters\"}}", client.ask("/help,/info"));
            assertEquals("{\"/help\":\"Returns help text for a command. Parameters: string command\"}", client.ask("/help"));
            assertEquals("{\"/help\":null}", client.ask("/help,/nope"));
            assertEquals("{\"/nope\":null}", client.ask("/nope"));
            telemetry.register("/echo", "Says it again", p -> p);
            telemetry.register("/throws", "Fails", p -> p.length());
            assertEquals("{\"/echo\":\"a,b\"}", client.ask("/echo,a,b"));
            assertEquals("{\"/echo\":null}", client.ask("/echo,"));
            assertEquals("{\"/throws\":null}", client.ask("/throws"));
            assertEquals("{\"none\":null}", client.ask(","));
            telemetry.register("/long", "Much", p -> "x".repeat(20_000));
            assertEquals("{\"/long\":null}", client.ask("/long"));
            telemetry.register("/list", "Much", p -> IntStream.range(0, 20_000).boxed().toList());
            String list = client.ask("/list");
            assertTrue(list.length() <= 16384 && list.length() > 16370 && list.endsWith("]}"));
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void shouldListAndDescribeObjectsByName() {
        Telemetry telemetry = new Telemetry("x");
        telemetry.open("mempool");
        assertEquals("{\"/mempool/list\":[]}", telemetry.answer("/mempool/list"));
        Supplier<?> first = () -> Map.of("size", 1);
        telemetry.add("mempool", "a", first);
        telemetry.add("mempool", "a", () -> Map.of("size", 2));
        telemetry.remove("mempool", "a", first);
        assertEquals("{\"/mempool/list\":[\"a\"]}", telemetry.answer("/mempool/list"));
        assertEquals("{\"/mempool/info\":{\"size\":2}}", telemetry.answer("/mempool/info,a"));
        assertEquals("{\"/mempool/info\":{}}", telemetry.answer("/mempool/info,b"));
        assertEquals("{\"/mempool/info\":null}", telemetry.answer("/mempool/info"));
        assertThrows(IllegalArgumentException.class, () -> telemetry.register("list", "no slash", p -> 1));
        assertThrows(IllegalArgumentException.class, () -> telemetry.register("/" + "x".repeat(55), "too long", p -> 1));
        assertThrows(IllegalArgumentException.class, () -> telemetry.register("/x", "x".repeat(128), p -> 1));
    }

    @Test
    void shouldGoOnWhateverClientsSend(@TempDir Path folder) throws IOException {
        SplittableRandom random = Seed.random("telemetry requests");
        try (Telemetry telemetry = started(folder); Client client = new Client(socket(folder))) {
            assertNotNull(client.read());
            for (int i = 0; i < 5000; i++) {
                byte[] request = new byte[random.nextInt(1, i % 100 == 0 ? 3000 : 60)];
                random.nextBytes(request);
                if (random.nextBoolean()) {
                    System.arraycopy("/help,/i".getBytes(StandardCharsets.US_ASCII), 0, request, 0, Math.min(8, request.length));
                }
                client.send(request);
                String answer = client.read();
                assertTrue(answer.startsWith("{\"") && answer.endsWith("}"), answer);
            }
            List<Client> crowd = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                crowd.add(new Client(socket(folder)));
                assertNotNull(crowd.getLast().read());
            }
            try (Client eleventh = new Client(socket(folder))) {
                assertNull(eleventh.read(), "more than ten at once");
            }
            // who never reads is sent away, and the others do not notice
            telemetry.register("/long", "Much", p -> "x".repeat(16_000));
            long sent = 1;
            for (int i = 0; i < 100_000 && sent > 0; i++) {
                sent = crowd.getFirst().send("/long".getBytes(StandardCharsets.US_ASCII));
            }
            assertTrue(sent < 0, "still connected");
            assertEquals("{\"/nope\":null}", client.ask("/nope"));
            crowd.forEach(Client::close);
        }
    }

    @Test
    void shouldNumberInstancesOfOneFolderAndLeaveAFileThatAnotherPutInItsPlace(@TempDir Path folder) throws IOException {
        Telemetry first = started(folder);
        Telemetry second = started(folder);
        assertTrue(Files.exists(folder.resolve("dpdk_telemetry.v2:1")));
        first.close();
        try (Telemetry third = started(folder); Client client = new Client(socket(folder))) {
            assertNotNull(client.read());
            assertNotNull(third);
            Files.delete(socket(folder));
            Files.writeString(socket(folder), "DPDK's");
        }
        assertTrue(Files.isRegularFile(socket(folder)));
        second.close();
        assertFalse(Files.exists(folder.resolve("dpdk_telemetry.v2:1")));
    }

    @Test
    void shouldReplaceTheSocketOfAKilledInstance() throws Exception {
        Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Victim.class.getName(), PREFIX)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Path folder;
        try {
            folder = Path.of(victim.inputReader().readLine());
            try (Client client = new Client(socket(folder))) {
                assertTrue(client.read().contains("\"pid\":" + victim.pid()));
            }
        } finally {
            victim.destroyForcibly();
            assertTrue(victim.waitFor(10, TimeUnit.SECONDS));
        }
        assertTrue(Files.exists(socket(folder)), "a killed process leaves its file");
        try (Eal eal = Eal.start(l -> { }, "--lcores=0", "--no-huge", "--file-prefix=" + PREFIX);
                Client client = new Client(eal.telemetry().socket())) {
            assertEquals(socket(folder), eal.telemetry().socket());
            assertTrue(client.read().contains("\"pid\":" + ProcessHandle.current().pid()));
        }
        assertFalse(Files.exists(folder));
    }

    /** Waits to be killed. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) throws InterruptedException {
            Eal eal = Eal.start("--lcores=0", "--no-huge", "--file-prefix=" + args[0]);
            eal.telemetry().socket();
            System.out.println(eal.runtimeFolder());
            Thread.sleep(300_000);
        }
    }

    @Test
    void shouldSayWhyThereIsNoSocketAndGoOn(@TempDir Path folder) throws IOException {
        List<String> log = new ArrayList<>();
        Path file = Files.writeString(folder.resolve("file"), "x");
        try (Telemetry telemetry = new Telemetry("x")) {
            assertNull(telemetry.socket());
            telemetry.listen(() -> file, task -> Thread.ofPlatform().daemon().unstarted(task), log::add);
            assertNull(telemetry.socket());
            assertTrue(log.getFirst().contains("no socket") && log.getFirst().contains(file.toString()), log.toString());
            assertEquals("{\"/nope\":null}", telemetry.answer("/nope"));
        }
    }

    @Test
    void shouldTellOfArgumentsLcoresAndMemoryAndBeSilentWhenAskedTo() {
        try (Eal eal = Eal.start(l -> { }, "--lcores=3@0", "--no-huge", "-m", "4", "--no-telemetry", "--file-prefix=" + PREFIX, "--", "-x")) {
            Telemetry t = eal.telemetry();
            assertEquals("{\"/eal/params\":[\"penstock\",\"--lcores=3@0\",\"--no-huge\",\"-m\",\"4\",\"--no-telemetry\",\"--file-prefix="
                    + PREFIX + "\"]}", t.answer("/eal/params"));
            assertEquals("{\"/eal/app_params\":[\"-x\"]}", t.answer("/eal/app_params"));
            assertEquals("{\"/eal/lcore/list\":[3]}", t.answer("/eal/lcore/list"));
            assertEquals("{\"/eal/lcore/info\":{\"lcore_id\":3,\"socket\":0,\"role\":\"RTE\",\"cpuset\":[0]}}", t.answer("/eal/lcore/info,3"));
            assertEquals("{\"/eal/lcore/info\":null}", t.answer("/eal/lcore/info,0"));
            eal.reserve("zone", 1000, 64, 0);
            assertEquals("{\"/eal/memzone_list\":[0]}", t.answer("/eal/memzone_list"));
            assertTrue(t.answer("/eal/memzone_info,0").matches(".*\"Name\":\"zone\",\"Length\":1000,\"Address\":\"0x[0-9a-f]+\",.*"));
            assertEquals("{\"/eal/memzone_info\":null}", t.answer("/eal/memzone_info,1"));
            assertEquals("{\"/eal/heap_info\":{\"Head_id\":0,\"Name\":\"socket_0\",\"Heap_size\":4194304,\"Free_size\":4193280,"
                    + "\"Alloc_size\":1024,\"Greatest_free_size\":4193280,\"Alloc_count\":1,\"Free_count\":1}}", t.answer("/eal/heap_info,0"));
            Path folder = eal.runtimeFolder();
            assertFalse(Files.exists(socket(folder)));
        }
    }

    @Test
    void shouldAnswerNullWhateverGoesWrongInACommandOrItsAnswer() {
        Telemetry telemetry = new Telemetry("test");
        telemetry.register("/error", "Fails", p -> {
            throw new AssertionError("broken");
        });
        telemetry.register("/odd", "Has a member without a name", p -> Collections.singletonMap(null, 1));
        assertEquals("{\"/error\":null}", telemetry.answer("/error"));
        assertEquals("{\"/odd\":null}", telemetry.answer("/odd"));
    }
}
