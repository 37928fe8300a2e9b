package dev.penstock.drivers.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A guest that has moved, and whose front end has the port tell the network so (vhost-user: VHOST_USER_SEND_RARP). */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
class AnnouncementTest {
    private static final int SEND_RARP = 19;
    private static final byte[] MAC = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

    /** The network learned it when the sleep was over. */
    @Test
    void shouldWakeWhoSleeps() throws InterruptedException {
        try (Bed bed = new Bed(); RxWaiter waiter = new RxWaiter(); Arena arena = Arena.ofConfined();
                Socket front = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            Port port = bed.start("net_vhost0,iface=" + bed.socket(), 1);
            assertTrue(waiter.add(port, 0));
            Mbuf[] burst = new Mbuf[32];
            int[] received = new int[1];
            Thread sleeper = Thread.ofPlatform().daemon().start(() -> {
                while (received[0] == 0) {
                    waiter.await(50_000);
                    received[0] = port.rxBurst(0, burst, 32);
                }
            });
            front.connect(Sockaddr.unix(bed.socket()));
            // for longer than it takes to fall asleep
            LockSupport.parkNanos(500_000_000);
            MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_INT, SEND_RARP, 1, 8, 0, 0);
            MemorySegment.copy(MAC, 0, message, ValueLayout.JAVA_BYTE, 12, MAC.length);
            assertEquals(message.byteSize(), front.send(message, 0));
            sleeper.join(10_000);
            assertFalse(sleeper.isAlive(), "it sleeps though there is something to send on");
            assertEquals(1, received[0]);
            assertArrayEquals(MAC, Arrays.copyOfRange(Rig.bytes(burst[0]), 6, 12));
            burst[0].free();
        }
    }
}
