package dev.penstock.apps.l3fwd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.EalProgram;
import dev.penstock.ethdev.Ports;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of l3fwd in this process. */
record Session(int code, String out, String err) {
    private static final long PATIENCE_MS = 60_000;

    /** Runs until the ports are as wanted. */
    static Session until(Predicate<Ports> done, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(out, err);
        List<String> all = new ArrayList<>(List.of("-l", "0,1", "--no-huge", "--in-memory", "--no-pci", "--no-telemetry"));
        all.addAll(List.of(args));
        int code = EalProgram.run("l3fwd", L3fwdCommand.EXAMPLE, console, all.toArray(String[]::new),
                eal -> EalProgram.withPorts(eal, console, ports -> {
                    Thread watch = watch(Thread.currentThread(), ports, done);
                    try {
                        new L3fwd(eal, ports, console).run(eal.remainingArgs());
                    } finally {
                        watch.interrupt();
                        Thread.interrupted();
                    }
                }));
        return new Session(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** For a run that ends by itself, as with a wrong option. */
    static Session toEnd(String... args) {
        return until(ports -> false, args);
    }

    private static Thread watch(Thread runner, Ports ports, Predicate<Ports> done) {
        return Thread.ofPlatform().daemon().start(() -> {
            long end = System.currentTimeMillis() + PATIENCE_MS;
            try {
                while (!done.test(ports) && System.currentTimeMillis() < end) {
                    Thread.sleep(10);
                }
                // What was received last is forwarded by now.
                Thread.sleep(50);
                runner.interrupt();
            } catch (InterruptedException e) {
                // It has ended.
            }
        });
    }

    /** The sum of a counter over all ports. */
    long count(String name) {
        Matcher m = Pattern.compile("^ *" + name + ": +(\\d+)$", Pattern.MULTILINE).matcher(out);
        long sum = 0;
        while (m.find()) {
            sum += Long.parseLong(m.group(1));
        }
        return sum;
    }
}
