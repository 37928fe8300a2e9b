package dev.penstock.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** Routes with lengths as in the Internet's table of 2024, in l3fwd's rule files, and traffic to addresses that they cover. */
final class Routes {
    private static final long SEED = 7;
    /** Routes in ten thousand of each length, from 8 bits on. */
    private static final int[] SHARES = {1, 1, 1, 1, 3, 6, 12, 20, 135, 82, 140, 250, 430, 500, 1100, 1000, 6311, 1, 1, 1, 1, 1, 1, 0, 1};
    private static final int SHORTEST = 8;
    private static final int FIRST_NET = 1 << 24;
    private static final int LAST_NET = 224 << 24;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final int[] addresses;
    private final int[] depths;

    Routes(int count) {
        addresses = new int[count];
        depths = new int[count];
        Set<Long> known = new HashSet<>();
        while (known.size() < count) {
            int depth = depth();
            int address = (int) random.nextLong(FIRST_NET, LAST_NET & 0xffff_ffffL) & -1 << 32 - depth;
            if (known.add((long) depth << 32 | address & 0xffff_ffffL)) {
                addresses[known.size() - 1] = address;
                depths[known.size() - 1] = depth;
            }
        }
    }

    private int depth() {
        int at = 0;
        for (int left = random.nextInt(10_000) - SHARES[0]; left >= 0; left -= SHARES[at]) {
            at++;
        }
        return SHORTEST + at;
    }

    /** A rule file; the routes go to two ports. */
    Path prefixes() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < addresses.length; i++) {
            text.append('R').append(address(addresses[i])).append('/').append(depths[i]).append(' ').append(random.nextInt(2)).append('\n');
        }
        return file("routes4", text);
    }

    /** A rule file of IPv6, since DPDK's l3fwd takes both or none. */
    static Path ipv6(boolean flows) throws IOException {
        String address = "2001:0200:0000:0000:0000:0000:0000:0000";
        return file("rules6", new StringBuilder("R").append(address).append(flows ? " " + address + " 9 9 17" : "/64").append(" 0\n"));
    }

    /** A rule file of flows, those of {@link Traffic#to}, which go to two ports. */
    Path flows(int[] destinations) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int destination : destinations) {
            text.append('R').append(address(destination)).append(" 198.18.0.1 9 1024 17 ").append(random.nextInt(2)).append('\n');
        }
        return file("flows4", text);
    }

    /** Addresses that random routes cover. */
    int[] destinations(int count) {
        int[] destinations = new int[count];
        for (int i = 0; i < count; i++) {
            int route = random.nextInt(addresses.length);
            destinations[i] = addresses[route] | (depths[route] == 32 ? 0 : random.nextInt() >>> depths[route]);
        }
        return destinations;
    }

    private static String address(int ip) {
        return (ip >>> 24) + "." + (ip >>> 16 & 0xff) + "." + (ip >>> 8 & 0xff) + "." + (ip & 0xff);
    }

    private static Path file(String name, StringBuilder text) throws IOException {
        Path path = Scratch.file("penstock-bench-" + name + "-", ".txt");
        return Files.writeString(path, text);
    }
}
