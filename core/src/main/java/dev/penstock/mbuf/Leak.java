package dev.penstock.mbuf;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A packet that is out of its pool.
 *
 * @param mbuf the packet
 * @param allocatedAt the place of its allocation
 */
public record Leak(Mbuf mbuf, Throwable allocatedAt) {
    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        allocatedAt.printStackTrace(new PrintWriter(text));
        return mbuf + " was never freed" + System.lineSeparator() + "  "
                + text.toString().strip().replaceFirst("java.lang.Throwable: ", "");
    }
}
