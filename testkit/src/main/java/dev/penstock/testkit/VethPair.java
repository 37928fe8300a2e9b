package dev.penstock.testkit;

/** Two Ethernet interfaces joined by a wire, each in a namespace; they go with either namespace. */
public final class VethPair {
    private VethPair() {}

    /**
     * Makes a pair, both ends up.
     *
     * @param here the first end's namespace
     * @param name the first end's name
     * @param there the second end's namespace, perhaps the same
     * @param peer the second end's name
     */
    public static void create(NetNamespace here, String name, NetNamespace there, String peer) {
        here.run("ip", "link", "add", name, "numtxqueues", "4", "numrxqueues", "4", "type", "veth",
                "peer", "name", peer, "numtxqueues", "4", "numrxqueues", "4", "netns", there.name());
        here.run("ip", "link", "set", name, "up");
        there.run("ip", "link", "set", peer, "up");
    }
}
