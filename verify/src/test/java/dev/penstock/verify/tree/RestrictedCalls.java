package dev.penstock.verify.tree;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds calls of the JDK's restricted methods, and uses of unsafe classes, in compiled classes. */
final class RestrictedCalls {
    private static final Set<String> RESTRICTED = Set.of(
            "java/lang/foreign/Linker.downcallHandle", "java/lang/foreign/Linker.upcallStub",
            "java/lang/foreign/MemorySegment.reinterpret", "java/lang/foreign/SymbolLookup.libraryLookup",
            "java/lang/foreign/AddressLayout.withTargetLayout",
            "java/lang/ModuleLayer$Controller.enableNativeAccess",
            "java/lang/System.load", "java/lang/System.loadLibrary",
            "java/lang/Runtime.load", "java/lang/Runtime.loadLibrary");

    /** How often each class calls each restricted method: "class method" to a count. */
    final Map<String, Integer> counts = new TreeMap<>();
    /** Classes that use {@code sun.misc.Unsafe} or the JDK's internals. */
    final Set<String> unsafe = new TreeSet<>();
    /** Classes that use {@code dev.penstock.raw}. */
    final Set<String> raw = new TreeSet<>();

    void scanFolder(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                scan(Files.readAllBytes(file));
            }
        }
    }

    void scan(byte[] bytes) {
        ClassModel model = ClassFile.of().parse(bytes);
        String name = model.thisClass().asInternalName().replace('/', '.');
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry used) {
                String other = used.asInternalName();
                if (other.equals("sun/misc/Unsafe") || other.startsWith("jdk/internal/")) {
                    unsafe.add(name);
                } else if (other.startsWith("dev/penstock/raw/") && !name.startsWith("dev.penstock.raw.")) {
                    raw.add(name);
                }
            } else if (entry instanceof MethodHandleEntry handle) {
                count(name, handle.reference().owner().asInternalName(), handle.reference().name().stringValue());
            }
        }
        for (MethodModel method : model.methods()) {
            method.code().ifPresent(code -> scan(name, code));
        }
    }

    private void scan(String name, CodeModel code) {
        for (CodeElement element : code) {
            if (element instanceof InvokeInstruction call) {
                count(name, call.owner().asInternalName(), call.name().stringValue());
            }
        }
    }

    private void count(String name, String owner, String method) {
        if (RESTRICTED.contains(owner + "." + method)) {
            counts.merge(name + " " + method, 1, Integer::sum);
        }
    }
}
