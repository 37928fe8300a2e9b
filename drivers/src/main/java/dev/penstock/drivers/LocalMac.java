package dev.penstock.drivers;

import dev.penstock.ethdev.PortDriver;
import java.util.concurrent.ThreadLocalRandom;

/** Addresses for ports that have none of their own. */
public final class LocalMac {
    private LocalMac() {}

    /** @return a random, locally administered, unicast address in the low 48 bits */
    public static long random() {
        return ThreadLocalRandom.current().nextLong() & 0xfcff_ffff_ffffL | 0x0200_0000_0000L;
    }

    /**
     * The address that a port's device argument {@code mac} gives.
     *
     * @param request what the port was asked to be
     * @return it in the low 48 bits, or a random one when there is no such argument
     * @throws IllegalArgumentException if it is no address of one interface
     */
    public static long asked(PortDriver.Request request) {
        String text = request.text("mac", null);
        return text == null ? random() : parse(request, text, "");
    }

    /**
     * Reads the device argument {@code mac}.
     *
     * @param request what the port was asked to be
     * @param text the argument
     * @param words what may stand there instead of an address, for the message, such as {@code "fixed, or "}; empty for nothing
     * @return the address in the low 48 bits
     * @throws IllegalArgumentException if it is no address of one interface
     */
    public static long parse(PortDriver.Request request, String text, String words) {
        if (!text.matches("\\p{XDigit}{1,2}(:\\p{XDigit}{1,2}){5}")) {
            throw new IllegalArgumentException(request.name() + ": mac=" + text + " is no address; give " + words
                    + "six bytes such as 02:64:74:61:70:01");
        }
        long mac = 0;
        for (String part : text.split(":")) {
            mac = mac << 8 | Integer.parseInt(part, 16);
        }
        if (mac == 0 || (mac >>> 40 & 1) != 0) {
            throw new IllegalArgumentException(request.name() + ": mac=" + text + " must be unicast and not zero");
        }
        return mac;
    }
}
