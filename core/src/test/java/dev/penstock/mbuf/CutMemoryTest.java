package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer may cut the file that its memory is of while packets are copied. In a process of its own: what goes wrong ends it. Nothing
 * but one length of copies is ever compiled there, so that no other access in the same code makes good for it.
 */
@EnabledOnOs(OS.LINUX)
class CutMemoryTest {
    static final class Main {
        private static final int BYTES = 1 << 16;
        private static final int CALLS = 100_000;

        public static void main(String[] args) {
            int length = Integer.parseInt(args[0]);
            try (Eal eal = Eal.start("--no-huge", "--in-memory", "--no-telemetry", "--log-level=error");
                    MbufPool pool = MbufPool.create(eal, "p", 15, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
                    Fd file = Memfd.create("cut", BYTES); Mapping theirs = Mapping.shared(file, 0, BYTES)) {
                Mbuf m = pool.alloc();
                m.append(length);
                MemorySegment memory = theirs.segment();
                take(m, memory, length, CALLS);
                give(m, memory, length, CALLS);
                file.truncate(0);
                int met = 0;
                for (int way = 0; way < 2; way++) {
                    try {
                        if (way == 0) {
                            take(m, memory, length, 1);
                        } else {
                            give(m, memory, length, 1);
                        }
                        take(m, MemorySegment.ofArray(new byte[length]), length, 10);
                    } catch (InternalError e) {
                        met++;
                    }
                }
                m.free();
                System.out.println("met " + met);
            }
        }

        private static void take(Mbuf m, MemorySegment memory, int length, int calls) {
            for (int i = 0; i < calls; i++) {
                m.write(0, memory, 512, length);
            }
        }

        private static void give(Mbuf m, MemorySegment memory, int length, int calls) {
            for (int i = 0; i < calls; i++) {
                m.read(0, memory, 512, length);
            }
        }

    }

    @ParameterizedTest
    @ValueSource(ints = {24, 60, 128, 1514})
    void shouldBeAnErrorAndNotTheEnd(int length) throws Exception {
        assertEquals("met 2", run(length));
        assertEquals("met 2", run(length, "--add-modules=jdk.incubator.vector"));
    }

    private static String run(int length, String... flags) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Xbatch", "-XX:-TieredCompilation", "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=dontinline,dev.penstock.mbuf.WordCopy::copy", "-XX:ErrorFile=/dev/null",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "" + length));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said.lines().filter(line -> !line.startsWith("WARNING: Using incubator")).reduce("", (a, b) -> a + b);
    }
}
