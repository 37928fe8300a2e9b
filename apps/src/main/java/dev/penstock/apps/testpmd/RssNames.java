package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RssType;
import java.util.LinkedHashMap;
import java.util.Map;

/** The names of what a receive hash is taken over. */
final class RssNames {
    private static final int WIDTH = 64;
    private static final Map<String, Long> GROUPS = new LinkedHashMap<>();
    private static final Map<String, Long> SINGLE = new LinkedHashMap<>();

    static {
        GROUPS.put("ip", RssType.IP);
        GROUPS.put("udp", RssType.UDP);
        GROUPS.put("tcp", RssType.TCP);
        GROUPS.put("sctp", RssType.SCTP);
        String[] names = {"ipv4", "ipv4-frag", "ipv4-tcp", "ipv4-udp", "ipv4-sctp", "ipv4-other", "ipv6", "ipv6-frag", "ipv6-tcp",
            "ipv6-udp", "ipv6-sctp", "ipv6-other", "l2-payload", "ipv6-ex", "ipv6-tcp-ex", "ipv6-udp-ex", "port", "vxlan",
            "geneve", "nvgre"};
        for (int i = 0; i < names.length; i++) {
            SINGLE.put(names[i], 1L << i + 2);
        }
        SINGLE.put("gtpu", 1L << 23);
        SINGLE.put("eth", 1L << 24);
        SINGLE.put("mpls", 1L << 33);
    }

    private RssNames() {}

    /** The bits of a name, also of a group, "all", "none"; -1 when unknown. */
    static long bits(String name) {
        if (name.equals("all")) {
            return RssType.IP | RssType.UDP | RssType.TCP | RssType.SCTP | RssType.L2_PAYLOAD;
        }
        if (name.equals("none")) {
            return 0;
        }
        Long bits = GROUPS.getOrDefault(name, SINGLE.get(name));
        return bits == null ? -1 : bits;
    }

    /** The single types, in lines of less than 64 characters. */
    static String lines(long bits) {
        StringBuilder text = new StringBuilder();
        int width = 0;
        for (long rest = bits; rest != 0; rest &= rest - 1) {
            long bit = Long.lowestOneBit(rest);
            String name = name(bit);
            if (width + name.length() + 2 >= WIDTH) {
                text.append('\n');
                width = 0;
            }
            text.append("  ").append(name);
            width += name.length() + 2;
        }
        return text.append('\n').toString();
    }

    private static String name(long bit) {
        for (Map.Entry<String, Long> entry : SINGLE.entrySet()) {
            if (entry.getValue() == bit) {
                return entry.getKey();
            }
        }
        return "user-defined-" + Long.numberOfTrailingZeros(bit);
    }

    /** Groups and single types that are there entirely, in lines of 64 characters at most. */
    static String withGroups(long bits) {
        StringBuilder text = new StringBuilder();
        int width = 0;
        Map<String, Long> all = new LinkedHashMap<>(GROUPS);
        all.putAll(SINGLE);
        for (Map.Entry<String, Long> entry : all.entrySet()) {
            if ((bits & entry.getValue()) == entry.getValue()) {
                int more = entry.getKey().length() + 2;
                if (width + more > WIDTH) {
                    text.append('\n');
                    width = 0;
                }
                text.append("  ").append(entry.getKey());
                width += more;
            }
        }
        return text.append('\n').toString();
    }
}
