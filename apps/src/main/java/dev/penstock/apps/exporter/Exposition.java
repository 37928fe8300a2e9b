package dev.penstock.apps.exporter;

import dev.penstock.apps.cli.Instance;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counters of running programs in Prometheus' text format 0.0.4. */
final class Exposition {
    private enum Family {
        UP("penstock_up", "gauge", "1 for each program that answers."),
        LINK("penstock_port_link_up", "gauge", "1 while the port's link is up."),
        SPEED("penstock_port_speed_mbps", "gauge", "Speed of the link in Mbps."),
        STARTED("penstock_port_started", "gauge", "1 while the port is started."),
        COUNTER("penstock_port_counter_total", "counter", "The port's counters by DPDK's names (xstats), each named drop among them."),
        POOL("penstock_mempool_objects", "gauge", "How many objects the pool has."),
        FREE("penstock_mempool_free_objects", "gauge", "How many of them nobody uses."),
        HEAP("penstock_heap_bytes", "gauge", "Memory of the EAL on a NUMA node: total, allocated, free.");

        private final String name;
        private final String type;
        private final String help;

        Family(String name, String type, String help) {
            this.name = name;
            this.type = type;
            this.help = help;
        }
    }

    private final Map<Family, StringBuilder> samples = new LinkedHashMap<>();

    private Exposition() {
        for (Family family : Family.values()) {
            samples.put(family, new StringBuilder());
        }
    }

    /**
     * Asks all.
     *
     * @param running the programs; one that ends meanwhile is left out from there on
     * @return many lines
     */
    static String of(List<Instance> running) {
        Exposition all = new Exposition();
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Instance instance : running) {
            // several programs may share a prefix
            int nth = seen.merge(instance.prefix(), 1, Integer::sum);
            try {
                all.add(instance, nth == 1 ? instance.prefix() : instance.prefix() + ":" + (nth - 1));
            } catch (IOException e) {
                // it has just ended
            }
        }
        StringBuilder text = new StringBuilder();
        all.samples.forEach((family, lines) -> {
            if (!lines.isEmpty()) {
                text.append("# HELP ").append(family.name).append(' ').append(family.help).append('\n');
                text.append("# TYPE ").append(family.name).append(' ').append(family.type).append('\n').append(lines);
            }
        });
        return text.toString();
    }

    private void add(Instance instance, String prefix) throws IOException {
        Map<?, ?> info = (Map<?, ?>) instance.ask("/info");
        sample(Family.UP, 1, "prefix", prefix, "version", info.get("version").toString(), "pid", info.get("pid").toString());
        for (Object id : list(instance.ask("/ethdev/list"))) {
            port(instance, prefix, id);
        }
        for (Object name : list(instance.ask("/mempool/list"))) {
            if (instance.ask("/mempool/info," + name) instanceof Map<?, ?> pool && pool.get("size") instanceof Number size) {
                sample(Family.POOL, size, "prefix", prefix, "pool", name.toString());
                // which DPDK 22.11 does not tell
                if (pool.get("common_pool_count") instanceof Number) {
                    sample(Family.FREE, number(pool, "total_cache_count") + number(pool, "common_pool_count"), "prefix", prefix,
                            "pool", name.toString());
                }
            }
        }
        for (Object node : list(instance.ask("/eal/heap_list"))) {
            if (instance.ask("/eal/heap_info," + node) instanceof Map<?, ?> heap) {
                for (String state : List.of("Heap_size", "Alloc_size", "Free_size")) {
                    sample(Family.HEAP, number(heap, state), "prefix", prefix, "node", node.toString(), "state",
                            state.replace("_size", "").toLowerCase(Locale.ROOT));
                }
            }
        }
    }

    private void port(Instance instance, String prefix, Object id) throws IOException {
        if (!(instance.ask("/ethdev/info," + id) instanceof Map<?, ?> info)) {
            return;
        }
        String[] labels = {"prefix", prefix, "port", info.get("name").toString()};
        sample(Family.STARTED, number(info, "dev_started"), labels);
        if (instance.ask("/ethdev/link_status," + id) instanceof Map<?, ?> link) {
            sample(Family.LINK, "UP".equals(link.get("status")) ? 1 : 0, labels);
            if (link.get("speed") instanceof Number speed) {
                sample(Family.SPEED, speed, labels);
            }
        }
        if (instance.ask("/ethdev/xstats," + id) instanceof Map<?, ?> counters) {
            counters.forEach((name, value) -> sample(Family.COUNTER, (Number) value, labels[0], labels[1], labels[2], labels[3], "name",
                    name.toString()));
        }
    }

    private static List<?> list(Object answer) {
        return answer instanceof List<?> list ? list : List.of();
    }

    private static long number(Map<?, ?> map, String key) {
        return map.get(key) instanceof Number number ? number.longValue() : 0;
    }

    private void sample(Family family, Number value, String... labels) {
        StringBuilder line = samples.get(family).append(family.name);
        for (int i = 0; i < labels.length; i += 2) {
            line.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"")
                    .append(labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")).append('"');
        }
        line.append("} ").append(value).append('\n');
    }
}
