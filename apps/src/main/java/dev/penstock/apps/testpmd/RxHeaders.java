package dev.penstock.apps.testpmd;

import java.util.Set;

/** The words of {@code set rxhdrs}. */
final class RxHeaders {
    private static final Set<String> OUTER = Set.of("eth", "ipv4", "ipv6", "ipv4-tcp", "ipv6-tcp", "ipv4-udp", "ipv6-udp", "ipv4-sctp",
            "ipv6-sctp");

    private RxHeaders() {}

    /** The first word of a list that is none; null when all are. */
    static String unknown(String list) {
        for (String word : list.split(",", -1)) {
            if (!word.equals("grenat") && !OUTER.contains(word.startsWith("inner-") ? word.substring(6) : word)) {
                return word;
            }
        }
        return null;
    }
}
