package dev.penstock.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A testpmd on af_xdp ports in a lab of its own, that forwards what a flood offers, or sends, when it is told to and stands
 * still else, so that ours and DPDK's share two processors in turn. It forwards on the last; the flood and the prompt are on the first.
 */
final class XdpPort implements Contestant {
    /** How long a start takes, with what is thrown away. */
    static final int START_SECONDS = 7;

    private static final long WARM_UP_MS = 5000;
    private static final String FORWARDS = "packets/burst=";

    private final Bench bench;
    private final int ports;
    private final String side;
    private final Lab lab = new Lab();
    private KernelTime forwarder = new KernelTime(0, 0);
    private KernelTime sender = new KernelTime(0, 0);
    private Prompt device;
    private Flood flood;

    /**
     * What they do.
     *
     * @param mode the forward mode
     * @param ports 1 or 2
     * @param side {@code Rx} or {@code Tx}: the rate that counts
     */
    record Work(String mode, int ports, String side) {
        boolean isFlooded() {
            return !mode.equals("txonly");
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

    /**
     * Starts it, lets it run for a while and has it stand still.
     *
     * @param bench how it is run
     * @param ours whether it is ours
     * @param work what it does
     * @param frame bytes with check sequence
     * @throws IOException when it doesn't start
     * @throws InterruptedException when ended from outside
     */
    XdpPort(Bench bench, boolean ours, Work work, int frame) throws IOException, InterruptedException {
        this.bench = bench;
        ports = work.ports;
        side = work.side;
        try {
            List<String> command = new ArrayList<>(Prompt.program(bench, ours));
            command.addAll(work.arguments(bench, frame));
            device = new Prompt(lab.device(command));
            device.await(FORWARDS);
            if (work.isFlooded()) {
                flood = new Flood(lab.tester(), "g0", bench.firstCpu(), frame - Tester.CRC);
            }
            device.warmUp(WARM_UP_MS, ports, side);
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
        device.pps(ports, side);
        KernelTime last = KernelTime.read(bench.lastCpu());
        KernelTime first = KernelTime.read(bench.firstCpu());
        Thread.sleep(ms);
        forwarder = forwarder.plus(KernelTime.read(bench.lastCpu()).since(last));
        sender = sender.plus(KernelTime.read(bench.firstCpu()).since(first));
        double now = device.pps(ports, side);
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
        return Testpmd.frameBytes(device.lines, side);
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
