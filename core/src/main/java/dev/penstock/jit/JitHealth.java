package dev.penstock.jit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingStream;

/**
 * Watches whether the threads that poll still run as they were compiled. HotSpot compiles the path for what it has
 * seen; when something else comes it throws the code away, runs interpreted, and compiles again. Packets are lost
 * meanwhile, and nobody is told: this class tells.
 *
 * <p>Warm the path up, {@link #qualify()}, and from then on each deoptimization of a watched thread is counted, said
 * to the listener, and written as the flight-recorder event {@code dev.penstock.PathDeoptimized}. The JVM reports
 * about once a second. It costs the watched threads nothing while nothing happens; all methods may be called by any
 * thread. Needs the modules jdk.jfr and jdk.management.
 */
public final class JitHealth implements AutoCloseable {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Set<Long> watched = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> pending = new HashMap<>();
    private final Map<Long, Instant> begun = new HashMap<>();
    private final Consumer<String> alarm;
    private final RecordingStream stream = new RecordingStream();

    private Instant qualified;
    private long deoptimizations;
    private long recompilations;
    private long compilations;
    private long safepoints;
    private long safepointNs;
    private long allocatedBefore;
    private String last = "";

    /**
     * Begins to watch.
     *
     * @param alarm told in words of each deoptimization after the path has qualified
     */
    public JitHealth(Consumer<String> alarm) {
        this.alarm = alarm;
        stream.setMaxAge(Duration.ofSeconds(10));
        stream.enable("jdk.Deoptimization").withoutStackTrace();
        stream.enable("jdk.Compilation").withoutThreshold();
        stream.enable("jdk.SafepointBegin").withoutThreshold();
        stream.enable("jdk.SafepointEnd").withoutThreshold();
        stream.enable(PathDeoptimized.class);
        stream.onEvent("jdk.Deoptimization", this::deoptimized);
        stream.onEvent("jdk.Compilation", this::compiled);
        stream.onEvent("jdk.SafepointBegin", this::safepoint);
        stream.onEvent("jdk.SafepointEnd", this::safepointEnd);
        stream.startAsync();
    }

    /**
     * Adds a thread that polls.
     *
     * @param thread the thread, started
     */
    public void watch(Thread thread) {
        watched.add(thread.threadId());
    }

    /** Says that the path is warm: what happens from now on counts. May be called again after a change. */
    public synchronized void qualify() {
        qualified = Instant.now();
        pending.clear();
        deoptimizations = 0;
        recompilations = 0;
        compilations = 0;
        safepoints = 0;
        safepointNs = 0;
        last = "";
        allocatedBefore = allocated();
    }

    /** @return the state now; what happened in the last second may be missing */
    public synchronized JitStatus status() {
        return new JitStatus(qualified != null, pending.size(), deoptimizations, recompilations, compilations, safepoints, safepointNs,
                qualified != null ? allocated() - allocatedBefore : 0, last);
    }

    private long allocated() {
        long sum = 0;
        for (long id : watched) {
            sum += Math.max(0, threads.getThreadAllocatedBytes(id));
        }
        return sum;
    }

    private boolean counts(RecordedEvent event) {
        return qualified != null && !event.getEndTime().isBefore(qualified);
    }

    private void deoptimized(RecordedEvent event) {
        RecordedThread thread = event.getThread();
        String text;
        synchronized (this) {
            if (!counts(event) || thread == null || !watched.contains(thread.getJavaThreadId())) {
                return;
            }
            String method = name(event.getValue("method"));
            PathDeoptimized own = new PathDeoptimized();
            own.lcore = thread.getJavaName();
            own.method = method;
            own.reason = event.getString("reason");
            own.action = event.getString("action");
            own.commit();
            deoptimizations++;
            // The VM goes on with the same code after these; nothing has to be compiled again.
            if (!own.action.equals("none")) {
                pending.merge(method, 1, Integer::sum);
            }
            text = thread.getJavaName() + " left compiled code in " + method + " line " + event.getInt("lineNumber") + ": " + own.reason
                    + " (" + own.action + ")";
            last = text;
        }
        alarm.accept(text);
    }

    private synchronized void compiled(RecordedEvent event) {
        if (!counts(event) || event.getShort("compileLevel") < 4 || !event.getBoolean("succeded")) {
            return;
        }
        compilations++;
        if (pending.remove(name(event.getValue("method"))) != null) {
            recompilations++;
        }
    }

    private synchronized void safepoint(RecordedEvent event) {
        if (counts(event)) {
            safepoints++;
            begun.put(event.getLong("safepointId"), event.getStartTime());
        }
    }

    private synchronized void safepointEnd(RecordedEvent event) {
        Instant start = begun.remove(event.getLong("safepointId"));
        if (start != null) {
            safepointNs += Duration.between(start, event.getEndTime()).toNanos();
        }
    }

    private static String name(RecordedMethod method) {
        return method == null ? "unknown" : method.getType().getName() + "." + method.getName();
    }

    /** Ends watching. */
    @Override
    public void close() {
        stream.close();
    }
}
