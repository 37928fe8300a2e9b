package dev.penstock.verify.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ARCHITECTURE.md says of the rooms is so: its table is read, not repeated here. */
class RoomsTest {
    private static final Path ARCHITECTURE = Tree.ROOT.resolve("ARCHITECTURE.md");

    @ParameterizedTest
    @ValueSource(strings = {"core", "tables", "virt"})
    void shouldUseOnlyPackagesThatStandBeforeTheirUserInTheList(String module) throws IOException {
        List<String> order = packages(module);
        assertEquals(present(module), new TreeSet<>(order), "ARCHITECTURE.md lists the packages of " + module);
        Set<String> upward = new TreeSet<>();
        for (JavaClass user : new ClassFileImporter().importPath(Tree.ROOT.resolve(module).resolve("target/classes"))) {
            for (Dependency use : user.getDirectDependenciesFromSelf()) {
                int from = order.indexOf(room(user));
                int to = order.indexOf(room(use.getTargetClass()));
                if (to > from) {
                    upward.add(user.getName() + " uses " + use.getTargetClass().getName());
                }
            }
        }
        assertEquals(Set.of(), upward, "the order of ARCHITECTURE.md");
    }

    @Test
    void shouldNameEveryModule() {
        String table = Tree.text(ARCHITECTURE);
        for (Path pom : Tree.files("pom.xml")) {
            String folder = Tree.ROOT.relativize(pom).getName(0).toString();
            assertTrue(folder.equals("pom.xml") || table.contains("| `" + folder + "/` |"), folder + " is not in ARCHITECTURE.md");
        }
    }

    private static List<String> packages(String module) {
        String row = Tree.text(ARCHITECTURE).lines().filter(line -> line.startsWith("| `" + module + "/` |")).findFirst().orElseThrow();
        List<String> names = new ArrayList<>();
        Matcher name = Pattern.compile("`([a-z0-9]+)`").matcher(row.split("\\|")[3]);
        while (name.find()) {
            names.add(name.group(1));
        }
        return names;
    }

    private static Set<String> present(String module) throws IOException {
        try (Stream<Path> folders = Files.list(Tree.ROOT.resolve(module).resolve("src/main/java/dev/penstock"))) {
            return new TreeSet<>(folders.map(folder -> folder.getFileName().toString()).toList());
        }
    }

    /** The part of a package's name behind {@code dev.penstock.}, of the classes that are ours. */
    private static String room(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.");
        return parts.length > 2 && type.getPackageName().startsWith("dev.penstock.") ? parts[2] : "";
    }
}
