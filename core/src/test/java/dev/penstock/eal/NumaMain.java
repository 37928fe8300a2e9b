package dev.penstock.eal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Run in a machine of two NUMA nodes: takes zones there and tells where the kernel has their pages. */
public final class NumaMain {
    private NumaMain() {}

    /**
     * Prints a line for each lcore and each zone.
     *
     * @param args EAL arguments
     * @throws IOException when the kernel does not tell
     */
    public static void main(String[] args) throws IOException {
        try (Eal eal = Eal.start(line -> System.out.println("log " + line), args)) {
            for (Lcore lcore : eal.lcores()) {
                System.out.println("lcore " + lcore.id() + " socket " + lcore.socket());
            }
            for (int node = 0; node < 2; node++) {
                Memzone zone = eal.reserve("zone" + node, 4 << 20, 64, node);
                System.out.println("zone " + node + " socket " + zone.socket() + " page " + zone.pageBytes() + pages(zone));
            }
        }
    }

    /** The words of numa_maps for the map that a zone is in, such as N0=8. */
    private static String pages(Memzone zone) throws IOException {
        long at = zone.segment().address();
        String first = null;
        for (String map : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] range = map.substring(0, map.indexOf(' ')).split("-");
            if (Long.parseUnsignedLong(range[0], 16) <= at && at < Long.parseUnsignedLong(range[1], 16)) {
                first = range[0];
            }
        }
        for (String map : Files.readAllLines(Path.of("/proc/self/numa_maps"))) {
            List<String> words = List.of(map.split(" "));
            if (words.getFirst().equals(first)) {
                return words.stream().filter(w -> w.matches("N\\d+=\\d+|kernelpagesize_kB=\\d+")).reduce("", (a, b) -> a + " " + b);
            }
        }
        return " unknown";
    }
}
