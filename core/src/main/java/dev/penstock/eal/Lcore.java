package dev.penstock.eal;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.Platform;
import dev.penstock.threads.Uninterrupted;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/**
 * One pinned thread of an {@link Eal}, which runs the tasks it is given, one at a time (DPDK: rte_lcore).
 *
 * <p>Without a task it sleeps. Any thread may launch, await and ask; tasks poll {@link #stopRequested()}
 * in their loop and end when it is true.
 */
public final class Lcore {
    /** How many lcores an instance can have; their numbers are below this (RTE_MAX_LCORE). */
    public static final int MAX = 128;

    /** What an lcore is for. */
    public enum Role {
        /** The first; where an application runs what is not spread out. */
        MAIN,
        /** Runs tasks. */
        WORKER,
        /** Runs services. */
        SERVICE
    }

    /** What an lcore does now. */
    public enum State {
        /** Sleeps; a task can be launched. */
        WAIT,
        /** Runs a task. */
        RUNNING,
        /** The task has ended; {@link #await()} takes its result and makes the lcore wait again. */
        FINISHED
    }

    /** What an lcore runs. */
    @FunctionalInterface
    public interface Task {
        /**
         * Runs until done, or until {@code self.stopRequested()}.
         *
         * @param self the lcore that runs it
         * @return for {@link Lcore#await()}
         * @throws Exception which {@link Lcore#await()} throws on
         */
        int run(Lcore self) throws Exception;
    }

    private static final VarHandle STOP;

