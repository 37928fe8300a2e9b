package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.linux.BpfObject;
import dev.penstock.linux.BpfObjectException;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Seed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BpfObjectTest {
    private static final List<BpfObject.Map> MAPS = List.of(new BpfObject.Map("xsks_map", 17, 4, 4, 64, 0));

    private static String refusal(byte[] file) {
        return assertThrows(BpfObjectException.class, () -> BpfObject.parse(file)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReadAProgramAndItsMapsWithTypesAndWithout(boolean types) {
        BpfObject object = BpfObject.parse(BpfObjects.redirect("xdp.frags", types, 64));
        assertEquals("take", object.name());
        assertEquals("GPL", object.license());
        assertTrue(object.fragments());
        assertEquals(MAPS, object.maps());
        assertEquals(List.of(new BpfObject.Use(1, 0)), object.uses());
        assertEquals(6, object.instructions().size());
    }

    @Test
    void shouldReadWhatAnotherAssemblerWrites(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/llvm-mc")), "SKIPPED: llvm-mc is not installed");
        Path source = folder.resolve("p.s");
        Files.writeString(source, """
                .section xdp,"ax",@progbits
                .globl take
                .type take,@function
                take:
                  r2 = *(u32 *)(r1 + 16)
                  r1 = xsks_map ll
                  r3 = 2
                  call 51
                  exit
                .Lend:
                .size take, .Lend-take
                .section license,"aw",@progbits
                .asciz "GPL"
                .section maps,"aw",@progbits
                .globl xsks_map
                .type xsks_map,@object
                xsks_map:
                  .long 17
                  .long 4
                  .long 4
                  .long 64
                  .long 0
                .size xsks_map, 20
                """);
        Path object = folder.resolve("p.o");
        Command.run("/usr/bin/llvm-mc", "-triple", "bpfel", "-filetype=obj", "-o", object.toString(), source.toString());
        BpfObject theirs = BpfObject.parse(Files.readAllBytes(object));
        BpfObject ours = BpfObject.parse(BpfObjects.redirect("xdp", false, 64));
        assertEquals(ours, theirs);
    }

    @Test
    void shouldReadWhatClangCompiles(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/clang")), "SKIPPED: clang is not installed");
        Path source = folder.resolve("p.c");
        Files.writeString(source, """
                #define SEC(name) __attribute__((section(name), used))
                struct xdp_md { unsigned data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
                struct { int (*type)[17]; int *key; int *value; int (*max_entries)[64]; } xsks_map SEC(".maps");
                static long (*redirect)(void *, unsigned long, unsigned long) = (void *) 51;
                SEC("xdp") int take(struct xdp_md *ctx) { return redirect(&xsks_map, ctx->rx_queue_index, 2); }
                char _license[] SEC("license") = "GPL";
                """);
        Path object = folder.resolve("p.o");
        Command.run("/usr/bin/clang", "-O2", "-g", "-target", "bpf", "-c", "-o", object.toString(), source.toString());
        assertEquals(MAPS, BpfObject.parse(Files.readAllBytes(object)).maps());
    }

    @Test
    void shouldSayWhatIsWrongAndWhere() {
        byte[] file = BpfObjects.redirect("xdp", true, 64);
        assertTrue(refusal(new byte[0]).contains("ELF header"));
        assertTrue(refusal(Arrays.copyOf(file, 63)).contains("the file has 63"));
        assertTrue(refusal(new byte[100]).contains("no 64-bit little-endian ELF"));
        byte[] x86 = file.clone();
        x86[18] = 62;
        assertTrue(refusal(x86).contains("machine 62"));
        assertTrue(refusal(BpfObjects.redirect("tc", true, 64)).contains("SEC(\"xdp\")"));
        byte[] late = file.clone();
        ByteBuffer.wrap(late).order(ByteOrder.LITTLE_ENDIAN).putLong(40, Long.MAX_VALUE);
        assertTrue(refusal(late).contains("section table"));
    }

    @Test
    void shouldReadOrRefuseAMillionDamagedFilesAndNothingElse() {
        SplittableRandom random = Seed.random("bpf objects");
        byte[][] whole = {BpfObjects.redirect("xdp", false, 64), BpfObjects.redirect("xdp", true, 64)};
        int read = 0;
        for (int i = 0; i < 1_000_000; i++) {
            byte[] file = whole[i & 1].clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                int at = random.nextInt(file.length);
                switch (random.nextInt(5)) {
                    case 0 -> file[at] = (byte) random.nextInt();
                    case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
                    case 2 -> file[at] = -1;
                    case 3 -> file[at] = (byte) 0x80;
                    default -> file[at] = 0;
                }
            }
            if (random.nextInt(8) == 0) {
                file = Arrays.copyOf(file, random.nextInt(file.length));
            }
            try {
                BpfObject object = BpfObject.parse(file);
                object.uses().forEach(use -> assertTrue(use.instruction() + 1 < object.instructions().size() && use.map() < object.maps().size()));
                read++;
            } catch (BpfObjectException e) {
                // the one way to refuse
            }
        }
        assertTrue(read > 10_000 && read < 900_000, read + " were read");
    }

    @Test
    void shouldKeepTheInstructionsThatUseNoMap() {
        BpfObject object = BpfObject.parse(BpfObjects.redirect("xdp", false, 64));
        long[] plain = object.instructions().stream().mapToLong(Long::longValue).toArray();
        BpfObject none = new BpfObject("p", "", false, object.instructions(), List.of(), List.of());
        assertArrayEquals(plain, none.linked(List.of()));
    }
}
