package dev.penstock.drivers.kernel;

import dev.penstock.linux.Errno;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.testkit.Descriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A limit of this process's descriptors, of which so many are left as a test says; and what is open. */
final class OpenFiles implements AutoCloseable {
    private static final int ROOM = 128;
    private static final Pattern KIND = Pattern.compile("anon_inode:|socket:|net:|/dev/net|/memfd:(?!penstock-signals)");

    private final Deque<Fd> fillers = new ArrayDeque<>();
    private final Process limits;

    /** The limit is near, and nothing is left; what has not been loaded yet can't be. */
    OpenFiles() throws IOException {
        String pid = "" + ProcessHandle.current().pid();
        int highest = Descriptors.numbers().stream().mapToInt(Integer::intValue).max().orElse(0);
        // nothing can be started without descriptors: who gives them back is there before
        limits = new ProcessBuilder("sh", "-c", "old=$(prlimit --pid " + pid + " --nofile -o SOFT --noheadings); read go; prlimit --pid " + pid
                + " --nofile=" + (highest + ROOM) + ": && echo low; read go; prlimit --pid " + pid + " --nofile=$old: && echo back").start();
        // what a refusal needs is loaded before
        try {
            Fd.open("/none", Fd.O_RDONLY).close();
        } catch (LinuxException e) {
            tell("low");
        }
        try {
            left(0);
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** From now on there are so many descriptors left. */
    void left(int count) {
        try {
            while (true) {
                fillers.push(Fd.open("/dev/null", Fd.O_RDONLY));
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.EMFILE) {
                throw e;
            }
        }
        for (int i = 0; i < count; i++) {
            fillers.pop().close();
        }
    }

    private void tell(String answer) throws IOException {
        limits.outputWriter().append("go\n").flush();
        String said = limits.inputReader().readLine();
        if (!answer.equals(said)) {
            throw new IOException("prlimit says " + said);
        }
    }

    /** Descriptors and mappings of ports by what they are. */
    static TreeMap<String, Integer> now() throws IOException {
        TreeMap<String, Integer> all = new TreeMap<>();
        for (String what : Descriptors.links()) {
            if (KIND.matcher(what).lookingAt()) {
                all.merge(what.replaceAll("\\d+", "N"), 1, Integer::sum);
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains("socket:") || line.contains("memfd:virtio-user")) {
                all.merge("a mapping of a socket or a memfd", 1, Integer::sum);
            }
        }
        return all;
    }

    @Override
    public void close() throws IOException {
        fillers.forEach(Fd::close);
        try {
            tell("back");
        } finally {
            limits.destroy();
        }
    }
}
