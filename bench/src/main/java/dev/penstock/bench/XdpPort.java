package dev.penstock.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A testpmd on af_xdp ports in a lab of its own, that forwards what a flood offers, or sends, when it is told to and stands
 * still else, so that ours and DPDK's share two processors in turn. It forwards on the last; the flood and the prompt are on the first.
 */
final class XdpPort implements Contestant {
    /** How long a start takes, with what is thrown away. */
    static final int START_SECONDS = 7;

    /** What it does: with how many ports, and the side whose rate counts. */
    enum Way {
        RX("rxonly", 1, "Rx"), TX("txonly", 1, "Tx"), IO("io", 2, "Tx"), MACSWAP("macswap", 2, "Tx");

        final String side;
        private final String mode;
        private final int ports;

        Way(String mode, int ports, String side) {
            this.mode = mode;
            this.ports = ports;
            this.side = side;
        }

        /** @return as rows name it */
        String row(int frame) {
            return "af_xdp " + name().toLowerCase(Locale.ROOT) + ", " + frame + " B";
        }

        boolean isFlooded() {
            return this != TX;
        }

        List<String> arguments(Bench bench, int frame) {
            List<String> all = new ArrayList<>(PortKind.AF_XDP.devices(bench, List.of("d0", "d1").subList(0, ports)));
            all.addAll(List.of("--", "-i", "--auto-start", "--total-num-mbufs=16384", "--forward-mode=" + mode));
            if (!isFlooded()) {
                all.add("--txpkts=" + (frame - Tester.CRC));
            }
            return all;
        }
    }

    private final Bench bench;
    private final Way way;
    private final Lab lab = new Lab();
    private KernelTime forwarder = new KernelTime(0, 0);
    private KernelTime sender = new KernelTime(0, 0);
    private Prompt device;
    private Flood flood;

    /**
     * Starts it, lets it run for a while and has it stand still.
     *
     * @param bench how it is run
     * @param ours whether it is ours
     * @param way what it does
     * @param frame bytes with check sequence
     * @throws IOException when it doesn't start
     * @throws InterruptedException when ended from outside
     */
    XdpPort(Bench bench, boolean ours, Way way, int frame) throws IOException, InterruptedException {
        this.bench = bench;
        this.way = way;
        try {
            List<String> command = new ArrayList<>(Prompt.program(bench, ours));
            command.addAll(way.arguments(bench, frame));
            device = new Prompt(lab.device(command));
            device.awaitForwarding();
            if (way.isFlooded()) {
                flood = new Flood(lab.tester(), "g0", bench.firstCpu(), frame - Tester.CRC);
            }
            device.warmUp(way.ports, way.side);
            signal("STOP");
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void signal(String name) throws IOException, InterruptedException {
        Prompt.signal(name, device);
        if (flood != null) {
            flood.signal(name);
        }
    }

    @Override
    public double slice(long ms) throws IOException, InterruptedException {
        signal("CONT");
        Thread.sleep(SETTLE_MS);
        device.pps(way.ports, way.side);
        KernelTime last = KernelTime.read(bench.lastCpu());
        KernelTime first = KernelTime.read(bench.firstCpu());
        Thread.sleep(ms);
        forwarder = forwarder.plus(KernelTime.read(bench.lastCpu()).since(last));
        sender = sender.plus(KernelTime.read(bench.firstCpu()).since(first));
        double now = device.pps(way.ports, way.side);
        signal("STOP");
        return now / 1e6;
    }

    /** @return the kernel's part of the time of the core that forwards in percent, 0.5 at least so that there is a ratio, and what ran */
    Bench.Sample kernelWhereForwarded() {
        return new Bench.Sample(Math.max(0.5, 100 * forwarder.part()), said());
    }

    /** @return the same of the core that sends */
    Bench.Sample kernelWhereSent() {
        return new Bench.Sample(Math.max(0.5, 100 * sender.part()), said());
    }

    @Override
    public String said() {
        return Testpmd.workload(device.lines);
    }

    @Override
    public long frameBytes() {
        return Testpmd.frameBytes(device.lines, way.side);
    }

    @Override
    public void close() {
        if (flood != null) {
            flood.close();
        }
        if (device != null) {
            device.close();
        }
        lab.close();
    }
}
