package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.Input;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of testpmd in this process, on the commands of a test. */
record Session(int code, String out, String err) {
    private static final long WAIT_MS = 300;

    /** With commands from a pipe, as a script gives them. */
    static Session pipe(String commands, String... args) {
        return run(new Input.Pipe(new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8))), args);
    }

    /** With commands one by one; WAIT lets traffic flow for a while. */
    static Session script(List<String> commands, String... args) {
        Queue<String> left = new ArrayDeque<>(commands);
        return run(new Input() {
            @Override
            public String line(Console console, String prompt) {
                while ("WAIT".equals(left.peek())) {
                    left.remove();
                    pause();
                }
                return left.poll();
            }

            @Override
            public void anyKey() {
                pause();
            }
        }, args);
    }

    /** Until the workers have had their time; on a busy machine that is later than the clock says. */
    private static void pause() {
        try {
            long before = workerNs();
            long spent;
            long idle = -1;
            do {
                spent = workerNs() - before;
                if (spent == idle) {
                    return;
                }
                idle = spent;
                Thread.sleep(WAIT_MS);
            } while (workerNs() - before < WAIT_MS * 1_000_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long workerNs() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("lcore-"))
                .mapToLong(t -> Math.max(0, threads.getThreadCpuTime(t.threadId()))).sum();
    }

    private static Session run(Input input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of("-l", "0,1", "--no-huge", "--in-memory", "--no-pci"));
        all.addAll(List.of(args));
        int code = TestpmdCommand.run(all.toArray(String[]::new), input, out, err, false);
        return new Session(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** A counter of the forward statistics of a port; -1 is all ports together. The last ones printed count. */
    long forwarded(int port, String label) {
        String head = port < 0 ? "Accumulated forward statistics" : "Forward statistics for port " + port + " ";
        String block = out.substring(out.lastIndexOf(head));
        Matcher m = Pattern.compile(Pattern.quote(label) + ": +(\\d+)").matcher(block);
        if (!m.find()) {
            throw new AssertionError("no " + label + " in\n" + block);
        }
        return Long.parseLong(m.group(1));
    }

    /** What is printed, with what differs from run to run made equal. */
    static String normal(String text) {
        return text.replace("\r", "").replaceAll("([0-9A-F]{2}:){5}[0-9A-F]{2}", "MAC")
                .replaceAll("(packets|bytes|total|pps|bps|dropped|pkts|bursts)( ?): +[0-9]+ *", "$1: N ")
                .replaceAll("(?m) +$", "");
    }
}
