package dev.penstock.drivers.afxdp;

import dev.penstock.linux.BpfCode;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * One rule: {@code [!]WHAT[:PORT[-PORT]][@ADDRESS[/BITS]]}. WHAT is {@code any}, {@code arp}, {@code ip4},
 * {@code ip6}, {@code tcp}, {@code udp}, {@code sctp}, {@code icmp}, {@code icmp6} or an EtherType such as
 * {@code 0x88cc}. A port or an address may be the frame's source or its destination.
 *
 * @param leave whether it leaves what it names to the kernel
 * @param etherType the EtherType, or -1 for any
 * @param protocol the IP protocol, or -1 for any
 * @param firstPort the lowest port, or -1 for any
 * @param lastPort the highest port
 * @param address an IPv4 or IPv6 address, or null for any
 * @param bits how many of the address's bits count
 */
record SteerRule(boolean leave, int etherType, int protocol, int firstPort, int lastPort, InetAddress address, int bits) {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int SCTP = 132;

    private static final int IPV4 = 0x800;
    private static final int IPV6 = 0x86dd;
    private static final String FORM = "write [!]WHAT[:PORT[-PORT]][@ADDRESS[/BITS]], WHAT being any, arp, ip4, ip6, tcp, udp,"
            + " sctp, icmp, icmp6 or an EtherType such as 0x88cc; [!arp,!icmp6,!tcp:22] leaves SSH to the kernel";

    static SteerRule parse(String port, String text) {
        try {
            return read(text);
        } catch (IllegalArgumentException e) {
            String why = e instanceof NumberFormatException ? "a number can't be read" : e.getMessage();
            throw new IllegalArgumentException(port + ": steer rule '" + text + "': " + why + "; " + FORM);
        }
    }

    private static SteerRule read(String text) {
        boolean leave = text.startsWith("!");
        String rest = leave ? text.substring(1) : text;
        int at = rest.indexOf('@');
        String host = at < 0 ? null : rest.substring(at + 1);
        String head = at < 0 ? rest : rest.substring(0, at);
        int colon = head.indexOf(':');
        String what = colon < 0 ? head : head.substring(0, colon);
        int ether = etherType(what);
        int protocol = protocol(what);
        int first = -1;
        int last = -1;
        if (colon >= 0) {
            String[] range = head.substring(colon + 1).split("-", 2);
            first = number(range[0], 65535, "port");
            last = range.length == 1 ? first : number(range[1], 65535, "port");
            if (protocol != TCP && protocol != UDP && protocol != SCTP) {
                throw new IllegalArgumentException("'" + what + "' has no ports");
            }
            if (last < first) {
                throw new IllegalArgumentException("the ports run backwards");
            }
        }
        return host == null ? new SteerRule(leave, ether, protocol, first, last, null, 0)
                : at(leave, ether, protocol, first, last, host);
    }

    private static SteerRule at(boolean leave, int ether, int protocol, int first, int last, String host) {
        String[] parts = host.split("/", 2);
        if (!parts[0].matches("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new IllegalArgumentException("'" + parts[0] + "' is not an IP address");
        }
        InetAddress address = InetAddress.ofLiteral(parts[0]);
        int most = 8 * address.getAddress().length;
        int bits = parts.length == 1 ? most : number(parts[1], most, "prefix length");
        int family = address instanceof Inet4Address ? IPV4 : IPV6;
        if (ether >= 0 && ether != family) {
            throw new IllegalArgumentException("the address is of another kind");
        }
        return new SteerRule(leave, family, protocol, first, last, address, bits);
    }

    private static int number(String text, int max, String what) {
        int value = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("'" + text + "' is not a " + what + " from 0 to " + max);
        }
        return value;
    }

    private static int etherType(String what) {
        return switch (what) {
            case "any", "tcp", "udp", "sctp" -> -1;
            case "arp" -> 0x806;
            case "ip4", "icmp" -> IPV4;
            case "ip6", "icmp6" -> IPV6;
            default -> {
                if (!what.matches("0x[0-9a-fA-F]{1,4}")) {
                    throw new IllegalArgumentException("'" + what + "' is not known");
                }
                yield Integer.decode(what);
            }
        };
    }

    private static int protocol(String what) {
        return switch (what) {
            case "tcp" -> TCP;
            case "udp" -> UDP;
            case "sctp" -> SCTP;
            case "icmp" -> 1;
            case "icmp6" -> 58;
            default -> -1;
        };
    }

    /** Writes the rule; jumps to {@code no} for a frame that it does not name. */
    void emit(BpfCode code, BpfCode.Label no) {
        if (etherType >= 0) {
            code.load(8, 1, BpfCode.FRAME, SteerFields.ETHER_TYPE).jumpIf(BpfCode.NE, 1, etherType, no);
        }
        if (protocol >= 0) {
            code.load(8, 1, BpfCode.FRAME, SteerFields.PROTOCOL).jumpIf(BpfCode.NE, 1, protocol, no);
        }
        if (firstPort >= 0) {
            BpfCode.Label yes = new BpfCode.Label();
            BpfCode.Label other = new BpfCode.Label();
            code.load(8, 1, BpfCode.FRAME, SteerFields.SOURCE_PORT);
            code.jumpIf(BpfCode.LT, 1, firstPort, other).jumpIf(BpfCode.LE, 1, lastPort, yes).label(other);
            code.load(8, 1, BpfCode.FRAME, SteerFields.DESTINATION_PORT);
            code.jumpIf(BpfCode.LT, 1, firstPort, no).jumpIf(BpfCode.GT, 1, lastPort, no).label(yes);
        }
        if (address != null) {
            BpfCode.Label yes = new BpfCode.Label();
            BpfCode.Label other = new BpfCode.Label();
            code.load(8, 1, BpfCode.FRAME, SteerFields.PROTOCOL).jumpIf(BpfCode.EQ, 1, SteerFields.NONE, no);
            emitAddress(code, SteerFields.ADDRESSES, other);
            code.jump(yes).label(other);
            emitAddress(code, SteerFields.ADDRESSES + SteerFields.ADDRESS_BYTES, no);
            code.label(yes);
        }
    }

    private void emitAddress(BpfCode code, int place, BpfCode.Label no) {
        ByteBuffer words = ByteBuffer.wrap(address.getAddress());
        for (int w = 0; w < words.capacity() / 4 && bits > 32 * w; w++) {
            int mask = bits >= 32 * w + 32 ? -1 : -1 << 32 * w + 32 - bits;
            // sign-extended on both sides alike
            code.load(4, 1, BpfCode.FRAME, place + 4 * w).alu(BpfCode.LSH, 1, 32).alu(BpfCode.ASR, 1, 32);
            code.alu(BpfCode.AND, 1, mask).jumpIf(BpfCode.NE, 1, words.getInt(4 * w) & mask, no);
        }
    }
}
