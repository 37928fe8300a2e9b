package dev.penstock.drivers.kernel;

import dev.penstock.linux.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/** The network namespace in which a port was made; it is opened and started there, whoever calls. Any thread may use it. */
public final class Home implements AutoCloseable {
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    private final Netns namespace = Netns.current();
    private final Path name = current();

    /** That of the thread that makes this. */
    public Home() {}

    /** @return a name of the calling thread's namespace that no other has */
    public static Path current() {
        try {
            return Files.readSymbolicLink(OWN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Does something there; without a change of namespace, and the privilege for it, where none is needed.
     *
     * @param task what to do
     */
    public void within(Runnable task) {
        if (current().equals(name)) {
            task.run();
        } else {
            namespace.within(Executors.callable(task));
        }
    }

    @Override
    public void close() {
        namespace.close();
    }
}
