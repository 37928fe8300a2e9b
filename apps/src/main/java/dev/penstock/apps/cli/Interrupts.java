package dev.penstock.apps.cli;

import org.jline.utils.Signals;

/** Turns SIGINT and SIGTERM into an interrupt of one thread, or a call, until it is closed. */
public final class Interrupts implements AutoCloseable {
    private final Object oldInt;
    private final Object oldTerm;

    private Interrupts(Runnable call) {
        oldInt = Signals.register("INT", call);
        oldTerm = Signals.register("TERM", call);
    }

    /**
     * Begins.
     *
     * @param thread what is interrupted
     * @return to be closed at the end
     */
    public static Interrupts of(Thread thread) {
        return new Interrupts(thread::interrupt);
    }

    /**
     * Begins.
     *
     * @param call what is called, in a thread of the JVM's; returns soon
     * @return to be closed at the end
     */
    public static Interrupts calling(Runnable call) {
        return new Interrupts(call);
    }

    @Override
    public void close() {
        Signals.unregister("INT", oldInt);
        Signals.unregister("TERM", oldTerm);
    }
}
