package dev.penstock.testkit;

import dev.penstock.linux.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace for a test, with nothing in it but loopback. Its name carries this process's number;
 * those of processes that are dead are removed before the first is made. Needs root and {@code ip}.
 */
public final class NetNamespace implements AutoCloseable {
    private static final String PREFIX = "penstock-";
    private static final Path FOLDER = Path.of("/run/netns");
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static boolean swept;

    private final String name;

    private NetNamespace(String name) {
        this.name = name;
    }

    /**
     * Makes one. Interfaces in it get no IPv6 address by themselves, so that a link is silent until a test speaks.
     *
     * @return the namespace
     */
    public static synchronized NetNamespace create() {
        if (!swept) {
            swept = true;
            sweep();
        }
        NetNamespace ns = new NetNamespace(PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
        Netns.create(ns.name).close();
        ns.run("sysctl", "-qw", "net.ipv6.conf.default.addr_gen_mode=1", "net.ipv6.conf.default.accept_dad=0");
        return ns;
    }

    /** Removes the namespaces of processes that no longer live, such as those that were killed. */
    public static void sweep() {
        if (!Files.isDirectory(FOLDER)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(FOLDER, PREFIX + "*")) {
            for (Path path : all) {
                String[] parts = path.getFileName().toString().split("-");
                if (parts.length == 3 && !Files.exists(Path.of("/proc", parts[1]))) {
                    Netns.delete(path.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return its name, as {@code ip netns} has it */
    public String name() {
        return name;
    }

    /**
     * Runs a program in the namespace.
     *
     * @param command the program and its arguments
     * @return what it printed
     * @throws IllegalStateException when it fails; with what it printed
     */
    public String run(String... command) {
        return Command.run(inside(command));
    }

    /**
     * The command that runs a program in the namespace, for a {@link ProcessBuilder}.
     *
     * @param command the program and its arguments
     * @return the command
     */
    public String[] inside(String... command) {
        String[] all = new String[command.length + 4];
        System.arraycopy(new String[] {"ip", "netns", "exec", name}, 0, all, 0, 4);
        System.arraycopy(command, 0, all, 4, command.length);
        return all;
    }

    /**
     * Does something with the calling thread in the namespace: the sockets and ports opened belong to it, and
     * may be used by any thread afterwards.
     *
     * @param <T> the type of the result
     * @param task what to do
     * @return its result
     */
    public <T> T within(Callable<T> task) {
        try (Netns there = Netns.open(name)) {
            return there.within(task);
        }
    }

    /** Removes the namespace and all interfaces in it. */
    @Override
    public void close() {
        Netns.delete(name);
    }
}
