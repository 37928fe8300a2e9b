package dev.penstock.drivers.memif;

import dev.penstock.eal.Log;
import java.util.function.LongSupplier;

/**
 * What is said of peers, who could fill a log by coming again and again, each time with other words: so many lines a minute, and then how
 * many were left out. Any thread may use it.
 */
final class MemifLog {
    /** Lines a minute at most. */
    static final int MOST = 20;
    static final long MINUTE_NS = 60_000_000_000L;

    private final Log.Type log;
    private final String about;
    private final LongSupplier clock;
    private long since;
    private int said;
    private long leftOut;

    /** @param about what each line begins with */
    MemifLog(Log.Type log, String about) {
        this(log, about, System::nanoTime);
    }

    /** @param clock nanoseconds since some time */
    MemifLog(Log.Type log, String about, LongSupplier clock) {
        this.log = log;
        this.about = about + ": ";
        this.clock = clock;
        since = clock.getAsLong();
    }

    void info(String text) {
        say(Log.Level.INFO, text);
    }

    void warning(String text) {
        say(Log.Level.WARNING, text);
    }

    private synchronized void say(Log.Level level, String text) {
        long now = clock.getAsLong();
        if (now - since >= MINUTE_NS) {
            if (leftOut > 0) {
                log.log(Log.Level.WARNING, about + leftOut + " lines on what peers did were left out");
            }
            since = now;
            said = 0;
            leftOut = 0;
        }
        if (said == MOST) {
            leftOut++;
            return;
        }
        said++;
        log.log(level, about + text + (said == MOST ? " (more is left out for a minute)" : ""));
    }
}
