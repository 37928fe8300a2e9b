package dev.penstock.linux;

import java.net.Inet4Address;
import java.net.InetAddress;

/** A numeric address and the length of its network. */
record Prefix(InetAddress address, int length) {
    static Prefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + text + "' lacks the network's length; write " + text + "/24");
        }
        InetAddress address = address(text.substring(0, slash));
        int most = address.getAddress().length * 8;
        int length;
        try {
            length = Integer.parseInt(text.substring(slash + 1));
        } catch (NumberFormatException e) {
            length = -1;
        }
        if (length < 0 || length > most) {
            throw new IllegalArgumentException("'" + text + "': the network's length is 0 to " + most);
        }
        return new Prefix(address, length);
    }

    /** Reads a numeric address; names are not looked up. */
    static InetAddress address(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is no numeric address", e);
        }
    }

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? Socket.AF_INET : Socket.AF_INET6;
    }

    int family() {
        return family(address);
    }

    byte[] bytes() {
        return address.getAddress();
    }
}
