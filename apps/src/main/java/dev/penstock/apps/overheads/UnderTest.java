package dev.penstock.apps.overheads;

import dev.penstock.apps.Main;
import dev.penstock.linux.Netns;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program under test: this program once more, in a process of its own, which ends with this one. */
final class UnderTest implements AutoCloseable {
    private final Process process;
    private final long thread;

    /**
     * Starts it and waits until it runs.
     *
     * @param where its network namespace
     */
    UnderTest(Netns where, Method method, int cpu) throws IOException {
        List<String> command = command(method, cpu);
        process = where.within(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
        try {
            thread = awaitReady();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private long awaitReady() throws IOException {
        BufferedReader output = process.inputReader();
        StringBuilder said = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(Ready.WORD)) {
                return Long.parseLong(line.substring(Ready.WORD.length()));
            }
            if (line.startsWith(Ready.FAILED)) {
                throw new IOException(line.substring(Ready.FAILED.length()));
            }
            said.append('\n').append(line);
        }
        throw new IOException("the program under test did not start:" + said);
    }

    private static List<String> command(Method method, int cpu) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        if (Main.class.getModule().isNamed()) {
            command.addAll(List.of("-m", Main.class.getModule().getName() + "/" + Main.class.getName()));
        } else {
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        }
        command.addAll(List.of("overheads", "--echo", method.word(), "--cpus", "0," + cpu));
        return command;
    }

    /** Runs in the other process until its standard input ends. */
    static void run(Method method, int cpu) throws IOException {
        Thread echo = Thread.ofPlatform().daemon().name("echo").start(() -> {
            try {
                Echo.run(method, cpu);
            } catch (IOException | RuntimeException e) {
                System.out.println(Ready.FAILED + e.getMessage());
            }
        });
        while (echo.isAlive() && System.in.read() >= 0) {
            continue;
        }
    }

    long process() {
        return process.pid();
    }

    long thread() {
        return thread;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
