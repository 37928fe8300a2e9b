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

/** A switch on rings, with a clock that a test moves: frames go in and come out as byte arrays. */
final class TestSwitch implements AutoCloseable {
    static final int RING = 1024;

    final Eal eal;
    final Ports ports;
    final MbufPool pool;
    final MbufPool copies;
    final VirtualSwitch vswitch;
    final Map<String, Ring<Mbuf>> in = new LinkedHashMap<>();
    final Map<String, Ring<Mbuf>> out = new LinkedHashMap<>();
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
        Ring<Mbuf> rx = new Ring<>(name + "-rx", Mbuf.class, RING, Ring.Sync.MULTI, Ring.Sync.MULTI);
        Ring<Mbuf> tx = new Ring<>(name + "-tx", Mbuf.class, RING, Ring.Sync.MULTI, Ring.Sync.MULTI);
        Port port = RingPorts.fromRings(ports, name + made++, List.of(rx), List.of(tx));
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        in.put(name, rx);
        out.put(name, tx);
        return port;
    }

    SwitchPort add(String name, PortSettings settings) {
        return vswitch.add(name, ringPort(name), settings);
    }

    void remove(String name) {
        Port port = vswitch.remove(name);
        take(name);
        drain(in.get(name));
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
        if (!in.get(port).enqueue(mbuf(frame))) {
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
        for (Mbuf m = out.get(port).dequeue(); m != null; m = out.get(port).dequeue()) {
            byte[] frame = new byte[m.pktLen()];
            m.readPacket(0, MemorySegment.ofArray(frame), 0, frame.length);
            frames.add(frame);
            m.free();
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
