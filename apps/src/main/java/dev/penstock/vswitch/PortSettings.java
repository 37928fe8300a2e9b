package dev.penstock.vswitch;

import dev.penstock.eal.Ranges;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/** How a switch port behaves. Made by a control thread, copied when it is given to a switch; setters return this. */
public final class PortSettings {
    /** The tenant of a port that names none. */
    public static final String DEFAULT_DOMAIN = "default";
    /** The VLAN of an access port that names none. */
    public static final int DEFAULT_VLAN = 1;
    /** The most addresses learned behind a port that says nothing. */
    public static final int DEFAULT_MAC_LIMIT = 1024;
    /** No limit, for flood rates. */
    public static final long UNLIMITED = -1;
    /** Flood limits of a port that says nothing, in packets a second. */
    public static final long DEFAULT_FLOOD_RATE = 10_000;
    /** The highest VLAN. */
    public static final int MAX_VLAN = 4094;

    /** Kinds of packets that are flooded. */
    public enum Flood {
        /** To all stations. */
        BROADCAST,
        /** To a group. */
        MULTICAST,
        /** To an address that no port is known for. */
        UNKNOWN
    }

    String domain = DEFAULT_DOMAIN;
    /** The VLAN of untagged frames, 0 when they are refused. */
    int untagged = DEFAULT_VLAN;
    /** VLANs of tagged frames; null for an access port. */
    BitSet tagged;
    boolean isolated;
    int macLimit = DEFAULT_MAC_LIMIT;
    long rxRate;
    long rxBurst;
    long txRate;
    long txBurst;
    final long[] floodRates = {DEFAULT_FLOOD_RATE, DEFAULT_FLOOD_RATE, DEFAULT_FLOOD_RATE};
    AccessList aclIn;
    AccessList aclOut;
    int forwarder = -1;
    int queues = 1;

    /** An access port of VLAN 1 of the default tenant, with default limits. */
    public PortSettings() {}

    /** @return the same once more, to be changed alone */
    public PortSettings copy() {
        PortSettings copy = new PortSettings();
        copy.domain = domain;
        copy.untagged = untagged;
        copy.tagged = tagged == null ? null : (BitSet) tagged.clone();
        copy.isolated = isolated;
        copy.macLimit = macLimit;
        copy.rxRate = rxRate;
        copy.rxBurst = rxBurst;
        copy.txRate = txRate;
        copy.txBurst = txBurst;
        System.arraycopy(floodRates, 0, copy.floodRates, 0, floodRates.length);
        copy.aclIn = aclIn;
        copy.aclOut = aclOut;
        copy.forwarder = forwarder;
        copy.queues = queues;
        return copy;
    }

    /**
     * The tenant: packets never pass from one to another.
     *
     * @param name any text
     * @return this
     */
    public PortSettings domain(String name) {
        domain = name;
        return this;
    }

    /**
     * Makes it an access port: frames are untagged and belong to one VLAN.
     *
     * @param vlan 1 to 4094
     * @return this
     */
    public PortSettings access(int vlan) {
        untagged = checked(vlan);
        tagged = null;
        return this;
    }

    /**
     * Makes it a trunk: frames are tagged, and those that are not belong to the native VLAN.
     *
     * @param vlans 1 to 4094 each
     * @param nativeVlan 1 to 4094, or 0 to refuse untagged frames; leaves untagged
     * @return this
     */
    public PortSettings trunk(BitSet vlans, int nativeVlan) {
        if (vlans.isEmpty() || vlans.get(0) || vlans.length() > MAX_VLAN + 1) {
            throw new IllegalArgumentException("VLANs " + vlans + " of a trunk; give some from 1 to " + MAX_VLAN);
        }
        untagged = nativeVlan == 0 ? 0 : checked(nativeVlan);
        tagged = (BitSet) vlans.clone();
        return this;
    }

    private static int checked(int vlan) {
        if (vlan < 1 || vlan > MAX_VLAN) {
            throw new IllegalArgumentException("VLAN " + vlan + "; give one from 1 to " + MAX_VLAN);
        }
        return vlan;
    }

    /**
     * Isolated ports of a tenant do not reach each other, only the others.
     *
     * @param on true for isolated
     * @return this
     */
    public PortSettings isolated(boolean on) {
        isolated = on;
        return this;
    }

