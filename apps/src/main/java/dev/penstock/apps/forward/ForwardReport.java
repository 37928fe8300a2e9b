package dev.penstock.apps.forward;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Statistics of ports in l2fwd's layout; beyond it, each reason for a drop by name. */
public final class ForwardReport {
    private static final class Line {
        long sent;
        long received;
        final Map<String, Long> drops = new LinkedHashMap<>();
        final Map<String, Long> others = new LinkedHashMap<>();

        long dropped() {
            return drops.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private final Map<Integer, Line> ports = new TreeMap<>();

    /** Makes an empty one. */
    public ForwardReport() {}

    private Line line(int port) {
        return ports.computeIfAbsent(port, p -> new Line());
    }

    /**
     * Counts traffic of a port.
     *
     * @param port its number
     * @param received packets
     * @param sent packets
     */
    public void traffic(int port, long received, long sent) {
        line(port).received += received;
        line(port).sent += sent;
    }

    /**
     * Counts packets dropped; a reason without any is not shown.
     *
     * @param port where they came from, or were to go to when that port did not take them
     * @param reason the counter's name
     * @param packets how many
     */
    public void drop(int port, String reason, long packets) {
        if (packets > 0) {
            line(port).drops.merge(reason, packets, Long::sum);
        }
    }

    /**
     * Shows another counter; none when it is 0.
     *
     * @param port the port
     * @param name the counter's name
     * @param packets how many
     */
    public void also(int port, String name, long packets) {
        if (packets > 0) {
            line(port).others.merge(name, packets, Long::sum);
        }
    }

    /** @return packets that all ports sent */
    public long sent() {
        return ports.values().stream().mapToLong(l -> l.sent).sum();
    }

    /** @return the text */
    public String text() {
        StringBuilder text = new StringBuilder("\nPort statistics ====================================");
        ports.forEach((id, line) -> {
            text.append("\nStatistics for port ").append(id).append(" ------------------------------");
            text.append(String.format("%nPackets sent: %24d%nPackets received: %20d%nPackets dropped: %21d", line.sent, line.received,
                    line.dropped()));
            line.drops.forEach((name, n) -> text.append(String.format("%n  %-22s %13d", name + ":", n)));
            line.others.forEach((name, n) -> text.append(String.format("%n  %-22s %13d", name + ":", n)));
        });
        text.append(String.format("%nAggregate statistics ===============================%nTotal packets sent: %18d"
                + "%nTotal packets received: %14d%nTotal packets dropped: %15d", sent(),
                ports.values().stream().mapToLong(l -> l.received).sum(), ports.values().stream().mapToLong(Line::dropped).sum()));
        return text.append("\n====================================================\n").toString();
    }
}
