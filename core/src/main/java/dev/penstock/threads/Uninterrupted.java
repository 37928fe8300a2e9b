package dev.penstock.threads;

/**
 * Waits that no interrupt ends, since what follows them frees what another thread uses. An interrupt that comes meanwhile is the
 * caller's again afterwards.
 */
public final class Uninterrupted {
    /** What is waited for. */
    @FunctionalInterface
    public interface Wait {
        /**
         * Waits; is called again after an interrupt.
         *
         * @throws InterruptedException when interrupted
         */
        void await() throws InterruptedException;
    }

    private Uninterrupted() {}

    /**
     * Waits for a thread's end.
     *
     * @param thread the thread; not the caller
     */
    public static void join(Thread thread) {
        await(thread::join);
    }

    /**
     * Waits.
     *
     * @param wait for what
     */
    public static void await(Wait wait) {
        boolean interrupted = false;
        while (true) {
            try {
                wait.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
