package dev.penstock.drivers.pdump;

import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a capture filter in pcap-filter's language, as tcpdump and dpdk-dumpcap take it: hosts, networks, ports and their
 * ranges, protocols, VLANs, MAC addresses and lengths, with {@code and}, {@code or}, {@code not} and parentheses. Names that
 * would have to be looked up, and expressions over bytes ({@code ip[8] < 5}), are refused.
 */
final class FilterParser {
    private static final int MAX_DEPTH = 100;
    private static final Map<String, Integer> ETHER_TYPES = Map.of("ip", EtherType.IPV4, "ip6", EtherType.IPV6, "arp", EtherType.ARP,
            "rarp", EtherType.RARP);
    private static final Map<String, Integer> EITHER_IP = Map.of("tcp", IpProtocol.TCP, "udp", IpProtocol.UDP, "sctp", IpProtocol.SCTP,
            "esp", IpProtocol.ESP, "ah", IpProtocol.AH);
    private static final Map<String, Integer> IPV4_ONLY = Map.of("icmp", IpProtocol.ICMP, "igmp", IpProtocol.IGMP);
    private static final String KNOWN = "host, net, port, portrange, src, dst, ether, vlan, ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6, "
            + "igmp, esp, ah, broadcast, multicast, less, greater, and, or, not";

    /** What stands before a value; kept for values that follow {@code and} and {@code or} alone. */
    private record Qualifiers(String protocol, int sides, String type) {}

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private int next;
    private int depth;
    private Fields fields = Fields.untagged();
    private Qualifiers last;

    private FilterParser(String text) {
        this.text = text;
    }

    /**
     * Reads a filter.
     *
     * @param text such as {@code host 198.18.0.1 and (tcp port 80 or 443)}; empty for all packets
     * @return the filter
     * @throws IllegalArgumentException when it is none; says at which word
     */
    static PacketTest parse(String text) {
        FilterParser parser = new FilterParser(text);
        parser.split();
        if (parser.tokens.isEmpty()) {
            return (head, there, length) -> true;
        }
        PacketTest test = parser.expression();
        if (parser.next < parser.tokens.size()) {
            throw parser.wrong("nothing may follow here but 'and' or 'or'");
        }
        return test;
    }

    private void split() {
        String apart = text.replace("(", " ( ").replace(")", " ) ").replace("!", " ! ").replace("&&", " && ").replace("||", " || ");
        for (String token : apart.strip().split("\\s+")) {
            if (!token.isEmpty()) {
                // pcap-filter wants a backslash before a keyword that is meant as a name: ether proto \arp
                tokens.add((token.startsWith("\\") ? token.substring(1) : token).toLowerCase(Locale.ROOT));
            }
        }
    }

    private IllegalArgumentException wrong(String what) {
        String at = next < tokens.size() ? "at word " + (next + 1) + ", '" + tokens.get(next) + "'" : "at its end";
        return new IllegalArgumentException("filter '" + text + "' is wrong " + at + ": " + what);
    }

    private String peek() {
        return next < tokens.size() ? tokens.get(next) : "";
    }

    private boolean accept(String... words) {
        if (List.of(words).contains(peek())) {
            next++;
            return true;
        }
        return false;
    }

    /** {@code and} and {@code or} bind alike, from the left. */
    private PacketTest expression() {
        if (++depth > MAX_DEPTH) {
            throw wrong("more than " + MAX_DEPTH + " parentheses or negations in one another");
        }
        PacketTest left = term();
        while (true) {
            if (accept("and", "&&")) {
                PacketTest a = left;
                PacketTest b = term();
                left = (head, there, length) -> a.test(head, there, length) && b.test(head, there, length);
            } else if (accept("or", "||")) {
                PacketTest a = left;
                PacketTest b = term();
                left = (head, there, length) -> a.test(head, there, length) || b.test(head, there, length);
            } else {
                depth--;
                return left;
            }
        }
    }

    private PacketTest term() {
        if (accept("not", "!")) {
            if (++depth > MAX_DEPTH) {
                throw wrong("more than " + MAX_DEPTH + " parentheses or negations in one another");
            }
            PacketTest inner = term();
            depth--;
            return (head, there, length) -> !inner.test(head, there, length);
        }
        if (accept("(")) {
            PacketTest inner = expression();
            if (!accept(")")) {
                throw wrong("a parenthesis is not closed");
            }
            return inner;
        }
        return primitive();
    }

