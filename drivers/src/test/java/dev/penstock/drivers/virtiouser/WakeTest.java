package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.MemoryPorts;
import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.mbuf.Mbuf;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that wait for a back end, asleep or not. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class WakeTest extends MemoryPorts {
    private static final int FOR_EVER_MS = 100_000;

    @TempDir
    Path folder;

    private final Mbuf[] burst = new Mbuf[32];
    private long looks;
    private long tries;

    WakeTest() {
        super(4095);
    }

    private Port port(String arguments) {
        return start(ports.attach(arguments + folder.resolve("s")), PortConfig.of(1, 1).withInterrupts(false, true));
    }

    private static void await(String what, BooleanSupplier condition) {
        Rig.await(what, 20, condition);
    }

    /** It slept on a queue that was not there yet, or was the last back end's; nobody asked the new one to wake it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldWakeWhoSleptWhenABackEndCame(int packed) throws InterruptedException {
        Port port = port("net_virtio_user0,packed_vq=" + packed + ",path=");
        try (RxWaiter waiter = new RxWaiter()) {
            assertTrue(waiter.add(port, 0));
            for (int i = 0; i < 3; i++) {
                int[] received = new int[1];
                Thread sleeper = Thread.ofPlatform().daemon().start(() -> {
                    while (received[0] == 0) {
                        waiter.await(FOR_EVER_MS);
                        received[0] = port.rxBurst(0, burst, 32);
                    }
                });
                await("it sleeps", () -> sleeper.getState() != Thread.State.NEW && waiter.sleeps() > 0);
                LockSupport.parkNanos(200_000_000);
                Port back = port("net_vhost0,iface=");
                await("both are up", () -> port.link().up() && back.link().up());
                LockSupport.parkNanos(100_000_000);
                Mbuf m = pool.alloc();
                m.append(60);
                await("it is sent", () -> back.txBurst(0, new Mbuf[] {m}, 0, 1) == 1);
                sleeper.join(20_000);
                assertFalse(sleeper.isAlive(), "it sleeps though a packet is there");
                Mbuf.freeBulk(burst, 0, received[0]);
                back.close();
                await("the back end's end is seen", () -> !port.link().up());
            }
        }
    }

    /** The JIT may read a field that is not volatile but once in such a loop. */
    @Test
    void shouldShowABackEndToWhoLooksAllTheTime() throws InterruptedException {
        Port port = port("net_virtio_user0,path=");
        Thread looker = Thread.ofPlatform().daemon().start(() -> {
            while (!port.link().up()) {
                looks++;
            }
        });
        Thread sender = Thread.ofPlatform().daemon().start(() -> {
            while (!port.isTxQueueUsed(0)) {
                tries++;
            }
        });
        // for longer than it takes until that is compiled
        LockSupport.parkNanos(1_000_000_000);
        Port back = port("net_vhost0,iface=");
        looker.join(20_000);
        sender.join(20_000);
        assertTrue(back.link().up());
        assertFalse(looker.isAlive(), "it does not see the link");
        assertFalse(sender.isAlive(), "it does not see the queue");
    }
}
