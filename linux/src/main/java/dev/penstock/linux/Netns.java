package dev.penstock.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A network namespace (network_namespaces(7)), named as {@code ip netns} names them. A namespace belongs to a
 * thread: what a thread has opened stays in the namespace that it was opened in. Note that {@code /sys} goes on
 * showing the process's own namespace, {@link Netlink} the thread's. Platform threads only.
 */
public final class Netns implements AutoCloseable {
    private static final Path FOLDER = Path.of("/run/netns");
    private static final String OWN = "/proc/thread-self/ns/net";
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int MS_BIND = 4096;
    private static final int MNT_DETACH = 2;

    private static final CFunction SETNS = new CFunction("setns");
    private static final CFunction UNSHARE = new CFunction("unshare");
    private static final CFunction MOUNT = new CFunction("mount");
    private static final CFunction UMOUNT2 = new CFunction("umount2");

    private final Fd fd;

    private Netns(Fd fd) {
        this.fd = fd;
    }

    /** @return the calling thread's namespace */
    public static Netns current() {
        return new Netns(Fd.open(OWN, Fd.O_RDONLY));
    }

    /**
     * Opens a named namespace.
     *
     * @param name its name, as {@code ip netns} lists it
     * @return the namespace
     * @throws LinuxException {@link Errno#ENOENT} if there is none
     */
    public static Netns open(String name) {
        return new Netns(Fd.open(path(name).toString(), Fd.O_RDONLY));
    }

    /**
     * Makes a named namespace, with its loopback interface up. It stays until {@link #delete}, also when this
     * process ends.
     *
     * @param name its name
     * @return the namespace
     * @throws LinuxException {@link Errno#EEXIST} if there is one, {@link Errno#EPERM} without privilege
     */
    public static Netns create(String name) {
        Platform.requireLinux("a network namespace");
        Path path = path(name);
        try {
            Files.createDirectories(FOLDER);
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            throw new LinuxException("create network namespace " + name, Errno.EEXIST, "delete it: ip netns del " + name);
        } catch (IOException e) {
            throw new LinuxException("create network namespace " + name + " in " + FOLDER, Errno.EACCES, "run as root");
        }
        try {
            // The thread leaves for the new namespace and never comes back: it ends instead.
            onThread(() -> {
                unshare();
                try (Netlink netlink = new Netlink()) {
                    netlink.up("lo", true);
                }
                mount(OWN, path);
                return null;
            });
            return open(name);
        } catch (RuntimeException e) {
            delete(name);
            throw e;
        }
    }

    /**
     * Deletes a named namespace, and with it its interfaces once no thread and no descriptor is in it. Nothing
     * happens if there is none.
     *
     * @param name its name
     */
    public static void delete(String name) {
        Path path = path(name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = Native.string(arena, path.toString());
            int r = UMOUNT2.call(text, text.address(), MNT_DETACH);
            if (r != -Errno.EINVAL && r != -Errno.ENOENT) {
                LinuxException.check(r, "umount2(" + path + ")", r == -Errno.EPERM ? "run as root" : "");
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Moves the calling thread into this namespace.
     *
     * @throws LinuxException {@link Errno#EPERM} without privilege
     */
    public void enter() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread cannot enter a network namespace; use a platform thread");
        }
        int r = SETNS.call(fd.value(), CLONE_NEWNET);
        LinuxException.check(r, "setns(" + fd.name() + ")", r == -Errno.EPERM ? "run as root" : "");
    }

    /**
     * Does something in this namespace on the calling thread, which then returns to where it was.
     *
     * @param <T> what it makes
     * @param task what to do
     * @return what it made
     */
    public <T> T within(Callable<T> task) {
        try (Netns before = current()) {
            enter();
            try {
                return task.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("in " + this, e);
            } finally {
                before.enter();
            }
        }
    }

    /** @return the descriptor that stands for the namespace */
    public Fd fd() {
        return fd;
    }

    /** Closes the descriptor; the namespace stays. */
    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "network namespace " + fd.name();
    }

    private static Path path(String name) {
        if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
            throw new IllegalArgumentException("a network namespace cannot be called '" + name + "'");
        }
        return FOLDER.resolve(name);
    }

    private static void unshare() {
        int r = UNSHARE.call(CLONE_NEWNET);
        LinuxException.check(r, "unshare(CLONE_NEWNET)", r == -Errno.EPERM ? "run as root" : "");
    }

    private static void mount(String from, Path to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = Native.string(arena, from);
            MemorySegment target = Native.string(arena, to.toString());
            MemorySegment type = Native.string(arena, "none");
            int r = MOUNT.call(source, source.address(), target.address(), type.address(), MS_BIND, 0);
            LinuxException.check(r, "mount(" + to + ")", r == -Errno.EPERM ? "run as root" : "");
        }
    }

    private static void onThread(Callable<Void> task) {
        FutureTask<Void> future = new FutureTask<>(task);
        Thread.ofPlatform().name("netns").start(future);
        try {
            future.get();
        } catch (ExecutionException e) {
            throw Native.thrown(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while making a network namespace", e);
        }
    }
}
