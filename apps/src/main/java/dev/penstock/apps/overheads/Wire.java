package dev.penstock.apps.overheads;

import dev.penstock.apps.TemporaryNamespaces;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.Netlink;
import dev.penstock.linux.Netns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The rest of the world, the machine under test, and a wire between them: two network namespaces and a veth pair.
 * Receive packet steering binds each end's interrupts to one processor, as those of a network card can be: what
 * receiving costs falls on the processor of the program that receives.
 */
final class Wire implements AutoCloseable {
    static final String WORLD_INTERFACE = "world0";
    static final String TEST_INTERFACE = "test0";
    static final String WORLD = "198.18.0.1";
    static final String TEST = "198.18.0.2";
    static final int PORT = 9000;

    private final TemporaryNamespaces namespaces = new TemporaryNamespaces("penstock-overheads-", "world", "test");
    private final byte[] worldMac;
    private final byte[] testMac;

    /**
     * Lays it.
     *
     * @param worldCpu where the world's end is received
     * @param testCpu where the end under test is received
     * @param address whether the end under test has an address, for sockets
     */
    Wire(int worldCpu, int testCpu, boolean address) throws IOException, InterruptedException {
        try {
            world().within(() -> {
                try (Netlink netlink = new Netlink()) {
                    netlink.addVeth(WORLD_INTERFACE, TEST_INTERFACE, test(), 1);
                }
                return null;
            });
            prepare(0, WORLD_INTERFACE, worldCpu);
            prepare(1, TEST_INTERFACE, testCpu);
            worldMac = up(world(), WORLD_INTERFACE);
            testMac = up(test(), TEST_INTERFACE);
            if (address) {
                test().within(() -> {
                    try (Netlink netlink = new Netlink()) {
                        netlink.addAddress(TEST_INTERFACE, TEST + "/24");
                        netlink.addNeighbour(TEST_INTERFACE, WORLD, worldMac);
                    }
                    return null;
                });
            }
        } catch (RuntimeException | IOException | InterruptedException e) {
            namespaces.close();
            throw e;
        }
    }

    private static byte[] up(Netns where, String name) {
        return where.within(() -> {
            try (Netlink netlink = new Netlink(); NetInterface netif = new NetInterface(name)) {
                netlink.up(name, true);
                return netif.mac();
            }
        });
    }

    /** What is in /sys and /proc/sys of a namespace is seen by a process that ip started there. */
    private void prepare(int namespace, String name, int cpu) throws IOException, InterruptedException {
        String script = "echo 1 >/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6; echo " + mask(cpu) + " >/sys/class/net/" + name
                + "/queues/rx-0/rps_cpus";
        Process process;
        try {
            process = new ProcessBuilder("ip", "netns", "exec", namespaces.name(namespace), "sh", "-c", script)
                    .redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException("ip is not installed; sudo apt-get install iproute2", e);
        }
        String said;
        try (var in = process.getInputStream()) {
            said = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        if (process.waitFor() != 0) {
            throw new IOException("can't bind " + name + " to processor " + cpu + ": " + said);
        }
    }

    /** A processor as a mask of hexadecimal words of 32 bits. */
    static String mask(int cpu) {
        return Integer.toHexString(1 << cpu % 32) + ",00000000".repeat(cpu / 32);
    }

    Netns world() {
        return namespaces.get(0);
    }

    Netns test() {
        return namespaces.get(1);
    }

    byte[] worldMac() {
        return worldMac;
    }

    byte[] testMac() {
        return testMac;
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
