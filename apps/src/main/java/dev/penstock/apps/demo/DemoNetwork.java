package dev.penstock.apps.demo;

import dev.penstock.linux.NetInterface;
import dev.penstock.linux.Netlink;
import dev.penstock.linux.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two hosts and a middle, each a network namespace: {@code a} and {@code b} have an address and a cable to the
 * middle, where the forwarder sits. The names carry the process id, so that what a killed run left behind is
 * found and removed by the next.
 */
final class DemoNetwork implements AutoCloseable {
    static final String ADDRESS_A = "198.18.0.1";
    static final String ADDRESS_B = "198.18.0.2";

    private static final String PREFIX = "penstock-demo-";

    private final List<String> names = List.of(PREFIX + ProcessHandle.current().pid() + "-a",
            PREFIX + ProcessHandle.current().pid() + "-b", PREFIX + ProcessHandle.current().pid() + "-middle");
    private final Netns a;
    private final Netns b;
    private final Netns middle;

    DemoNetwork() {
        removeLeftovers();
        try {
            a = Netns.create(names.get(0));
            b = Netns.create(names.get(1));
            middle = Netns.create(names.get(2));
            cable(a, "host-a", "port-a", ADDRESS_A);
            cable(b, "host-b", "port-b", ADDRESS_B);
        } catch (RuntimeException e) {
            names.forEach(Netns::delete);
            throw e;
        }
    }

    private void cable(Netns host, String name, String port, String address) {
        host.within(() -> {
            try (Netlink netlink = new Netlink()) {
                netlink.addVeth(name, port, middle, 1);
                netlink.addAddress(name, address + "/24");
                netlink.up(name, true);
            }
            // The kernel would leave checksums and segmentation to a card that is not there.
            try (NetInterface card = new NetInterface(name)) {
                card.offload(NetInterface.ETHTOOL_STXCSUM, false);
                card.offload(NetInterface.ETHTOOL_STSO, false);
                card.offload(NetInterface.ETHTOOL_SGSO, false);
            }
            return null;
        });
        middle.within(() -> {
            try (Netlink netlink = new Netlink()) {
                netlink.up(port, true);
            }
            return null;
        });
    }

    Netns a() {
        return a;
    }

    Netns b() {
        return b;
    }

    Netns middle() {
        return middle;
    }

    private static void removeLeftovers() {
        Path folder = Path.of("/run/netns");
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(PREFIX) && !alive(name)) {
                    Netns.delete(name);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("can't look for left-overs in " + folder + ": " + e.getMessage(), e);
        }
    }

    private static boolean alive(String name) {
        String pid = name.substring(PREFIX.length()).replaceAll("-.*", "");
        return pid.matches("\\d{1,9}") && ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
    }

    @Override
    public void close() {
        a.close();
        b.close();
        middle.close();
        names.forEach(Netns::delete);
    }
}
