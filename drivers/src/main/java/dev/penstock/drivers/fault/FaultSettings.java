package dev.penstock.drivers.fault;

import dev.penstock.ethdev.PortDriver;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a fault port harms packets. Probabilities are from 0 to 1.
 *
 * @param drop that a packet is lost
 * @param corrupt that one bit of a packet's first segment is turned over
 * @param reorder that a packet changes places with the next
 * @param duplicate that a packet comes twice
 * @param rate packets or bits a second that may pass, 0 for all
 * @param bits whether the rate is of bits
 * @param seed where the random numbers start
 */
record FaultSettings(double drop, double corrupt, double reorder, double duplicate, double rate, boolean bits, long seed) {
    private static final Pattern RATE = Pattern.compile("(\\d+(?:\\.\\d+)?)([kMG]?)(pps|bps)?");

    static FaultSettings of(PortDriver.Request request) {
        double rate = 0;
        boolean bits = false;
        String text = request.text("rate", null);
        if (text != null) {
            Matcher m = RATE.matcher(text);
            if (!m.matches() || Double.parseDouble(m.group(1)) == 0) {
                throw new IllegalArgumentException(request.name() + ": rate=" + text + "; give a number with pps or bps, such as 10kpps or 5Mbps");
            }
            rate = Double.parseDouble(m.group(1)) * switch (m.group(2)) {
                case "k" -> 1e3;
                case "M" -> 1e6;
                case "G" -> 1e9;
                default -> 1;
            };
            bits = "bps".equals(m.group(3));
        }
        return new FaultSettings(probability(request, "drop"), probability(request, "corrupt"), probability(request, "reorder"),
                probability(request, "duplicate"), rate, bits, seed(request));
    }

    private static double probability(PortDriver.Request request, String key) {
        String text = request.text(key, "0");
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            value = -1;
        }
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(request.name() + ": " + key + "=" + text + " is no probability; give one from 0 to 1");
        }
        return value;
    }

    private static long seed(PortDriver.Request request) {
        String text = request.text("seed", "1");
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(request.name() + ": seed=" + text + " is not a number");
        }
    }
}
