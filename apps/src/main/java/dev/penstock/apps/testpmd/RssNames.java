package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.RssType;
import java.util.LinkedHashMap;
import java.util.Map;

/** The names of what a receive hash is taken over. */
final class RssNames {
    private static final int WIDTH = 64;
    /** What "all" asks for: DPDK's RTE_ETH_RSS_ groups from Ethernet to L2TPv2. */
    private static final long ALL = 0x13_7f83_fffcL;
    /** Those that have a name. */
    private static final long NAMED = 0x1f_ffbf_fffcL;
    /** The bits that say which header of a tunnelled packet counts. */
    static final long LEVELS = 3L << 50;
    private static final Map<String, Long> GROUPS = new LinkedHashMap<>();
    private static final Map<String, Long> SINGLE = new LinkedHashMap<>();
    /** Which part of a packet counts; not shown among the types. */
    private static final Map<String, Long> PARTS = new LinkedHashMap<>();

    static {
        GROUPS.put("ip", RssType.IP);
        GROUPS.put("udp", RssType.UDP);
        GROUPS.put("tcp", RssType.TCP);
        GROUPS.put("sctp", RssType.SCTP);
        GROUPS.put("tunnel", 7L << 19);
        GROUPS.put("vlan", 3L << 25);
        for (long rest = NAMED; rest != 0; rest &= rest - 1) {
            long bit = Long.lowestOneBit(rest);
            SINGLE.put(RssType.names(bit).strip(), bit);
        }
        String[] parts = {"level-outer", "level-inner", "l3-pre96", "l3-pre64", "l3-pre56", "l3-pre48", "l3-pre40", "l3-pre32",
            "l2-dst-only", "l2-src-only", "l4-dst-only", "l4-src-only", "l3-dst-only", "l3-src-only"};
        for (int i = 0; i < parts.length; i++) {
            PARTS.put(parts[i], 1L << 50 + i);
        }
        PARTS.put("level-default", 0L);
    }

    private RssNames() {}

    /** The bits of a name, also of a group, a part, a number, "all" or "none"; null when unknown. */
    static Long bits(String name) {
        if (name.equals("all")) {
            return ALL;
        }
        if (name.equals("none")) {
            return 0L;
        }
        if (name.matches("[1-9]|[1-5][0-9]|6[0-3]")) {
            return 1L << Integer.parseInt(name);
        }
        return GROUPS.getOrDefault(name, SINGLE.getOrDefault(name, PARTS.get(name)));
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
