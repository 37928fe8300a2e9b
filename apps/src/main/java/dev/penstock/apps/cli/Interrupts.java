package dev.penstock.apps.cli;

import org.jline.utils.Signals;

/** Turns SIGINT and SIGTERM into an interrupt of one thread, until it is closed. */
public final class Interrupts implements AutoCloseable {
    private final Object oldInt;
    private final Object oldTerm;

    private Interrupts(Thread thread) {
        oldInt = Signals.register("INT", thread::interrupt);
        oldTerm = Signals.register("TERM", thread::interrupt);
    }

    /**
     * Begins.
     *
     * @param thread what is interrupted
     * @return to be closed at the end
     */
    public static Interrupts of(Thread thread) {
        return new Interrupts(thread);
    }

    @Override
    public void close() {
        Signals.unregister("INT", oldInt);
        Signals.unregister("TERM", oldTerm);
    }
}
