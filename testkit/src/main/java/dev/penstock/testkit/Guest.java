package dev.penstock.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A virtual machine: QEMU without hardware help, Debian's kernel for clouds and a busybox shell on its serial console,
 * with network devices over vhost-user. Needs {@code qemu-system-x86} and a {@link GuestImage}.
 *
 * <p>{@link #run} types a command and waits until it has ended. One thread uses it.
 */
public final class Guest implements AutoCloseable {
    private static final String DONE = "done-with-";
    /** Without hardware help, on a machine that does other things as well. */
    private static final int BOOT_S = 90;

    /** Of all machines that run; who ends the tests by a signal shall not leave them behind. */
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "guests"));
    }

    private static final String KERNEL = "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check";

    private final GuestImage image;
    private final boolean iommu;
    private final Path monitor;
    private final Process process;
    private final OutputStream console;
    private final StringBuilder output = new StringBuilder();
    private int commands;

    private Guest(GuestImage image, boolean iommu, Path monitor, Process process) {
        this.image = image;
        this.iommu = iommu;
        this.monitor = monitor;
        this.process = process;
        RUNNING.add(process);
        console = process.getOutputStream();
        Thread.ofPlatform().daemon().name("guest-console").start(() -> read(process.getInputStream()));
    }

    /**
     * One network device.
     *
     * @param socket path of the vhost-user socket
     * @param server true when QEMU listens, false when it connects
     * @param queues pairs of queues
     * @param options further properties of {@code virtio-net-pci}, each with a comma in front, such as {@code ,packed=on}
     */
    public record Nic(String socket, boolean server, int queues, String options) {}

    /**
     * Starts a machine and waits for its shell; its drivers are loaded.
     *
     * @param image what it boots
     * @param nics its network devices, eth0 and on
     * @return the machine
     */
    public static Guest boot(GuestImage image, Nic... nics) {
        return boot(image, false, nics);
    }

    /**
     * Starts a machine whose devices see memory through an IOMMU, as far as they ask for it ({@code ,iommu_platform=on,ats=on}).
     *
     * @param image what it boots
     * @param nics its network devices
     * @return the machine
     */
    public static Guest bootWithIommu(GuestImage image, Nic... nics) {
        return boot(image, true, nics);
    }

    private static Guest boot(GuestImage image, boolean iommu, Nic... nics) {
        return ready(start(image, iommu, List.of(), nics));
    }

    private static Guest ready(Guest guest) {
        try {
            guest.await("shell-is-ready", BOOT_S);
            return guest;
        } catch (RuntimeException e) {
            guest.close();
            throw e;
        }
    }

    /**
     * Starts a machine of several NUMA nodes, with one processor each, and waits for its shell.
     *
     * @param image what it boots
     * @param nodes how many
     * @param mbEach memory of each node in MB
     * @param kernelArguments further ones, such as {@code hugepages=64}
     * @return the machine
     */
    public static Guest bootNuma(GuestImage image, int nodes, int mbEach, String kernelArguments) {
        List<String> command = command(image, " " + kernelArguments);
        command.addAll(List.of("-machine", "q35,accel=tcg", "-m", String.valueOf(nodes * mbEach), "-smp", "cpus=" + nodes + ",sockets="
                + nodes));
        for (int i = 0; i < nodes; i++) {
            command.addAll(List.of("-object", "memory-backend-ram,id=m" + i + ",size=" + mbEach + "M",
                    "-numa", "node,nodeid=" + i + ",cpus=" + i + ",memdev=m" + i));
        }
        return ready(launch(image, false, command));
    }

    /**
     * Starts a machine with devices of any kind and waits for its shell.
     *
     * @param image what it boots
     * @param mb memory in MB
     * @param cpus processors
     * @param kernelArguments further ones, such as {@code hugepages=64}
     * @param devices arguments of QEMU
     * @return the machine
     */
    public static Guest boot(GuestImage image, int mb, int cpus, String kernelArguments, List<String> devices) {
        List<String> command = command(image, " " + kernelArguments);
        command.addAll(List.of("-machine", "q35,accel=tcg", "-m", String.valueOf(mb), "-smp", String.valueOf(cpus)));
        command.addAll(devices);
        return ready(launch(image, false, command));
    }

    private static List<String> command(GuestImage image, String kernelArguments) {
        return new ArrayList<>(List.of("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-cpu", "max",
                "-serial", "stdio", "-kernel", image.kernel().toString(), "-initrd", image.initramfs().toString(),
                "-append", KERNEL + kernelArguments));
    }

    private static Guest start(GuestImage image, boolean iommu, List<String> more, Nic... nics) {
        List<String> command = command(image, iommu ? " intel_iommu=on" : "");
        command.addAll(List.of("-machine", "q35,accel=tcg,memory-backend=mem" + (iommu ? ",kernel-irqchip=split" : ""), "-m", "256",
                "-object", "memory-backend-memfd,id=mem,size=256M,share=on", "-smp", "2"));
        if (iommu) {
            command.addAll(List.of("-device", "intel-iommu,intremap=off,device-iotlb=on,caching-mode=on"));
        }
        command.addAll(more);
        for (int i = 0; i < nics.length; i++) {
            Nic nic = nics[i];
            // 7.2 crashes with vhost-user under TCG when the device has MSI-X, so it has no vectors
            command.addAll(List.of("-chardev", "socket,id=c" + i + ",path=" + nic.socket + (nic.server ? ",server=on" : ",reconnect=1"),
                    "-netdev", "vhost-user,id=n" + i + ",chardev=c" + i + ",queues=" + nic.queues,
                    "-device", "virtio-net-pci,netdev=n" + i + ",vectors=0,mac=02:00:00:00:00:" + String.format("%02x", i + 1)
                            + (nic.queues > 1 ? ",mq=on" : "") + nic.options));
        }
        return launch(image, iommu, command);
    }

    private static Guest launch(GuestImage image, boolean iommu, List<String> command) {
        try {
            Path monitor = Files.createTempDirectory("penstock-guest-monitor").resolve("s");
            command.addAll(List.of("-monitor", "unix:" + monitor + ",server=on,wait=off"));
            return new Guest(image, iommu, monitor, new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException("qemu-system-x86_64 can't be run; sudo apt-get install qemu-system-x86", e);
        }
    }

    /**
     * Runs a command in the machine and waits at most a minute for its end.
     *
     * @param command for the shell
     * @return what it printed
     * @throws IllegalStateException when it fails, or does not end
     */
    public String run(String command) {
        return run(command, 60);
    }

    /**
     * As {@link #run(String)}, for commands that take longer.
     *
     * @param command for the shell
     * @param seconds how long it may take
     * @return what it printed
     */
    public String run(String command, int seconds) {
        String mark = DONE + ++commands + "-";
        int from = type(command + "; echo " + DONE.substring(0, 4) + "'" + DONE.substring(4) + "'" + commands + "-$?-\n");
        String text = awaitFrom(mark, from, seconds);
        int end = text.indexOf(mark);
        String code = text.substring(end + mark.length()).split("-")[0];
        String printed = text.substring(0, end);
        if (!code.equals("0")) {
            throw new IllegalStateException("in the guest: " + command + " ended with " + code + ": " + printed.strip());
        }
        return printed;
    }

    /**
     * Moves the running machine to another process, as a move to another host does; this one has ended then.
     *
     * @param nics where its network devices are connected from then on, as many as before and of the same kind
     * @return the machine
     */
    public Guest migrate(Nic... nics) {
        Path socket = monitor.resolveSibling("migration");
        Guest next = start(image, iommu, List.of("-incoming", "unix:" + socket), nics);
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOOT_S);
            while (!Files.exists(socket)) {
                next.require(deadline, "listen for it");
            }
            command("migrate -d unix:" + socket);
            for (String state = ""; !state.contains("Migration status: completed"); state = command("info migrate")) {
                if (state.contains("Migration status: failed") || state.contains("Error")) {
                    throw new IllegalStateException("the migration fails: " + state + next.tail());
                }
                next.require(deadline, "be migrated: " + state);
            }
            while (!next.command("info status").contains("running")) {
                next.require(deadline, "run");
            }
            close();
            next.hello(deadline);
            return next;
        } catch (RuntimeException e) {
            next.close();
            throw e;
        }
    }

    /** What is typed while a machine wakes up may be lost: types until there is an answer. */
    private void hello(long deadline) {
        while (true) {
            int from = type("echo here'-'I-am\n");
            try {
                awaitFrom("here-I-am", from, 2);
                return;
            } catch (IllegalStateException e) {
                require(deadline, "answer");
            }
        }
    }

    private void require(long deadline, String what) {
        if (System.nanoTime() > deadline || !process.isAlive()) {
            throw new IllegalStateException("the guest does not " + what + (process.isAlive() ? "" : "; it ended") + ": " + tail());
        }
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Has QEMU's monitor do something; what it answers. */
    private String command(String line) {
        StringBuilder answer = new StringBuilder();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(monitor))) {
            ByteBuffer some = ByteBuffer.allocate(4096);
            prompt(channel, some, answer);
            answer.setLength(0);
            channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
            prompt(channel, some, answer);
            return answer.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("QEMU's monitor does not answer: " + tail(), e);
        }
    }

    private static void prompt(SocketChannel channel, ByteBuffer some, StringBuilder answer) throws IOException {
        while (answer.indexOf("(qemu) ") < 0 && channel.read(some.clear()) >= 0) {
            answer.append(StandardCharsets.UTF_8.decode(some.flip()));
        }
    }

    /** Restarts the machine by its own command and waits for its shell. */
    public void reboot() {
        int from = type("reboot -f\n");
        awaitFrom("shell-is-ready", from, BOOT_S);
    }

    private int type(String text) {
        int from;
        synchronized (output) {
            from = output.length();
        }
        try {
            console.write(text.getBytes(StandardCharsets.UTF_8));
            console.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the guest has gone: " + tail(), e);
        }
        return from;
    }

    private void await(String what, int seconds) {
        awaitFrom(what, 0, seconds);
    }

    private String awaitFrom(String what, int from, int seconds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        synchronized (output) {
            while (true) {
                int at = output.indexOf(what, from);
                if (at >= 0 && output.indexOf("\n", at) > 0) {
                    return output.substring(from);
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0 || !process.isAlive()) {
                    throw new IllegalStateException("the guest did not say " + what + (process.isAlive() ? "" : " and ended")
                            + ": " + tail());
                }
                try {
                    output.wait(Math.min(left, 200));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted", e);
                }
            }
        }
    }

    private String tail() {
        synchronized (output) {
            return output.substring(Math.max(0, output.length() - 2000));
        }
    }

    private void read(InputStream from) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            char[] some = new char[4096];
            for (int n; (n = reader.read(some)) >= 0;) {
                synchronized (output) {
                    output.append(some, 0, n);
                    output.notifyAll();
                }
            }
        } catch (IOException e) {
            // the machine has been killed
        }
    }

    /** Kills the machine, as {@code kill -9} does. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        RUNNING.remove(process);
        try {
            console.close();
        } catch (IOException e) {
            // what was not yet typed is of no interest
        }
        try {
            Files.deleteIfExists(monitor);
            Files.deleteIfExists(monitor.resolveSibling("migration"));
            Files.deleteIfExists(monitor.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
