package dev.penstock.metrics;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Ports;
import dev.penstock.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Values with names, of each port and of the whole (DPDK: rte_metrics). Parts register their names at start-up and
 * write new values when they have them; anybody reads them, also telemetry clients: the commands
 * {@code /metrics/global_stat_values} and {@code /metrics/ports_all_stat_values} answer what DPDK's of those names do.
 *
 * <p>Any thread may call any method. {@link #update} takes no lock and allocates nothing but at a port's first time.
 */
public final class Metrics implements AutoCloseable {
    /** In place of a port's number: values of the whole (RTE_METRICS_GLOBAL). */
    public static final int GLOBAL = -1;
    /** How many names there can be (RTE_METRICS_MAX_METRICS). */
    public static final int MAX_METRICS = 256;

    private static final String WHOLE = "/metrics/global_stat_values";
    private static final String EACH = "/metrics/ports_all_stat_values";
    private static final int MAX_NAME = 63;

    private final Telemetry telemetry;
    private final Telemetry.Command whole = p -> List.of(describe(GLOBAL));
    private final Telemetry.Command each;
    private volatile List<String> names = List.of();
    private volatile AtomicLongArray[] values = {};

    /**
     * No names yet, and the telemetry commands of an instance.
     *
     * @param eal the instance that tells of them
     * @param ports the ports that it tells of
     */
    public Metrics(Eal eal, Ports ports) {
        telemetry = eal.telemetry();
        each = p -> ports.list().stream().map(port -> describe(port.id())).toList();
        telemetry.register(WHOLE, "Returns metrics that belong to no port. Takes no parameters", whole);
        telemetry.register(EACH, "Returns the metrics of each port. Takes no parameters", each);
    }

    /**
     * Takes names that belong together.
     *
     * @param added 1 to 63 characters each
     * @return the key of the first; the others follow
     * @throws IllegalStateException when there are more than {@value #MAX_METRICS} then
     */
    public synchronized int register(String... added) {
        for (String name : added) {
            if (name.isEmpty() || name.length() > MAX_NAME) {
                throw new IllegalArgumentException("metric '" + name + "' has not 1 to " + MAX_NAME + " characters");
            }
        }
        List<String> more = new ArrayList<>(names);
        more.addAll(Arrays.asList(added));
        if (more.size() > MAX_METRICS) {
            throw new IllegalStateException("metrics: no room for " + added.length + " names beside " + names.size());
        }
        int key = names.size();
        names = List.copyOf(more);
        return key;
    }

    /**
     * Writes new values.
     *
     * @param port a port's number, or {@link #GLOBAL}
     * @param key of the first, as {@link #register} gave it
     * @param now the values, one for each name from the key on
     * @throws IndexOutOfBoundsException when that many were not registered
     */
    public void update(int port, int key, long[] now) {
        if (key < 0 || key + now.length > names.size() || port < GLOBAL) {
            throw new IndexOutOfBoundsException("metrics " + key + " to " + (key + now.length - 1) + " of port " + port
                    + ": there are " + names.size());
        }
        AtomicLongArray all = of(port);
        for (int i = 0; i < now.length; i++) {
            all.setOpaque(key + i, now[i]);
        }
    }

    private AtomicLongArray of(int port) {
        AtomicLongArray[] known = values;
        return port + 1 < known.length ? known[port + 1] : grow(port);
    }

    private synchronized AtomicLongArray grow(int port) {
        int had = values.length;
        if (port + 1 >= had) {
            AtomicLongArray[] more = Arrays.copyOf(values, port + 2);
            Arrays.setAll(more, i -> i < had ? more[i] : new AtomicLongArray(MAX_METRICS));
            values = more;
        }
        return values[port + 1];
    }

    /** @return all names, by key */
    public List<String> names() {
        return names;
    }

    /**
     * Reads values.
     *
     * @param port a port's number, or {@link #GLOBAL}
     * @return by name, in the order of their keys; 0 where nothing was written
     */
    public Map<String, Long> values(int port) {
        AtomicLongArray[] known = values;
        List<String> all = names;
        Map<String, Long> now = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            now.put(all.get(i), port + 1 < known.length ? known[port + 1].getOpaque(i) : 0);
        }
        return now;
    }

    private Map<String, Object> describe(int port) {
        List<Map<String, Object>> stats = new ArrayList<>();
        values(port).forEach((name, value) -> stats.add(pair("name", name, "value", value)));
        return pair("port", port, "stats", stats);
    }

    private static Map<String, Object> pair(String first, Object a, String second, Object b) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, a);
        map.put(second, b);
        return map;
    }

    /** Takes the telemetry commands away. */
    @Override
    public void close() {
        telemetry.unregister(WHOLE, whole);
        telemetry.unregister(EACH, each);
    }
}