    /**
     * The most addresses learned behind the port; packets from further ones are forwarded and not learned.
     *
     * @param addresses 0 or more
     * @return this
     */
    public PortSettings macLimit(int addresses) {
        macLimit = addresses;
        return this;
    }

    /**
     * Polices what comes from the port.
     *
     * @param bytesPerSecond 0 for no limit
     * @param burstBytes the most at once
     * @return this
     */
    public PortSettings rxRate(long bytesPerSecond, long burstBytes) {
        rxRate = bytesPerSecond;
        rxBurst = burstBytes;
        return this;
    }

    /**
     * Polices what goes to the port.
     *
     * @param bytesPerSecond 0 for no limit
     * @param burstBytes the most at once
     * @return this
     */
    public PortSettings txRate(long bytesPerSecond, long burstBytes) {
        txRate = bytesPerSecond;
        txBurst = burstBytes;
        return this;
    }

    /**
     * How many packets from the port may be flooded.
     *
     * @param kind of packets
     * @param packetsPerSecond 0 for none, or {@link #UNLIMITED}
     * @return this
     */
    public PortSettings flood(Flood kind, long packetsPerSecond) {
        floodRates[kind.ordinal()] = packetsPerSecond;
        return this;
    }

    /**
     * Filters what comes from the port.
     *
     * @param list or null for none
     * @return this
     */
    public PortSettings aclIn(AccessList list) {
        aclIn = list;
        return this;
    }

    /**
     * Filters what goes to the port.
     *
     * @param list or null for none
     * @return this
     */
    public PortSettings aclOut(AccessList list) {
        aclOut = list;
        return this;
    }

    /**
     * Which forwarder polls the port, or the first of its queues.
     *
     * @param index its index, or -1 for the one with the fewest ports
     * @return this
     */
    public PortSettings forwarder(int index) {
        forwarder = index;
        return this;
    }

    /**
     * How many queues each way the port is to have; whoever makes the port asks. They go round the forwarders.
     *
     * @param count 1 or more
     * @return this
     */
    public PortSettings queues(int count) {
        queues = count;
        return this;
    }

    /** @return how many queues each way it is to have */
    public int queues() {
        return queues;
    }

    /** @return the tenant */
    public String domain() {
        return domain;
    }

    /**
     * What else is set, a line each, in the words of the configuration file.
     *
     * @return isolation and limits, rates, floods, and the rules of access lists
     */
    public List<String> limitTexts() {
        List<String> lines = new ArrayList<>();
        lines.add("mac-limit " + macLimit + (isolated ? ", isolated" : "") + (queues > 1 ? ", queues " + queues : ""));
        lines.add("rx-rate " + rateText(rxRate, rxBurst) + ", tx-rate " + rateText(txRate, txBurst));
        StringBuilder floods = new StringBuilder("flood");
        for (Flood kind : Flood.values()) {
            long rate = floodRates[kind.ordinal()];
            floods.append(kind.ordinal() == 0 ? " " : ", ").append(kind.name().toLowerCase(Locale.ROOT)).append(' ')
                    .append(rate == UNLIMITED ? "unlimited" : rate == 0 ? "off" : Long.toString(rate));
        }
        lines.add(floods.toString());
        list(lines, "acl-in", aclIn);
        list(lines, "acl-out", aclOut);
        return lines;
    }

    private static void list(List<String> lines, String name, AccessList list) {
        if (list != null) {
            list.texts().forEach(rule -> lines.add(name + " " + rule));
        }
    }

    private static String rateText(long bytesPerSecond, long burst) {
        if (bytesPerSecond == 0) {
            return "off";
        }
        long bits = bytesPerSecond * 8;
        int thousands = 0;
        while (thousands < 3 && bits % 1000 == 0) {
            bits /= 1000;
            thousands++;
        }
        return bits + List.of("bit", "kbit", "mbit", "gbit").get(thousands) + " burst " + burst;
    }

    /** @return VLANs as a person writes them: {@code access 10} or {@code trunk 10,20-30 native 1} */
    public String vlanText() {
        if (tagged == null) {
            return "access " + untagged;
        }
        return "trunk " + Ranges.text(tagged) + (untagged == 0 ? "" : " native " + untagged);
    }
}
