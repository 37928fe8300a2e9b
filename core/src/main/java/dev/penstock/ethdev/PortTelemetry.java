package dev.penstock.ethdev;

import dev.penstock.net.MacAddress;
import dev.penstock.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** What ports tell of themselves; names and layout are DPDK's. */
final class PortTelemetry {
    /** RTE_ETHDEV_QUEUE_STAT_CNTRS: how many queues have counters in {@code /ethdev/stats}. */
    private static final int QUEUE_COUNTERS = 16;

    private interface OfPort {
        Object tell(Port port, String more);
    }

    private record Named(String name, Telemetry.Command command) {}

    private final Ports ports;
    private final List<Named> registered = new ArrayList<>();

    PortTelemetry(Ports ports) {
        this.ports = ports;
    }

    void register(Telemetry t) {
        add(t, "list", "Returns list of available ethdev ports. Takes no parameters", p -> ports.list().stream().map(Port::id).toList());
        ofPort(t, "stats", "Returns the common stats for a port. Parameters: int port_id", (p, m) -> stats(p));
        ofPort(t, "xstats", "Returns the extended stats for a port. Parameters: int port_id", PortTelemetry::xstats);
        ofPort(t, "link_status", "Returns the link status for a port. Parameters: int port_id", (p, m) -> link(p));
        ofPort(t, "info", "Returns the device info for a port. Parameters: int port_id", (p, m) -> info(p));
        ofPort(t, "macs", "Returns the MAC addresses for a port. Parameters: int port_id",
                (p, m) -> p.filters().macs().stream().map(PortTelemetry::mac).toList());
        ofPort(t, "rss_info", "Returns RSS info for a port. Parameters: int port_id", (p, m) -> rss(p));
        ofPort(t, "rx_queue", "Returns Rx queue info for a port. Parameters: int port_id, int queue_id", PortTelemetry::rxQueue);
        ofPort(t, "tx_queue", "Returns Tx queue info for a port. Parameters: int port_id, int queue_id", PortTelemetry::txQueue);
    }

    void unregister(Telemetry t) {
        registered.forEach(r -> t.unregister(r.name, r.command));
    }

    private void add(Telemetry t, String name, String help, Telemetry.Command command) {
        t.register("/ethdev/" + name, help, command);
        registered.add(new Named("/ethdev/" + name, command));
    }

    private void ofPort(Telemetry t, String name, String help, OfPort command) {
        add(t, name, help, p -> {
            int comma = p.indexOf(',');
            Port port = ports.port(Integer.decode(comma < 0 ? p : p.substring(0, comma)));
            return command.tell(port, comma < 0 ? "" : p.substring(comma + 1));
        });
    }

    private static Object stats(Port port) {
        PortStats s = port.stats();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("ipackets", s.rxPackets());
        all.put("opackets", s.txPackets());
        all.put("ibytes", s.rxBytes());
        all.put("obytes", s.txBytes());
        all.put("imissed", s.rxMissed());
        all.put("ierrors", s.rxErrors());
        all.put("oerrors", s.txErrors());
        all.put("rx_nombuf", s.rxNoMbuf());
        PortStats[] queues = new PortStats[QUEUE_COUNTERS];
        for (int q = 0; q < QUEUE_COUNTERS; q++) {
            queues[q] = port.queueStats(q);
        }
        all.put("q_ipackets", each(queues, PortStats::rxPackets));
        all.put("q_opackets", each(queues, PortStats::txPackets));
        all.put("q_ibytes", each(queues, PortStats::rxBytes));
        all.put("q_obytes", each(queues, PortStats::txBytes));
        all.put("q_errors", each(queues, PortStats::rxErrors));
        return all;
    }

    private static List<Long> each(PortStats[] queues, ToLongFunction<PortStats> counter) {
        List<Long> list = new ArrayList<>();
        for (PortStats queue : queues) {
            list.add(counter.applyAsLong(queue));
        }
        return list;
    }

