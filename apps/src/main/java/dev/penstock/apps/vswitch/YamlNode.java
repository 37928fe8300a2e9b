package dev.penstock.apps.vswitch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** A value in a YAML text, which knows where it stands, so that each error names line and field. */
final class YamlNode {
    private final String source;
    private final String path;
    private final Node node;

    private YamlNode(String source, String path, Node node) {
        this.source = source;
        this.path = path;
        this.node = node;
    }

    /**
     * Reads a text.
     *
     * @param source what errors call it, such as the file's name
     * @param text YAML 1.2, one document
     * @throws IllegalArgumentException when it is no YAML or empty; says where
     */
    static YamlNode parse(String source, String text) {
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(source).build();
            Optional<Node> root = new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text))).getSingleNode();
            return new YamlNode(source, "", root.orElseThrow(() -> new IllegalArgumentException(source + ": there is nothing in it")));
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
            throw new IllegalArgumentException(source + line + ": no YAML: " + e.getProblem(), e);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(source + ": no YAML: " + e.getMessage(), e);
        }
    }

    /** An error about this value: {@code switch.yaml:7: ports[0].vlan: ...}. */
    IllegalArgumentException error(String what) {
        int line = node.getStartMark().map(Mark::getLine).orElse(0) + 1;
        return new IllegalArgumentException(source + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + what);
    }

    boolean isMap() {
        return node instanceof MappingNode;
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    /** Keys and values in order. */
    Map<String, YamlNode> fields() {
        if (!(node instanceof MappingNode map)) {
            throw error("give fields, each as \"name: value\"");
        }
        Map<String, YamlNode> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : map.getValue()) {
            YamlNode key = new YamlNode(source, path, tuple.getKeyNode());
            String name = key.text();
            YamlNode value = new YamlNode(source, path.isEmpty() ? name : path + "." + name, tuple.getValueNode());
            if (fields.put(name, value) != null) {
                throw key.error(name + " is there twice");
            }
        }
        return fields;
    }

    /** Values of a list, in order. */
    List<YamlNode> items() {
        if (!(node instanceof SequenceNode list)) {
            throw error("give a list, each item after \"- \" or in [ ]");
        }
        List<YamlNode> items = new ArrayList<>();
        for (Node item : list.getValue()) {
            items.add(new YamlNode(source, path + "[" + items.size() + "]", item));
        }
        return items;
    }

    String text() {
        if (!(node instanceof ScalarNode scalar)) {
            throw error("give one value");
        }
        return scalar.getValue();
    }

    int number(int min, int max) {
        try {
            // a number with zeros before it would be octal here and is decimal in YAML 1.2
            long value = text().matches("[-+]?0\\d+") ? Long.MIN_VALUE : Long.decode(text());
            if (value >= min && value <= max) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw error("'" + text() + "' is no number from " + min + " to " + max);
    }

    boolean flag() {
        return switch (text()) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw error("'" + text() + "'; give true or false");
        };
    }

    /** Reads a value by something that throws {@link IllegalArgumentException}, which is then told with line and field. */
    <T> T read(Function<String, T> reader) {
        try {
            return reader.apply(text());
        } catch (IllegalArgumentException e) {
            throw error(e.getMessage());
        }
    }
}
