package dev.penstock.threads;

/**
 * What has to be undone however the program ends: by {@link #close}, or by a signal before that. It is done once, also when a
 * signal comes in the middle of {@code close}.
 */
public final class AtExit implements AutoCloseable {
    private final Runnable undo;
    private final Thread hook = new Thread(this::once, "at-exit");
    private boolean done;

    /**
     * Has it done at the end.
     *
     * @param undo what to do; may run in a thread of its own
     * @throws IllegalStateException when the program is ending
     */
    public AtExit(Runnable undo) {
        this.undo = undo;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** @return whether the program is ending, so that what {@code AtExit} undoes may have been undone already */
    public static boolean isEnding() {
        Thread none = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(none);
            Runtime.getRuntime().removeShutdownHook(none);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private synchronized void once() {
        if (!done) {
            done = true;
            undo.run();
        }
    }

    /** Does it now; has it been done already, nothing happens. */
    @Override
    public void close() {
        once();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending, by a signal.
        }
    }
}
