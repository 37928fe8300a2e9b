package dev.penstock.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a main class in a JVM of its own with this one's flags, as dpdk-test's programs are compiled once for all: what the
 * JIT learned in one row does not slow the next one.
 */
final class FreshJvm {
    private FreshJvm() {}

    /**
     * Runs one until it ends.
     *
     * @param main the class, of the bench's module
     * @param seconds for how long at most
     * @param arguments of the program
     * @return the lines that it printed
     * @throws IOException when it can't be started
     * @throws InterruptedException when ended from outside
     */
    static List<String> run(Class<?> main, int seconds, String... arguments) throws IOException, InterruptedException {
        return Bench.runFor(command(main, arguments), seconds);
    }

    /** @return the command that runs it */
    static List<String> command(Class<?> main, String... arguments) {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>(List.of(self.command().orElseThrow()));
        for (String argument : self.arguments().orElseThrow()) {
            if (argument.equals("-m")) {
                break;
            }
            command.add(argument);
        }
        command.addAll(List.of("-m", "dev.penstock.bench/" + main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
