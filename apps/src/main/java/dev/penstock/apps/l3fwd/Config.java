package dev.penstock.apps.l3fwd;

import dev.penstock.apps.cli.ExitException;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which lcore polls which receive queue: {@code --config}. */
final class Config {
    record Queue(Port port, int number) {}

    private final Map<Lcore, List<Queue>> queues = new LinkedHashMap<>();
    private final Map<Port, Integer> counts = new LinkedHashMap<>();

    /**
     * Checks the rows and lays them out.
     *
     * @param rows port, queue and lcore each; null for queue 0 of each port, the lcores in turn
     * @param ports that forward
     * @param lcores all of the environment
     * @throws ExitException when a row can't be; says which and why
     */
    Config(List<int[]> rows, List<Port> ports, List<Lcore> lcores) {
        for (int[] row : rows == null ? inTurn(ports, lcores) : rows) {
            String name = "(" + row[0] + "," + row[1] + "," + row[2] + ") of --config: ";
            Port port = ports.stream().filter(p -> p.id() == row[0]).findFirst()
                    .orElseThrow(() -> new ExitException(name + "port " + row[0] + " is not enabled in port mask, or not there"));
            Lcore lcore = lcores.stream().filter(l -> l.id() == row[2] && l.role() != Lcore.Role.SERVICE).findFirst()
                    .orElseThrow(() -> new ExitException(name + "lcore " + row[2] + " is not enabled in lcore mask; give it with -l"));
            int count = counts.getOrDefault(port, 0);
            if (row[1] != count) {
                throw new ExitException(name + "queue ids of the port " + row[0] + " must be in sequence and must start with 0");
            }
            counts.put(port, count + 1);
            queues.computeIfAbsent(lcore, l -> new ArrayList<>()).add(new Queue(port, row[1]));
        }
    }

    /** Workers in turn; the main lcore alone when there is no other. */
    private static List<int[]> inTurn(List<Port> ports, List<Lcore> lcores) {
        List<Lcore> workers = lcores.stream().filter(l -> l.role() == Lcore.Role.WORKER).toList();
        List<Lcore> chosen = workers.isEmpty() ? lcores.subList(0, 1) : workers;
        List<int[]> rows = new ArrayList<>();
        for (Port port : ports) {
            rows.add(new int[] {port.id(), 0, chosen.get(rows.size() % chosen.size()).id()});
        }
        return rows;
    }

    /** The lcores that forward; each has a transmit queue of its own at every port, numbered in this order. */
    List<Lcore> lcores() {
        return List.copyOf(queues.keySet());
    }

    List<Queue> of(Lcore lcore) {
        return queues.get(lcore);
    }

    /** Receive queues of a port; at least one, which nobody polls when the configuration has none. */
    int queues(Port port) {
        return Math.max(1, counts.getOrDefault(port, 0));
    }

    int maxQueues() {
        return counts.values().stream().mapToInt(Integer::intValue).max().orElse(1);
    }
}
