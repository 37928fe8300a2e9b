package dev.penstock.bench;

import dev.penstock.bench.Bench.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a main class in a JVM of its own with this one's flags, as dpdk-test's programs are compiled once for all: what the
 * JIT learned in one row does not slow the next one.
 */
final class FreshJvm {
    private FreshJvm() {}

    /**
     * Runs one until it ends.
     *
     * @param main the class, of the bench's module, which calls {@link #print}
     * @param seconds for how long at most
     * @param arguments of the program
     * @return the rows that it printed
     * @throws IOException when it can't be started or prints none
     * @throws InterruptedException when ended from outside
     */
    static Map<String, Sample> rows(Class<?> main, int seconds, String... arguments) throws IOException, InterruptedException {
        Map<String, Sample> rows = new LinkedHashMap<>();
        List<String> lines = Bench.runFor(command(main, arguments), seconds);
        for (String line : lines) {
            String[] fields = line.split("\t", -1);
            if (fields.length == 3) {
                rows.put(fields[0], new Sample(Double.parseDouble(fields[1]), fields[2]));
            }
        }
        if (rows.isEmpty()) {
            throw new IOException("the JVM of " + main.getSimpleName() + " printed no rows in " + seconds + " s:\n" + String.join("\n", lines));
        }
        return rows;
    }

    /** Prints rows for {@link #rows}. */
    static void print(Map<String, Sample> rows) {
        rows.forEach((name, sample) -> System.out.println(name + "\t" + sample.value() + "\t" + sample.workload()));
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
