package dev.penstock.verify.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java that the documents show is compiled, and run where it needs no root. */
class SnippetsTest {
    private static final Pattern BLOCK = Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern DEPENDENCY = Pattern.compile("<groupId>([^<]*)</groupId><artifactId>([^<]*)</artifactId><version>([^<]*)</version>");
    private static final String HEAD = """
            import dev.penstock.drivers.ringdev.*;
            import dev.penstock.eal.*;
            import dev.penstock.ethdev.*;
            import dev.penstock.mbuf.*;
            import dev.penstock.ring.Ring;
            import dev.penstock.net.*;
            import dev.penstock.lpm.*;
            import java.util.*;
            public class Snippet {
                static int[] addresses = new int[32];
                static int[] nextHops = new int[32];
                public static void run() throws Exception {
            """;

    @TempDir private Path folder;

    private static List<String> blocks(String document) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Tree.text(Tree.ROOT.resolve(document)));
        while (matcher.find()) {
            blocks.add(matcher.group(1).replaceAll("(?m)^ *\\.\\.\\.$", ""));
        }
        return blocks;
    }

    private void compile(String code) throws Exception {
        compile("Snippet", HEAD + code + "}}\n");
    }

    private void compile(String name, String code) throws Exception {
        Path source = Files.writeString(folder.resolve(name + ".java"), code);
        StringWriter said = new StringWriter();
        var javac = ToolProvider.getSystemJavaCompiler();
        try (var files = javac.getStandardFileManager(null, null, null)) {
            boolean good = javac.getTask(said, files, null, List.of("-proc:none", "-d", folder.toString(), "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))), null,
                    files.getJavaFileObjects(source)).call();
            assertTrue(good, code + said);
        }
    }

    private void run(String code) throws Exception {
        compile(code);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            loader.loadClass("Snippet").getMethod("run").invoke(null);
        }
    }

    @Test
    void shouldCompileWhatTheReadmeShows() throws Exception {
        List<String> blocks = blocks("README.md");
        assertEquals(2, blocks.size());
        compile(blocks.getFirst());
    }

    @Test
    void shouldTestInAMavenProjectAsTheReadmeShows() throws Exception {
        String readme = Tree.text(Tree.ROOT.resolve("README.md"));
        String pom = Tree.text(Tree.ROOT.resolve("pom.xml"));
        Matcher dependency = DEPENDENCY.matcher(readme);
        List<String> artifacts = new ArrayList<>();
        while (dependency.find()) {
            artifacts.add(dependency.group(2));
            String version = dependency.group(3);
            assertTrue(pom.contains("<artifactId>" + dependency.group(2) + "</artifactId>")
                    && (pom.contains("<version>" + version + "</version>") || pom.contains("<junit.version>" + version + "<")), dependency.group());
        }
        assertEquals(List.of("penstock-drivers", "junit-jupiter"), artifacts);
        for (String module : List.of("core", "drivers", "tables", "virt", "apps", "testkit")) {
            assertTrue(Tree.text(Tree.ROOT.resolve(module + "/pom.xml")).contains("<artifactId>penstock-" + module + "</artifactId>"), module);
        }
        compile("LoopTest", blocks("README.md").getLast());
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            Class<?> test = loader.loadClass("LoopTest");
            var made = test.getDeclaredConstructor();
            var method = test.getDeclaredMethod("shouldReceiveWhatWasSent");
            made.setAccessible(true);
            method.setAccessible(true);
            method.invoke(made.newInstance());
        }
    }

    @Test
    void shouldLookUpAsTheTablesShow() throws Exception {
        List<String> blocks = blocks("tables/README.md");
        assertEquals(1, blocks.size());
        run(blocks.getFirst());
    }

    /** A port stood on another one that was not there. */
    @Test
    void shouldTestWithoutANicAsTheGuideShows() throws Exception {
        Path capture = folder.resolve("in.pcap");
        Files.write(capture, ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4)
                .putLong(0).putInt(65535).putInt(1).array());
        List<String> blocks = blocks("docs/from-dpdk.md");
        assertEquals(2, blocks.size());
        for (String block : blocks) {
            run(block.replace("in.pcap", capture.toString()).replace("out.pcap", folder.resolve("out.pcap").toString()));
        }
    }
}
