package dev.penstock.apps.demo;

import dev.penstock.apps.TemporaryNamespaces;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.Netlink;
import dev.penstock.linux.Netns;

/**
 * Two hosts and a middle, each a network namespace: {@code a} and {@code b} have an address and a cable to the
 * middle, where the forwarder sits.
 */
final class DemoNetwork implements AutoCloseable {
    static final String ADDRESS_A = "198.18.0.1";
    static final String ADDRESS_B = "198.18.0.2";

    private final TemporaryNamespaces all = new TemporaryNamespaces("penstock-demo-", "a", "b", "middle");

    DemoNetwork() {
        try {
            cable(a(), "host-a", "port-a", ADDRESS_A);
            cable(b(), "host-b", "port-b", ADDRESS_B);
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    private void cable(Netns host, String name, String port, String address) {
        host.within(() -> {
            try (Netlink netlink = new Netlink()) {
                netlink.addVeth(name, port, middle(), 1);
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
        middle().within(() -> {
            try (Netlink netlink = new Netlink()) {
                netlink.up(port, true);
            }
            return null;
        });
    }

    Netns a() {
        return all.get(0);
    }

    Netns b() {
        return all.get(1);
    }

    Netns middle() {
        return all.get(2);
    }

    @Override
    public void close() {
        all.close();
    }
}
