package dev.penstock.verify.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The module linux alone touches native code, and no more often than {@code linux/restricted-calls.txt} says. */
class NativeAccessTest {
    private static final RestrictedCalls FOUND = new RestrictedCalls();

    @BeforeAll
    static void scanAllModules() throws IOException {
        for (Path folder : Tree.compiled()) {
            FOUND.scanFolder(folder);
        }
    }

    @Test
    void shouldCallRestrictedMethodsInTheLinuxModuleAlone() {
        List<String> elsewhere = FOUND.counts.keySet().stream()
                .filter(key -> !key.startsWith("dev.penstock.linux.") && !key.startsWith("dev.penstock.raw.")).toList();
        assertEquals(List.of(), elsewhere, "native access belongs in the module linux: add a typed call there");
    }

    @Test
    void shouldCallRestrictedMethodsAsOftenAsTheListSays() throws IOException {
        Path list = Tree.ROOT.resolve("linux/restricted-calls.txt");
        Map<String, Integer> expected = Files.readAllLines(list).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1))));
        String found = FOUND.counts.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining("\n"));
        assertEquals(expected, FOUND.counts,
                "the restricted calls changed; if that is meant, linux/restricted-calls.txt shall list\n" + found);
    }

    @Test
    void shouldUseNoUnsafeClassAnywhere() {
        assertEquals(Set.of(), FOUND.unsafe, "use MemorySegment and VarHandle, not sun.misc.Unsafe or JDK internals");
    }

    @Test
    void shouldUseRawMemoryInThePacketBufferAndTheBlocksOfTablesAlone() {
        List<String> elsewhere = FOUND.raw.stream()
                .filter(name -> !name.startsWith("dev.penstock.mbuf.") && !name.equals("dev.penstock.lines.Block")).toList();
        assertEquals(List.of(), elsewhere, "raw addresses are for the package mbuf and for lines.Block; take a bounded MemorySegment");
    }

    @Test
    void shouldCatchACallAMethodReferenceAndAnUnsafeClass() throws IOException {
        RestrictedCalls scan = new RestrictedCalls();
        try (InputStream in = Offender.class.getResourceAsStream("NativeAccessTest$Offender.class")) {
            scan.scan(in.readAllBytes());
        }
        assertEquals(Map.of(Offender.class.getName() + " reinterpret", 2), scan.counts);
        ClassDesc unsafe = ClassDesc.of("sun.misc.Unsafe");
        scan.scan(ClassFile.of().build(ClassDesc.of("Sneaky"), type -> type.withMethodBody("run",
                MethodTypeDesc.of(ConstantDescs.CD_void), ClassFile.ACC_STATIC, code -> code
                        .invokestatic(unsafe, "getUnsafe", MethodTypeDesc.of(unsafe)).pop().return_())));
        assertEquals(Set.of("Sneaky"), scan.unsafe);
    }

    /** Does what must not be done; never run. */
    static final class Offender {
        static MemorySegment call() {
            return MemorySegment.NULL.reinterpret(8);
        }

        static LongFunction<MemorySegment> reference() {
            return MemorySegment.NULL::reinterpret;
        }
    }
}
