package dev.penstock.jit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
 * <p>Warm the path up, {@link #qualify()}, and from then on each deoptimization of a watched thread, and each compiled
 * form of the program's own methods that the JVM throws out, is counted and said to the listener. The JVM reports about
 * once a second; so often all counters are written as the flight-recorder event {@code dev.penstock.PathHealth}, and each
 * deoptimization as {@code dev.penstock.PathDeoptimized}. It costs the watched threads nothing while nothing happens; all
 * methods may be called by any thread. Needs the modules jdk.jfr and jdk.management.
 */
public final class JitHealth implements AutoCloseable {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Set<Long> watched = ConcurrentHashMap.newKeySet();
    /** The compiled forms that were in use when the path qualified, and those that replaced them. */
    private final Map<Integer, String> compiled = new HashMap<>();
    private final Set<String> pending = new HashSet<>();
    /** Methods that lost their compiled form, and no deoptimization was reported yet. */
    private final List<String> unexplained = new ArrayList<>();
    private final Map<Long, Instant> begun = new HashMap<>();
    private final Consumer<String> alarm;
    private final RecordingStream stream = new RecordingStream();
    /**
     * The flight recorder drops what the thread that reads its events writes. What a last flush of the stream brings
     * after {@link #close} is of no interest.
     */
    private final ExecutorService writer = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("jit-health").factory(), new ThreadPoolExecutor.DiscardPolicy());

    private Instant qualified;
    private long deoptimizations;
    /** Those of the last look at the compiled code. */
    private long deoptimizationsSeen;
    private long thrownOut;
    private long recompilations;
    private long compilations;
    private long safepoints;
    private long safepointNs;
    private long allocatedBefore;
    private String last = "";

    /**
     * Begins to watch.
     *
     * @param alarm told in words of each deoptimization, and of methods that lost their compiled form, after the path
     *        has qualified
     */
    public JitHealth(Consumer<String> alarm) {
        this.alarm = alarm;
        stream.setMaxAge(Duration.ofSeconds(10));
        stream.enable("jdk.Deoptimization").withoutStackTrace();
        stream.enable("jdk.Compilation").withoutThreshold();
        stream.enable("jdk.SafepointBegin").withoutThreshold();
        stream.enable("jdk.SafepointEnd").withoutThreshold();
        stream.enable(PathDeoptimized.class);
        stream.enable(PathHealth.class);
        stream.onEvent("jdk.Deoptimization", this::deoptimized);
        stream.onEvent("jdk.Compilation", this::compiled);
        stream.onEvent("jdk.SafepointBegin", this::safepoint);
        stream.onEvent("jdk.SafepointEnd", this::safepointEnd);
        stream.onFlush(this::look);
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
        compiled.clear();
        compiled.putAll(CompiledCode.inUse());
        pending.clear();
        unexplained.clear();
        deoptimizations = 0;
        deoptimizationsSeen = 0;
        thrownOut = 0;
        recompilations = 0;
        compilations = 0;
        safepoints = 0;
        safepointNs = 0;
        last = "";
        allocatedBefore = allocated();
    }

    /** @return the state now; what happened in the last second may be missing */
    public synchronized JitStatus status() {
        return new JitStatus(qualified != null, pending.size(), deoptimizations, thrownOut, recompilations, compilations, safepoints, safepointNs,
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
            writer.execute(own::commit);
            deoptimizations++;
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
    }

    /** Compares the compiled code with that of when the path qualified. */
    private void look() {
        List<String> lost;
        synchronized (this) {
            if (qualified == null) {
                return;
            }
            // The event that says why may come a flush later; what came without one was a class that was loaded.
            lost = deoptimizations > deoptimizationsSeen ? List.of() : List.copyOf(unexplained);
            unexplained.clear();
            compare(CompiledCode.inUse());
            deoptimizationsSeen = deoptimizations;
            if (!lost.isEmpty()) {
                last = String.join(", ", lost) + " lost the compiled form: a class was loaded that was not there when it was compiled";
            }
            write();
        }
        if (!lost.isEmpty()) {
            alarm.accept(last);
        }
    }

    private void compare(Map<Integer, String> now) {
        compiled.entrySet().removeIf(code -> {
            boolean gone = !now.containsKey(code.getKey());
            if (gone) {
                thrownOut++;
                if (pending.add(code.getValue())) {
                    unexplained.add(code.getValue());
                }
            }
            return gone;
        });
        now.forEach((id, method) -> {
            if (pending.contains(method)) {
                compiled.put(id, method);
            }
        });
        recompilations += pending.stream().filter(now::containsValue).count();
        pending.removeIf(now::containsValue);
    }

    private void write() {
        JitStatus s = status();
        PathHealth event = new PathHealth();
        event.healthy = s.healthy();
        event.pending = s.pending();
        event.deoptimizations = s.deoptimizations();
        event.thrownOut = s.thrownOut();
        event.recompilations = s.recompilations();
        event.safepoints = s.safepoints();
        event.safepointTime = s.safepointNs();
        event.allocated = s.allocatedBytes();
        writer.execute(event::commit);
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
        writer.shutdown();
    }
}
