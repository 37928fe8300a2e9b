package dev.penstock.mbuf;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Wrong use of a packet, found in checked mode ({@code -Dpenstock.checked=true}). */
public final class MbufMisuse extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** What was done. */
    public enum Kind {
        /** Freed, though nobody had allocated it since it was freed before. */
        DOUBLE_FREE,
        /** Read or written after it was freed. */
        USE_AFTER_FREE,
        /** Put into a pool that it did not come from. */
        WRONG_POOL
    }

    private final Kind kind;
    private final transient Mbuf mbuf;
    private final Throwable allocatedAt;
    private final Throwable freedAt;

    MbufMisuse(Kind kind, Mbuf mbuf, String what) {
        super(mbuf + " " + what + placeOf(mbuf.trail.allocated) + placeOf(mbuf.trail.freed));
        this.kind = kind;
        this.mbuf = mbuf;
        this.allocatedAt = mbuf.trail.allocated;
        this.freedAt = mbuf.trail.freed;
    }

    /** @return what was done */
    public Kind kind() {
        return kind;
    }

    /** @return the packet */
    public Mbuf mbuf() {
        return mbuf;
    }

    /** @return where it was last allocated, or null if it never was */
    public Throwable allocatedAt() {
        return allocatedAt;
    }

    /** @return where it was last freed, or null if it is not */
    public Throwable freedAt() {
        return freedAt;
    }

    private static String placeOf(Throwable place) {
        if (place == null) {
            return "";
        }
        StringWriter text = new StringWriter();
        place.printStackTrace(new PrintWriter(text));
        return System.lineSeparator() + "  " + text.toString().strip().replaceFirst("java.lang.Throwable: ", "");
    }
}
