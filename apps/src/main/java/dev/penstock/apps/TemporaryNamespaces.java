package dev.penstock.apps;

import dev.penstock.linux.Netns;
import dev.penstock.threads.AtExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * Network namespaces of one run, which go with it, also when Ctrl-C or SIGTERM ends it. Their names carry the process id,
 * so that what a killed run left behind is found and removed by the next.
 */
public final class TemporaryNamespaces implements AutoCloseable {
    private final List<String> names = new CopyOnWriteArrayList<>();
    private final List<Netns> all = new CopyOnWriteArrayList<>();
    // Only the names: the process that ends, and threads that are still at work, may be in them.
    private final AtExit exit = new AtExit(() -> names.forEach(Netns::delete));

    /**
     * Makes them, after removing those of processes that are dead.
     *
     * @param prefix what all names begin with, such as {@code penstock-demo-}
     * @param ends what each name ends with
     * @throws dev.penstock.linux.LinuxException without privilege
     */
    public TemporaryNamespaces(String prefix, String... ends) {
        removeLeftovers(prefix);
        try {
            for (String end : ends) {
                String name = prefix + ProcessHandle.current().pid() + "-" + end;
                names.add(name);
                all.add(Netns.create(name));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * One of them.
     *
     * @param index its place among those asked for
     * @return the namespace, closed with this
     */
    public Netns get(int index) {
        return all.get(index);
    }

    /**
     * How {@code ip netns} calls one of them.
     *
     * @param index its place among those asked for
     * @return the name
     */
    public String name(int index) {
        return names.get(index);
    }

    private static void removeLeftovers(String prefix) {
        Path folder = Path.of("/run/netns");
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(prefix) && !alive(name.substring(prefix.length()))) {
                    Netns.delete(name);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("can't look for left-overs in " + folder + ": " + e.getMessage(), e);
        }
    }

    private static boolean alive(String pidAndEnd) {
        String pid = pidAndEnd.replaceAll("-.*", "");
        return pid.matches("\\d{1,9}") && ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Removes them and all interfaces in them. */
    @Override
    public void close() {
        all.forEach(Netns::close);
        exit.close();
    }
}
