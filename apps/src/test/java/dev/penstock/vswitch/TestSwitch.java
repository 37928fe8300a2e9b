package dev.penstock.vswitch;

import dev.penstock.drivers.ringdev.RingPorts;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.ring.Ring;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A switch on rings, with a clock that a test moves: frames go in and come out as byte arrays. */
final class TestSwitch implements AutoCloseable {
    static final int RING = 1024;

    final Eal eal;
    final Ports ports;
    final MbufPool pool;
    final MbufPool copies;
    final VirtualSwitch vswitch;
    /** The rings of each port's first queue. */
    final Map<String, Ring<Mbuf>> in = new LinkedHashMap<>();
    final Map<String, Ring<Mbuf>> out = new LinkedHashMap<>();
    private final Map<String, List<Ring<Mbuf>>> ins = new LinkedHashMap<>();
    private final Map<String, List<Ring<Mbuf>>> outs = new LinkedHashMap<>();
    long nanos = 1;
    private int made;

    TestSwitch(int forwarders, int maxMacs, int ageingS) {
        eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry");
        ports = new Ports(eal);
        pool = MbufPool.create(eal, "rx", 4095, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        copies = MbufPool.create(eal, "copies", 2047, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        vswitch = new VirtualSwitch(forwarders, copies, maxMacs, ageingS, () -> nanos);
    }

    Port ringPort(String name) {
        return ringPort(name, 1);
    }

    Port ringPort(String name, int queues) {
        List<Ring<Mbuf>> rx = rings(name + "-rx", queues);
        List<Ring<Mbuf>> tx = rings(name + "-tx", queues);
        Port port = RingPorts.fromRings(ports, name + made++, rx, tx);
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        port.start();
        in.put(name, rx.getFirst());
        out.put(name, tx.getFirst());
        ins.put(name, rx);
        outs.put(name, tx);
        return port;
    }

    private static List<Ring<Mbuf>> rings(String name, int queues) {
        return IntStream.range(0, queues).mapToObj(q -> new Ring<>(name + q, Mbuf.class, RING, Ring.Sync.MULTI, Ring.Sync.MULTI)).toList();
    }

    SwitchPort add(String name, PortSettings settings) {
        return vswitch.add(name, ringPort(name, settings.queues()), settings);
    }

    void remove(String name) {
        Port port = vswitch.remove(name);
        take(name);
        ins.get(name).forEach(TestSwitch::drain);
        if (port != null) {
            port.close();
        }
    }

    private static void drain(Ring<Mbuf> ring) {
        for (Mbuf m = ring.dequeue(); m != null; m = ring.dequeue()) {
            m.free();
        }
    }

    Mbuf mbuf(byte[] frame) {
        Mbuf m = pool.alloc();
        m.append(frame.length);
        m.write(0, frame, 0, frame.length);
        return m;
    }

    void send(String port, byte[] frame) {
        send(port, 0, frame);
    }

    void send(String port, int queue, byte[] frame) {
        if (!ins.get(port).get(queue).enqueue(mbuf(frame))) {
            throw new AssertionError("ring full");
        }
    }

    /** Lets all forwarders work until nothing comes in any more. */
    void poll() {
        int got;
        do {
            got = 0;
            for (int i = 0; i < vswitch.forwarders(); i++) {
                got += vswitch.forwarder(i).poll();
            }
        } while (got > 0);
    }

    /** Frames that left by a port. */
    List<byte[]> take(String port) {
        List<byte[]> frames = new ArrayList<>();
        for (Ring<Mbuf> ring : outs.get(port)) {
            for (Mbuf m = ring.dequeue(); m != null; m = ring.dequeue()) {
                byte[] frame = new byte[m.pktLen()];
                m.readPacket(0, MemorySegment.ofArray(frame), 0, frame.length);
                frames.add(frame);
                m.free();
            }
        }
        return frames;
    }

    PortStatistics stats(String port) {
        return vswitch.port(port).statistics();
    }

    long dropped(String port, Drop reason) {
        return stats(port).drops().getOrDefault(reason, 0L);
    }

    /** Received + copies + originated - sent - dropped, over all ports: 0. */
    long imbalance() {
        long sum = 0;
        for (SwitchPort port : vswitch.ports()) {
            PortStatistics s = port.statistics();
            if (port.tunnel() == null) {
                sum += s.rxPackets() + s.originated() - s.txPackets();
            }
            sum += s.copies() - s.dropped();
        }
        return sum;
    }

    int inUse() {
        return pool.inUseCount() + copies.inUseCount();
    }

    @Override
    public void close() {
        ports.close();
        eal.close();
    }
}
