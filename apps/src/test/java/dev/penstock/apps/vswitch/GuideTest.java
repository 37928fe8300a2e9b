package dev.penstock.apps.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the guide shows for copying is what the programs that it is meant for take. */
class GuideTest {
    private static List<String> blocks(String language) throws IOException {
        Path guide = Stream.of("docs/vswitch.md", "../docs/vswitch.md").map(Path::of).filter(Files::exists).findFirst().orElseThrow();
        return Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(Files.readString(guide)).results().map(m -> m.group(1)).toList();
    }

    @Test
    void shouldReadTheConfiguration() throws IOException {
        assertFalse(Config.parse("switch.yaml", blocks("yaml").getFirst()).steps().isEmpty());
    }

    @Test
    void shouldPassLibvirtsSchema() throws IOException, InterruptedException {
        boolean there = Files.isExecutable(Path.of("/usr/bin/virt-xml-validate")) && Files.isExecutable(Path.of("/usr/bin/xmllint"));
        if (!there) {
            System.err.println("SKIPPED: no libvirt to check the guide's machine; sudo apt-get install libvirt-clients libxml2-utils");
        }
        assumeTrue(there);
        Path file = Files.createTempFile("penstock-domain", ".xml");
        try {
            String domain = blocks("xml").getFirst();
            Files.writeString(file, domain);
            assertEquals("", check(file));
            Files.writeString(file, domain.replace("vhostuser", "vhostusher"));
            assertFalse(check(file).isEmpty(), "the schema takes all");
        } finally {
            Files.delete(file);
        }
    }

    /** Nothing, or why it is refused. */
    private static String check(Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("virt-xml-validate", file.toString(), "domain").redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? "" : said + "refused";
    }

    @Test
    void shouldNameInKubernetesOnlyWhatIsThere() throws IOException {
        List<Map<?, ?>> all = new ArrayList<>();
        new Load(LoadSettings.builder().build()).loadAllFromString(blocks("yaml").get(1)).forEach(d -> all.add((Map<?, ?>) d));
        assertEquals(List.of("ConfigMap", "DaemonSet", "Pod"), all.stream().map(d -> d.get("kind")).toList());
        for (Map<?, ?> each : all) {
            assertEquals(each.get("kind").equals("DaemonSet") ? "apps/v1" : "v1", each.get("apiVersion"));
            assertNotNull(map(each, "metadata").get("name"));
        }
        String config = (String) map(all.get(0), "data").get("switch.yaml");
        assertFalse(Config.parse("switch.yaml", config).steps().isEmpty());
        Map<?, ?> daemons = map(all.get(1), "spec");
        Map<?, ?> template = map(daemons, "template");
        assertEquals(map(map(daemons, "selector"), "matchLabels"), map(map(template, "metadata"), "labels"));
        Map<?, ?> node = map(template, "spec");
        Map<?, ?> pod = map(all.get(2), "spec");
        mountsAreVolumes(node);
        mountsAreVolumes(pod);
        assertEquals(volume(node, "sockets"), volume(pod, "sockets"), "switch and pod share the sockets' folder");
        assertEquals(map(all.get(0), "metadata").get("name"), map(volume(node, "config"), "configMap").get("name"));
        assertTrue(((List<?>) list(node, "containers").getFirst().get("command")).contains("--config=/etc/penstock/switch.yaml"));
    }

    private static void mountsAreVolumes(Map<?, ?> spec) {
        Set<Object> volumes = list(spec, "volumes").stream().map(v -> v.get("name")).collect(Collectors.toSet());
        for (Map<?, ?> container : list(spec, "containers")) {
            assertNotNull(container.get("image"));
            assertEquals(volumes, list(container, "volumeMounts").stream().map(v -> v.get("name")).collect(Collectors.toSet()));
        }
    }

    private static Map<?, ?> volume(Map<?, ?> spec, String name) {
        return list(spec, "volumes").stream().filter(v -> name.equals(v.get("name"))).findFirst().orElseThrow();
    }

    private static Map<?, ?> map(Map<?, ?> in, String key) {
        return (Map<?, ?>) in.get(key);
    }

    private static List<Map<?, ?>> list(Map<?, ?> in, String key) {
        return ((List<?>) in.get(key)).stream().<Map<?, ?>>map(Map.class::cast).toList();
    }
}
