package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.penstock.eal.Eal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checked mode is a constant of the JVM, so each case runs in a JVM of its own that has it on. */
class CheckedModeTest {
    /** What runs there. */
    public static final class Misuse {
        private Misuse() {}

        private static Mbuf allocateHere(MbufPool pool) {
            return pool.alloc();
        }

        private static void freeHere(Mbuf m) {
            m.free();
        }

        private static void expect(MbufMisuse.Kind kind, boolean withFree, Runnable wrong) {
            try {
                wrong.run();
            } catch (MbufMisuse e) {
                require(e.kind() == kind, "kind " + e.kind() + " instead of " + kind);
                require(e.getMessage().contains("allocateHere"), "no place of allocation in " + e.getMessage());
                require(withFree == e.getMessage().contains("freeHere"), "place of free in " + e.getMessage());
                require(e.mbuf() != null && e.allocatedAt() != null && withFree == (e.freedAt() != null), "parts");
                return;
            }
            throw new AssertionError(kind + " was not seen");
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError(what);
            }
        }

        /** @param args none */
        public static void main(String[] args) {
            try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0")) {
                MbufPool pool = MbufPool.create(eal, "checked", 64, 0, 256, -1);
                MbufPool other = MbufPool.create(eal, "other", 64, 0, 256, -1);
                Mbuf m = allocateHere(pool);
                m.append(4);
                m.putInt(0, 1);
                require(pool.leaks().size() == 1, "one leak");
                require(pool.leaks().getFirst().toString().contains("allocateHere"), "place of the leak");
                freeHere(m);
                require(pool.leaks().isEmpty(), "no leak");
                expect(MbufMisuse.Kind.USE_AFTER_FREE, true, () -> m.getInt(0));
                expect(MbufMisuse.Kind.USE_AFTER_FREE, true, () -> m.write(0, new byte[1], 0, 1));
                expect(MbufMisuse.Kind.DOUBLE_FREE, true, m::free);
                expect(MbufMisuse.Kind.DOUBLE_FREE, true, () -> Mbuf.freeBulk(new Mbuf[] {m}, 0, 1));
                require(pool.availCount() == 64, "the pool was harmed");
                Mbuf lost = allocateHere(pool);
                expect(MbufMisuse.Kind.WRONG_POOL, false, () -> other.putBulk(new Mbuf[] {lost}, 0, 1));
                try {
                    pool.close();
                    throw new AssertionError("closed with a packet in use");
                } catch (IllegalStateException e) {
                    require(e.getMessage().contains("allocateHere"), e.getMessage());
                }
                lost.free();
                pool.close();
            }
            System.out.println("all seen");
        }
    }

    private static String run(String property) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", property, "-cp", System.getProperty("java.class.path"),
                Misuse.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text.strip();
    }

    @Test
    void shouldNameThePacketAndThePlacesOfEachMisuse() throws Exception {
        assertEquals("all seen", run("-Dpenstock.checked=true"));
    }

    @Test
    void shouldBeOffUnlessAskedFor() throws Exception {
        assertFalse(Checked.ON);
        assertFalse(run("-Dpenstock.checked=false").endsWith("all seen"));
    }
}