    private PacketTest primitive() {
        switch (peek()) {
            case "" -> throw wrong("something is missing; known are " + KNOWN);
            case "vlan" -> {
                next++;
                PacketTest test = fields.vlan(isNumber(peek()) ? number("a VLAN", 0, 4095) : -1);
                fields = fields.tagged();
                return test;
            }
            case "less" -> {
                next++;
                int most = number("a length", 0, Integer.MAX_VALUE);
                return (head, there, length) -> length <= most;
            }
            case "greater" -> {
                next++;
                int least = number("a length", 0, Integer.MAX_VALUE);
                return (head, there, length) -> length >= least;
            }
            case "broadcast" -> {
                next++;
                return Fields.mac(Fields.DST, MacAddress.BROADCAST);
            }
            case "multicast" -> {
                next++;
                return Fields.multicast();
            }
            default -> {
                return qualified();
            }
        }
    }

    private PacketTest qualified() {
        int begin = next;
        String protocol = isProtocol(peek()) ? tokens.get(next++) : "";
        int sides = accept("src") ? Fields.SRC : accept("dst") ? Fields.DST : 0;
        String type = List.of("host", "net", "port", "portrange", "proto").contains(peek()) ? tokens.get(next++) : "";
        if (protocol.equals("ether")) {
            return ether(sides, type);
        }
        if (sides == 0 && type.isEmpty() && !protocol.isEmpty() && !isValue(peek())) {
            return protocol(protocol);
        }
        if (type.equals("proto")) {
            return proto(protocol, sides);
        }
        if (next == begin) {
            if (last == null || !isValue(peek())) {
                throw wrong("not known; known are " + KNOWN);
            }
            return value(last);
        }
        last = new Qualifiers(protocol, sides == 0 ? Fields.SRC | Fields.DST : sides, type.isEmpty() ? "host" : type);
        return value(last);
    }

    private static boolean isProtocol(String word) {
        return word.equals("ether") || word.equals("icmp6") || ETHER_TYPES.containsKey(word) || EITHER_IP.containsKey(word)
                || IPV4_ONLY.containsKey(word);
    }

    private static boolean isNumber(String word) {
        return !word.isEmpty() && Character.isDigit(word.charAt(0));
    }

    /** An address or a number; no keyword looks like one but those that begin with a to f and have no colon. */
    private static boolean isValue(String word) {
        return isNumber(word) || word.indexOf(':') >= 0;
    }

    private PacketTest protocol(String name) {
        if (ETHER_TYPES.containsKey(name)) {
            return fields.etherType(ETHER_TYPES.get(name));
        }
        if (IPV4_ONLY.containsKey(name)) {
            return fields.ipv4Protocol(IPV4_ONLY.get(name));
        }
        if (name.equals("icmp6")) {
            return fields.ipv6Protocol(IpProtocol.ICMPV6);
        }
        PacketTest four = fields.ipv4Protocol(EITHER_IP.get(name));
        PacketTest six = fields.ipv6Protocol(EITHER_IP.get(name));
        return (head, there, length) -> four.test(head, there, length) || six.test(head, there, length);
    }

    private PacketTest proto(String protocol, int sides) {
        if (sides != 0 || !protocol.equals("ip") && !protocol.equals("ip6")) {
            throw wrong("'proto' follows 'ip', 'ip6' or 'ether'");
        }
        int number = IpProtocol.NONE;
        Integer named = EITHER_IP.getOrDefault(peek(), IPV4_ONLY.getOrDefault(peek(), peek().equals("icmp6") ? IpProtocol.ICMPV6 : null));
        if (named != null) {
            next++;
            number = named;
        } else {
            number = number("a protocol", 0, 255);
        }
        return protocol.equals("ip") ? fields.ipv4Protocol(number) : fields.ipv6Protocol(number);
    }

    private PacketTest ether(int sides, String type) {
        if (type.equals("proto")) {
            Integer named = ETHER_TYPES.get(peek());
            if (named != null) {
                next++;
                return fields.etherType(named);
            }
            return fields.etherType(number("an EtherType", 0, 0xffff));
        }
        if (sides == 0 && type.isEmpty() && accept("broadcast")) {
            return Fields.mac(Fields.DST, MacAddress.BROADCAST);
        }
        if (sides == 0 && type.isEmpty() && accept("multicast")) {
            return Fields.multicast();
        }
        if (!type.isEmpty() && !type.equals("host")) {
            throw wrong("'ether' takes host, src, dst, proto, broadcast or multicast");
        }
        try {
            PacketTest test = Fields.mac(sides == 0 ? Fields.SRC | Fields.DST : sides, MacAddress.parse(peek()));
            next++;
            return test;
        } catch (IllegalArgumentException e) {
            throw wrong("a MAC address such as 02:00:00:00:00:01 is wanted");
        }
    }