    private static Object xstats(Port port, String more) {
        boolean hideZero = more.equals("hide_zero=true");
        Map<String, Object> all = new LinkedHashMap<>();
        port.xstats().stream().filter(x -> !hideZero || x.value() != 0).forEach(x -> all.put(x.name(), x.value()));
        return all;
    }

    private static Object link(Port port) {
        Link link = port.link();
        if (!link.up()) {
            return Map.of("status", "DOWN");
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("status", "UP");
        all.put("speed", link.speedMbps());
        all.put("duplex", link.fullDuplex() ? "full-duplex" : "half-duplex");
        return all;
    }

    private static Object info(Port port) {
        PortConfig config = port.config();
        Filters filters = port.filters();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", port.name());
        all.put("state", 1);
        all.put("nb_rx_queues", config.rxQueues());
        all.put("nb_tx_queues", config.txQueues());
        all.put("port_id", port.id());
        all.put("mtu", filters.mtu());
        all.put("rx_mbuf_size_min", IntStream.range(0, config.rxQueues()).mapToObj(port::rxQueueConfig)
                .filter(c -> c != null).mapToInt(c -> c.pool().dataRoom()).min().orElse(0));
        all.put("mac_addr", mac(filters.mac()));
        all.put("promiscuous", bit(filters.promiscuous()));
        all.put("scattered_rx", bit((config.rxOffloads() & RxOffload.SCATTER) != 0));
        all.put("all_multicast", bit(filters.allMulticast()));
        all.put("dev_started", bit(port.state() == Port.State.STARTED));
        all.put("lro", bit((config.rxOffloads() & RxOffload.TCP_LRO) != 0));
        all.put("dev_configured", bit(port.state() != Port.State.PROBED));
        all.put("rxq_state", IntStream.range(0, config.rxQueues()).mapToObj(q -> bit(port.rxQueueStarted(q))).toList());
        all.put("txq_state", IntStream.range(0, config.txQueues()).mapToObj(q -> bit(port.txQueueStarted(q))).toList());
        all.put("numa_node", 0);
        all.put("dev_flags", 0);
        all.put("rx_offloads", config.rxOffloads());
        all.put("tx_offloads", config.txOffloads());
        all.put("ethdev_rss_hf", port.rss().types());
        return all;
    }

    private static Object rss(Port port) {
        Rss rss = port.rss();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("rss_hf", rss.types());
        all.put("rss_key_len", rss.key().length);
        all.put("rss_key", HexFormat.of().formatHex(rss.key()));
        return all;
    }

    private static Object rxQueue(Port port, String more) {
        int queue = queue(more, port.config().rxQueues());
        RxQueueConfig config = port.rxQueueConfig(queue);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("mempool", config.pool().name());
        all.put("free_threshold", config.freeThreshold());
        all.put("deferred_start", bit(config.deferredStart()));
        all.put("offloads", config.offloads() | port.config().rxOffloads());
        all.put("scattered_rx", bit((port.config().rxOffloads() & RxOffload.SCATTER) != 0));
        all.put("queue_state", bit(port.rxQueueStarted(queue)));
        all.put("nb_desc", config.descriptors());
        return all;
    }

    private static Object txQueue(Port port, String more) {
        int queue = queue(more, port.config().txQueues());
        TxQueueConfig config = port.txQueueConfig(queue);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("free_threshold", config.freeThreshold());
        all.put("deferred_start", bit(config.deferredStart()));
        all.put("offloads", config.offloads() | port.config().txOffloads());
        all.put("queue_state", bit(port.txQueueStarted(queue)));
        all.put("nb_desc", config.descriptors());
        return all;
    }

    /** As DPDK: the queue may be left out where there is but one. */
    private static int queue(String text, int count) {
        return text.isEmpty() && count == 1 ? 0 : Integer.decode(text);
    }

    private static String mac(long mac) {
        return MacAddress.format(mac).toUpperCase(Locale.ROOT);
    }

    private static int bit(boolean set) {
        return set ? 1 : 0;
    }
}
