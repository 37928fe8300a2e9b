package dev.penstock.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A virtual machine: QEMU without hardware help, Debian's kernel for clouds and a busybox shell on its serial console,
 * with network devices over vhost-user. Needs {@code qemu-system-x86} and a {@link GuestImage}.
 *
 * <p>{@link #run} types a command and waits until it has ended. One thread uses it.
 */
public final class Guest implements AutoCloseable {
    private static final String DONE = "done-with-";

    private final Process process;
    private final OutputStream console;
    private final StringBuilder output = new StringBuilder();
    private int commands;

    private Guest(Process process) {
        this.process = process;
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
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                "-machine", "q35,accel=tcg,memory-backend=mem", "-cpu", "max", "-m", "256",
                "-object", "memory-backend-memfd,id=mem,size=256M,share=on", "-smp", "2", "-serial", "stdio",
                "-kernel", image.kernel().toString(), "-initrd", image.initramfs().toString(),
                "-append", "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check"));
        for (int i = 0; i < nics.length; i++) {
            Nic nic = nics[i];
            // 7.2 crashes with vhost-user under TCG when the device has MSI-X, so it has no vectors
            command.addAll(List.of("-chardev", "socket,id=c" + i + ",path=" + nic.socket + (nic.server ? ",server=on" : ",reconnect=1"),
                    "-netdev", "vhost-user,id=n" + i + ",chardev=c" + i + ",queues=" + nic.queues,
                    "-device", "virtio-net-pci,netdev=n" + i + ",vectors=0,mac=02:00:00:00:00:" + String.format("%02x", i + 1)
                            + (nic.queues > 1 ? ",mq=on" : "") + nic.options));
        }
        try {
            Guest guest = new Guest(new ProcessBuilder(command).redirectErrorStream(true).start());
            try {
                guest.await("shell-is-ready", 60);
                return guest;
            } catch (RuntimeException e) {
                guest.close();
                throw e;
            }
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
        String mark = DONE + ++commands + "-";
        int from = type(command + "; echo " + DONE.substring(0, 4) + "'" + DONE.substring(4) + "'" + commands + "-$?-\n");
        String text = awaitFrom(mark, from, 60);
        int end = text.indexOf(mark);
        String code = text.substring(end + mark.length()).split("-")[0];
        String printed = text.substring(Math.min(end, text.indexOf('\n') + 1), end);
        if (!code.equals("0")) {
            throw new IllegalStateException("in the guest: " + command + " ended with " + code + ": " + printed.strip());
        }
        return printed;
    }

    /** Restarts the machine by its own command and waits for its shell. */
    public void reboot() {
        int from = type("reboot -f\n");
        awaitFrom("shell-is-ready", from, 60);
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
        try {
            console.close();
        } catch (IOException e) {
            // what was not yet typed is of no interest
        }
    }
}
