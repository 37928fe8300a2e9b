package dev.penstock.verify.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What STYLE.md asks and a machine can see; and that the documents name what is there. */
class TidyTest {
    private static final int LONGEST_FILE_BYTES = 30_000;
    private static final int LONGEST_LINE = 160;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)[^)]*\\)");
    private static final Pattern COMMAND = Pattern.compile("^ {4}(?:sudo )?\\./penstock ([a-z][a-z0-9]*)", Pattern.MULTILINE);

    @Test
    void shouldKeepFilesShortAndLinesReadable() {
        List<String> bad = new ArrayList<>();
        for (Path file : Tree.files(".java")) {
            String text = Tree.text(file);
            if (text.length() > LONGEST_FILE_BYTES) {
                bad.add(Tree.name(file) + " has " + text.length() + " bytes");
            }
            text.lines().filter(line -> line.length() > LONGEST_LINE || line.contains("\t"))
                    .forEach(line -> bad.add(Tree.name(file) + ": " + line));
        }
        assertEquals(List.of(), bad);
    }

    @Test
    void shouldEndTheProcessInTheLauncherAlone() {
        List<String> bad = new ArrayList<>();
        for (Path file : Tree.files(".java")) {
            String name = Tree.name(file);
            if (name.contains("/src/main/") && !name.endsWith("/apps/Main.java") && !name.startsWith("bench/")
                    && (Tree.text(file).contains("System.exit(") || Tree.text(file).contains(".halt("))) {
                bad.add(name);
            }
        }
        assertEquals(List.of(), bad, "only the launcher ends the process");
    }

    @Test
    void shouldAskForTheVectorApiInOnePlace() {
        List<String> bad = Tree.files(".java").stream().filter(file -> Tree.text(file).contains("findModule(\"jdk.incubator"))
                .map(Tree::name).filter(name -> !name.endsWith("/TidyTest.java")).toList();
        assertEquals(List.of(), bad, "Vectors.module() finds the module also where the boot layer has none");
    }

    @Test
    void shouldImportOneTypeAtATime() {
        List<String> bad = Tree.files(".java").stream()
                .filter(file -> Tree.text(file).lines().anyMatch(line -> line.startsWith("import ") && line.endsWith(".*;")))
                .map(Tree::name).toList();
        assertEquals(List.of(), bad);
    }

    @Test
    void shouldSayWhatEachPackageIsFor() {
        List<String> bad = Tree.files(".java").stream().filter(file -> Tree.name(file).contains("/src/main/"))
                .map(Path::getParent).distinct()
                .filter(folder -> !folder.endsWith("java") && Files.notExists(folder.resolve("package-info.java")))
                .map(Tree::name).toList();
        assertEquals(List.of(), bad, "each package has a package-info.java");
    }

    @Test
    void shouldLinkToFilesThatAreThere() {
        List<String> bad = new ArrayList<>();
        for (Path file : Tree.files(".md")) {
            Matcher link = LINK.matcher(Tree.text(file));
            while (link.find()) {
                if (!link.group(1).startsWith("http") && Files.notExists(file.resolveSibling(link.group(1)))) {
                    bad.add(Tree.name(file) + ": " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), bad);
    }

    @Test
    void shouldDocumentCommandsThatThereAre() {
        String launcher = Tree.text(Tree.ROOT.resolve("penstock"))
                + Tree.text(Tree.ROOT.resolve("apps/src/main/java/dev/penstock/apps/Main.java"));
        List<String> bad = new ArrayList<>();
        for (Path file : Tree.files(".md")) {
            Matcher command = COMMAND.matcher(Tree.text(file));
            while (command.find()) {
                if (!Pattern.compile("\\b" + command.group(1) + "\\b").matcher(launcher).find()) {
                    bad.add(Tree.name(file) + ": ./penstock " + command.group(1));
                }
            }
        }
        assertEquals(List.of(), bad);
    }
}
