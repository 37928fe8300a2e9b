package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.Link;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxQueue;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueue;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Frames;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A port whose driver has a fault. */
class BrokenPortTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long ALL = 0xffff_ffff_ffffL;

    /** Throws at the first burst that is sent. */
    private static final class Faulty extends Device {
        boolean fault = true;
        int sent;

        @Override
        public DeviceInfo info() {
            return DeviceInfo.of("faulty", 0x0200_0000_00ffL);
        }

        @Override
        public Link link() {
            return Link.VIRTUAL.up(true);
        }

        @Override
        public RxQueue rxQueue(int queue, RxQueueConfig config) {
            return new RxQueue() {
                @Override
                protected int receive(Mbuf[] pkts, int max) {
                    return 0;
                }
            };
        }

        @Override
        public TxQueue txQueue(int queue, TxQueueConfig config) {
            return new TxQueue() {
                @Override
                protected int transmit(Mbuf[] pkts, int from, int n) {
                    if (fault) {
                        fault = false;
                        throw new IllegalStateException("a fault");
                    }
                    Mbuf.freeBulk(pkts, from, n);
                    sent += n;
                    return n;
                }
            };
        }
    }

    /** The others waited for ever for the right to send, and with them who changed anything. */
    @Test
    void shouldLetOthersSendWhereOneForwarderFailed() throws InterruptedException {
        try (TestSwitch real = new TestSwitch(2, 100, 300)) {
            Faulty faulty = new Faulty();
            Port port = real.ports.attach("faulty", faulty);
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(real.pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            real.vswitch.add("faulty", port, new PortSettings());
            real.add("a", new PortSettings().forwarder(0));
            real.add("b", new PortSettings().forwarder(1));
            real.send("a", Frames.ethernet(ALL, A, 0x88b5, new byte[46]));
            assertThrows(IllegalStateException.class, real.vswitch.forwarder(0)::poll);
            real.send("b", Frames.ethernet(ALL, A + 1, 0x88b5, new byte[46]));
            Thread other = Thread.ofPlatform().daemon().start(real.vswitch.forwarder(1)::poll);
            assertTrue(other.join(Duration.ofSeconds(20)), "waits for what nobody gives back");
            assertEquals(1, faulty.sent);
        }
    }
}
