package dev.penstock.drivers.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RssType;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports that are stopped, configured and given new queues, on the same interface. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class QueuesAnewTest {
    private Rig rig;

    @BeforeEach
    void make() {
        rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired().queues(1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_af_packet0,iface=l0", "net_pcap0,iface=l0", "net_af_xdp0,iface=l0", "net_tap0,remote=l0"})
    void shouldGoOnWithQueuesThatAreMadeAnew(String devargs) throws Exception {
        Port port = rig.started(devargs);
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            for (int round = 1; round <= 3; round++) {
                for (int i = 0; i < 10 * round; i++) {
                    exchange(port, kernel, new byte[] {(byte) round, (byte) i});
                }
                port.stop();
                port.start();
                exchange(port, kernel, new byte[] {(byte) round});
                port.stop();
                rig.left.within(() -> rig.start(port, PortConfig.of(1, 1)));
            }
        }
        port.close();
    }

    private void exchange(Port port, DatagramChannel kernel, byte[] payload) throws IOException {
        Rig.send(kernel, payload);
        byte[] frame = Rig.receive(port, 0, 1, Rig::isUdp).getFirst();
        assertEquals(payload[0], frame[Rig.ETHER_IP_UDP]);
        assertEquals(1, port.txBurst(0, new Mbuf[] {rig.packet(Rig.udp(9, payload))}, 0, 1));
        assertArrayEquals(payload, Rig.datagram(kernel));
    }

    @Test
    void shouldCountWhatItMissedBeforeAStopAndNotWhatCameThen() throws Exception {
        Port port = rig.started("net_af_packet0,iface=l0,framecnt=8");
        flood(108);
        port.stop();
        assertEquals(100, port.stats().rxMissed());
        flood(50);
        assertEquals(100, port.stats().rxMissed());
        port.start();
        assertEquals(100, port.stats().rxMissed());
        flood(10);
        assertEquals(102, port.stats().rxMissed());
    }

    @Test
    void shouldCountWhatItMissedAlsoWhenPacketsAreSpreadInSoftware() throws Exception {
        Port port = rig.started("net_af_packet0,iface=l0,framecnt=8", PortConfig.of(2, 1).withRss(RssType.UDP));
        flood(108);
        assertEquals(100, port.stats().rxMissed());
    }

    /** Frames that nobody takes; a veth pair has delivered them when the call is back. */
    private void flood(int n) throws IOException {
        try (DatagramChannel kernel = Rig.socket(rig.right, "198.18.0.2", 9)) {
            long before = received();
            for (int i = 0; i < n; i++) {
                Rig.send(kernel, new byte[50]);
            }
            Rig.await("all frames at l0", () -> received() == before + n);
        }
    }

    private long received() {
        return Long.parseLong(rig.left.run("cat", "/sys/class/net/l0/statistics/rx_packets").strip());
    }
}
