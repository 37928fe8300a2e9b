package dev.penstock.apps.cli;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jline.utils.Signals;

/** Turns SIGINT and SIGTERM into an interrupt of one thread, or a call, until it is closed. */
public final class Interrupts implements AutoCloseable {
    /** Those that are not closed; signals are the process's too. */
    private static final Set<Interrupts> OPEN = ConcurrentHashMap.newKeySet();

    private final Runnable call;
    private boolean ended;
    private final Object oldInt;
    private final Object oldTerm;

    private Interrupts(Runnable action) {
        call = () -> run(action);
        oldInt = Signals.register("INT", call);
        oldTerm = Signals.register("TERM", call);
        OPEN.add(this);
    }

    private synchronized void run(Runnable action) {
        if (!ended) {
            action.run();
        }
    }

    /**
     * From here on signals do nothing: what is closed now would take an interrupt for its own, and a file lose its end.
     */
    public synchronized void end() {
        ended = true;
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

    /** Does what a signal would do now; false when nothing waits for one. */
    static boolean raise() {
        List<Interrupts> open = List.copyOf(OPEN);
        open.forEach(o -> o.call.run());
        return !open.isEmpty();
    }

    @Override
    public void close() {
        OPEN.remove(this);
        Signals.unregister("INT", oldInt);
        Signals.unregister("TERM", oldTerm);
    }
}