    private PacketTest value(Qualifiers q) {
        return switch (q.type) {
            case "port" -> {
                int port = number("a port", 0, 65535);
                yield ports(q, port, port);
            }
            case "portrange" -> {
                String[] ends = peek().split("-", 2);
                if (ends.length != 2 || !isNumber(ends[0]) || !isNumber(ends[1])) {
                    throw wrong("a range of ports such as 1000-2000 is wanted");
                }
                int from = number(ends[0], "a port", 0, 65535);
                int to = number(ends[1], "a port", 0, 65535);
                next++;
                yield ports(q, Math.min(from, to), Math.max(from, to));
            }
            default -> addresses(q);
        };
    }

    private PacketTest ports(Qualifiers q, int from, int to) {
        if (!q.protocol.isEmpty() && !List.of("tcp", "udp", "sctp", "ip", "ip6").contains(q.protocol)) {
            next--;
            throw wrong("'" + q.protocol + "' has no ports");
        }
        boolean either = q.protocol.isEmpty() || q.protocol.startsWith("ip");
        PacketTest test = fields.ports(either ? 0 : EITHER_IP.get(q.protocol), q.sides, from, to);
        return q.protocol.startsWith("ip") ? both(protocol(q.protocol), test) : test;
    }

    private static PacketTest both(PacketTest a, PacketTest b) {
        return (head, there, length) -> a.test(head, there, length) && b.test(head, there, length);
    }

    private PacketTest addresses(Qualifiers q) {
        if (!q.protocol.isEmpty() && !ETHER_TYPES.containsKey(q.protocol)) {
            throw wrong("'" + q.protocol + "' has no hosts or networks; say '" + q.protocol + " and host ...'");
        }
        boolean net = q.type.equals("net");
        String word = peek();
        int slash = word.indexOf('/');
        if (slash >= 0 && !net) {
            throw wrong("'net' takes a network, 'host' takes one address");
        }
        try {
            PacketTest test = word.indexOf(':') >= 0 ? ipv6(q.sides, word, slash) : ipv4(q.sides, word, slash, net);
            next++;
            return q.protocol.isEmpty() ? test : both(protocol(q.protocol), test);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private PacketTest ipv4(int sides, String word, int slash, boolean net) {
        String digits = slash < 0 ? word : word.substring(0, slash);
        int octets = digits.split("\\.", -1).length;
        int bits = 32;
        if (net && octets < 4) {
            bits = 8 * octets;
            digits += ".0".repeat(4 - octets);
        }
        int address = Ipv4Address.parse(digits);
        if (slash >= 0) {
            bits = number(word.substring(slash + 1), "a length of a prefix", 0, 32);
        }
        int mask = Ipv4Address.mask(bits);
        if ((address & ~mask) != 0) {
            throw new IllegalArgumentException("bits behind the prefix are set; write " + Ipv4Address.format(address & mask) + "/" + bits);
        }
        return fields.ipv4(sides, address, mask);
    }

    private PacketTest ipv6(int sides, String word, int slash) {
        Ipv6Address address = Ipv6Address.parse(slash < 0 ? word : word.substring(0, slash));
        int bits = slash < 0 ? 128 : number(word.substring(slash + 1), "a length of a prefix", 0, 128);
        long high = bits == 0 ? 0 : bits >= 64 ? -1 : -1L << 64 - bits;
        long low = bits <= 64 ? 0 : -1L << 128 - bits;
        if ((address.high() & ~high | address.low() & ~low) != 0) {
            throw new IllegalArgumentException("bits behind the prefix are set; write "
                    + Ipv6Address.format(address.high() & high, address.low() & low) + "/" + bits);
        }
        return fields.ipv6(sides, address.high(), address.low(), high, low);
    }

    private int number(String what, int min, int max) {
        int number = number(peek(), what, min, max);
        next++;
        return number;
    }

    private int number(String word, String what, int min, int max) {
        try {
            long value = Long.decode(word.isEmpty() ? "-" : word);
            if (value >= min && value <= max) {
                return (int) value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw wrong(what + " from " + min + " to " + max + " is wanted");
    }
}
