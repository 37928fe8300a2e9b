package dev.penstock.apps.testpmd;

import dev.penstock.eal.Lcore;
import dev.penstock.jit.JitHealth;
import dev.penstock.jit.JitQuiet;
import dev.penstock.jit.JitStatus;
import java.time.Duration;
import java.util.List;

/** testpmd's view of {@link JitHealth}: begins when asked for, qualifies the path once the JIT is quiet. */
final class JitWatch implements AutoCloseable {
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Testpmd app;
    private JitHealth health;

    JitWatch(Testpmd app) {
        this.app = app;
    }

    /** Watches lcores from now on; those that are watched already stay so. */
    void watch(List<Lcore> lcores) {
        if (health == null) {
            health = new JitHealth(text -> {
                app.console.error("testpmd: warning: " + text);
                app.console.flush();
            });
        }
        lcores.forEach(lcore -> health.watch(lcore.thread()));
        JitHealth current = health;
        Thread.ofPlatform().daemon().name("jit-watch").start(() -> {
            JitQuiet.await(QUIET, LIMIT);
            current.qualify();
        });
    }

    void show() {
        if (health == null) {
            watch(app.forwarding.lcores());
            app.console.println("Watching from now on; --jit-health watches from the start");
        }
        JitStatus s = health.status();
        app.console.println("  Path: " + (!s.qualified() ? "warming up" : s.healthy() ? "compiled as it qualified"
                : "NOT compiled, " + s.pending() + " methods run slower than before"));
        app.console.println("  Deoptimizations: " + s.deoptimizations() + "   Thrown out: " + s.thrownOut() + "   Recompilations: " + s.recompilations()
                + "   Compilations: " + s.compilations());
        app.console.println("  Safepoints: " + s.safepoints() + ", " + s.safepointNs() / 1000 + " us in all   Allocated by lcores: "
                + s.allocatedBytes() + " bytes");
        if (!s.last().isEmpty()) {
            app.console.println("  Last: " + s.last());
        }
    }

    @Override
    public void close() {
        if (health != null) {
            health.close();
        }
    }
}