    static {
        try {
            STOP = MethodHandles.lookup().findVarHandle(Lcore.class, "stop", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int id;
    private final int index;
    private final BitSet cpus;
    private final int socket;
    private final Role role;
    private final LcoreThread thread;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final TimerList timers = new TimerList();
    private boolean stop;
    private volatile State state = State.WAIT;
    private volatile boolean closing;
    private volatile int threadId;
    private Task task;
    private int result;
    private Throwable failure;

    Lcore(int id, int index, BitSet cpus, int socket, Role role) {
        this.id = id;
        this.index = index;
        this.cpus = (BitSet) cpus.clone();
        this.socket = socket;
        this.role = role;
        this.thread = new Pinned(this);
    }

    private static final class Pinned extends LcoreThread {
        final Lcore lcore;

        Pinned(Lcore lcore) {
            super(lcore::loop, (lcore.role == Role.MAIN ? "main-lcore-" : "lcore-") + lcore.id);
            this.lcore = lcore;
        }
    }

    /** @return the lcore that the calling thread is, or null when the thread is none */
    public static Lcore current() {
        return Thread.currentThread() instanceof Pinned pinned ? pinned.lcore : null;
    }

    void start() {
        thread.start();
    }

    /** @return the kernel's number of the thread, as in /proc/self/task; 0 on other systems than Linux */
    public int threadId() {
        return threadId;
    }

    /** Waits until the thread is pinned. */
    void awaitStart() {
        try {
            started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void loop() {
        try {
            if (Platform.isLinux()) {
                Affinity.pin(cpus);
                threadId = Affinity.threadId();
            }
            started.complete(null);
        } catch (Throwable e) {
            started.completeExceptionally(e);
            return;
        }
        while (true) {
            if (state == State.RUNNING) {
                try {
                    result = task.run(this);
                } catch (Throwable e) {
                    failure = e;
                }
                // what was meant for this task ends no wait of the next one
                Thread.interrupted();
                finish();
            } else if (closing) {
                return;
            } else {
                // or it would not sleep
                Thread.interrupted();
                LockSupport.park(this);
            }
        }
    }

    private synchronized void finish() {
        task = null;
        state = State.FINISHED;
        notifyAll();
    }

    /**
     * Gives a waiting lcore something to do (DPDK: rte_eal_remote_launch).
     *
     * @param task what to run
     * @throws IllegalStateException when the lcore is not in {@link State#WAIT}
     */
    public void launch(Task task) {
        synchronized (this) {
            if (state != State.WAIT || closing) {
                throw new IllegalStateException(this + " cannot take a task: it is "
                        + (closing ? "closed" : state == State.RUNNING ? "RUNNING; end its task first"
                                : "FINISHED; call await() to take the result first"));
            }
            stop = false;
            result = 0;
            failure = null;
            this.task = task;
            state = State.RUNNING;
        }
        LockSupport.unpark(thread);
    }

    /**
     * Gives a waiting lcore something to do that has no result.
     *
     * @param task what to run
     * @throws IllegalStateException when the lcore is not in {@link State#WAIT}
     */
    public void launch(Runnable task) {
        launch(self -> {
            task.run();
            return 0;
        });
    }

    /**
     * Waits for the end of the task and makes the lcore wait for another (DPDK: rte_eal_wait_lcore).
     *
     * @return the task's result; 0 when there was no task
     * @throws LcoreException when the task threw; its cause is what was thrown
     */
    public synchronized int await() {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException(this + " cannot await itself");
        }
        Uninterrupted.await(() -> {
            while (state == State.RUNNING) {
                wait();
            }
        });
        boolean finished = state == State.FINISHED;
        state = State.WAIT;
        Throwable thrown = failure;
        failure = null;
        if (finished && thrown != null) {
            throw new LcoreException(this, thrown);
        }
        return finished ? result : 0;
    }

    /** What a task threw that nobody has awaited; then forgotten. */
    synchronized Throwable takeFailure() {
        Throwable thrown = failure;
        failure = null;
        return thrown;
    }

    /** Asks the task to end; see {@link #stopRequested()}. */
    public void requestStop() {
        STOP.setOpaque(this, true);
    }

    /**
     * Whether the task should end. Costs as much as reading a field: made to be called at each turn of a loop.
     *
     * @return true since {@link #requestStop()} or since the closing of the instance began
     */
    public boolean stopRequested() {
        return (boolean) STOP.getOpaque(this);
    }

    /** Asks task and thread to end. */
    void close() {
        synchronized (this) {
            closing = true;
            requestStop();
        }
        LockSupport.unpark(thread);
    }

    /** Waits for the thread's end; false when it has not ended in time. */
    boolean ended(long deadlineNs) {
        Uninterrupted.await(() -> {
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (leftMs > 0) {
                thread.join(leftMs);
            }
        });
        return !thread.isAlive();
    }

    /** Where the task is now: the first lines of its stack. */
    String place() {
        StringBuilder text = new StringBuilder();
        StackTraceElement[] stack = thread.getStackTrace();
        for (int i = 0; i < Math.min(4, stack.length); i++) {
            text.append(i == 0 ? "" : " < ").append(stack[i]);
        }
        return text.toString();
    }

    /**
     * The timers that this lcore runs when its task calls {@link TimerList#manage()}; any thread may set timers on them.
     *
     * @return the lcore's timers
     */
    public TimerList timers() {
        return timers;
    }

    /** @return its number, as {@code -l} or {@code --lcores} gave it */
    public int id() {
        return id;
    }

    /** @return its place among the instance's lcores, from 0 */
    public int index() {
        return index;
    }

    /** @return the CPUs it is pinned to; a copy */
    public BitSet cpus() {
        return (BitSet) cpus.clone();
    }

    /** @return the NUMA node of its CPUs, or -1 when they lie on several */
    public int socket() {
        return socket;
    }

    /** @return what it is for */
    public Role role() {
        return role;
    }

    /** @return the thread that it runs on, for tools that watch it, such as {@link dev.penstock.jit.JitHealth} */
    public Thread thread() {
        return thread;
    }

    /** @return what it does now */
    public State state() {
        return state;
    }

    @Override
    public String toString() {
        return "lcore " + id + " (" + role + ", CPU " + Ranges.text(cpus) + ")";
    }
}
