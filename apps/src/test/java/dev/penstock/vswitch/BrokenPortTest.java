package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Frames;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A port whose driver has a fault, or whose peer does not use all queues. */
class BrokenPortTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long ALL = 0xffff_ffff_ffffL;

    /** Throws at the first burst that is sent; has a second queue that its peer does not look at. */
    private static final class Faulty extends FakeDevice {
        boolean fault = true;
        int sent;

        Faulty() {
            super(2);
        }

        @Override
        protected boolean isUsed(int queue) {
            return queue == 0;
        }

        @Override
        protected int transmit(int queue, Mbuf[] pkts, int from, int n) {
            if (fault) {
                fault = false;
                throw new IllegalStateException("a fault");
            }
            Mbuf.freeBulk(pkts, from, n);
            sent += queue == 0 ? n : 0;
            return n;
        }
    }

    /** The others waited for ever for the right to send, and with them who changed anything. */
    @Test
    void shouldLetOthersSendWhereOneForwarderFailed() throws InterruptedException {
        try (TestSwitch real = new TestSwitch(2, 100, 300)) {
            Faulty faulty = new Faulty();
            real.vswitch.add("faulty", start(real, faulty, 1), new PortSettings());
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

    private static Port start(TestSwitch real, Faulty device, int queues) {
        Port port = real.ports.attach("faulty", device);
        port.configure(PortConfig.of(queues, queues));
        for (int q = 0; q < queues; q++) {
            port.setupRxQueue(q, RxQueueConfig.of(real.pool));
            port.setupTxQueue(q, TxQueueConfig.DEFAULT);
        }
        port.start();
        return port;
    }

    @Test
    void shouldSendByTheFirstQueueToAPeerThatUsesNoOther() {
        try (TestSwitch real = new TestSwitch(2, 100, 300)) {
            Faulty faulty = new Faulty();
            faulty.fault = false;
            real.vswitch.add("faulty", start(real, faulty, 2), new PortSettings());
            real.add("b", new PortSettings().forwarder(1));
            real.send("b", Frames.ethernet(ALL, A, 0x88b5, new byte[46]));
            real.vswitch.forwarder(1).poll();
            assertEquals(1, faulty.sent);
        }
    }
}
