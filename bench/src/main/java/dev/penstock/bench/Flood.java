package dev.penstock.bench;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.BpfCode;
import dev.penstock.linux.NetInterface;
import dev.penstock.linux.XdpProgram;
import dev.penstock.testkit.NetNamespace;
import dev.penstock.threads.AtExit;
import java.io.IOException;

/**
 * A generator inside the kernel, for ports that a program of ours or of DPDK's takes frames from with XDP: it sends one
 * frame as often as its processor can, without a socket or a buffer to be made for each (Linux 5.18). Programs that send
 * are slower than the ports that are to be measured. It is a process, so that it can be stopped like they.
 */
final class Flood implements AutoCloseable {
    /** About half a second's: between two calls the kernel pauses for some 30 ms. */
    private static final int TIMES = 2_000_000;
    /** Others go on meanwhile. */
    private static final int THREADS = 2;

    private final Process process;
    private final AtExit undo;

    Flood(NetNamespace space, String device, int cpu, int bytes) throws IOException {
        process = new ProcessBuilder(space.inside(FreshJvm.command(Flood.class, device, "" + cpu, "" + bytes).toArray(String[]::new)))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        undo = new AtExit(process::destroyForcibly);
    }

    /**
     * Sends until it is ended, or the bench is, by whatever.
     *
     * @param args the interface, the processor and the frame's bytes
     * @throws IOException never
     */
    public static void main(String[] args) throws IOException {
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> send(args[0], Integer.parseInt(args[1]), Integer.parseInt(args[2])), "flood" + i);
            thread.setUncaughtExceptionHandler((_, e) -> {
                System.err.println("penstock bench: the flood of frames: " + e);
                Runtime.getRuntime().halt(1);
            });
            thread.start();
        }
        // the bench writes nothing, and closes it when it ends
        System.in.read();
        Runtime.getRuntime().halt(0);
    }

    private static void send(String device, int cpu, int bytes) {
        Affinity.pin(cpu);
        try (NetInterface netif = new NetInterface(device);
                XdpProgram program = new XdpProgram(new BpfCode().set(1, netif.index()).set(2, 0).call(XdpProgram.REDIRECT).exit(),
                        "penstock_flood", false)) {
            byte[] frame = Traffic.frame(bytes, 0);
            while (true) {
                program.send(frame, TIMES);
            }
        }
    }

    /** Has it go on, or stand still. */
    void signal(String name) throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IOException("the flood of frames has ended; it says why above");
        }
        Peers.signal(name, process);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        undo.close();
    }
}
