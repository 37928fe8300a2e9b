package dev.penstock.drivers.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.RxWaiter;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Seed;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of port that has a file descriptor to sleep on, while load comes and goes. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class AdaptiveTest {
    private static final int BURSTS = 300;
    /** Less than any port's rings hold, so that what is lost is lost by sleeping. */
    private static final int MOST_UNREAD = 256;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "net_af_xdp0,iface=l0 | net_af_packet9,iface=r0",
        "net_af_packet0,iface=l0 | net_af_packet9,iface=r0",
        "net_tap0,iface=t0 | net_af_packet9,iface=t0",
        "net_memif0,role=server,socket=NAME | net_memif9,role=client,socket=NAME",
        "net_memif0,role=client,socket=NAME | net_memif9,role=server,socket=NAME",
        "net_vhost0,iface=@NAME | net_virtio_user9,path=@NAME",
        "net_virtio_user0,path=@NAME | net_vhost9,iface=@NAME"})
    void shouldLoseNothingWhenLoadComesAndGoes(String devargs, String from) throws Exception {
        String name = "penstock-adaptive-" + ProcessHandle.current().pid();
        SplittableRandom random = Seed.random("adaptive" + devargs);
        try (Rig rig = new Rig(MbufPool.DEFAULT_DATA_ROOM).wired(); RxWaiter waiter = new RxWaiter()) {
            rig.left.run("ethtool", "-L", "l0", "rx", "1", "tx", "1");
            rig.right.run("ethtool", "-L", "r0", "rx", "1", "tx", "1");
            Port port = rig.started(devargs.replace("NAME", name), PortConfig.of(1, 1).withInterrupts(false, true));
            Port sender = (from.endsWith("r0") ? rig.right : rig.left).within(
                    () -> rig.start(rig.ports.attach(from.replace("NAME", name)), PortConfig.of(1, 1)));
            Rig.await("both links", () -> port.link().up() && sender.link().up());
            assertTrue(waiter.add(port, 0));
            AtomicLong got = new AtomicLong();
            Thread loop = Thread.ofPlatform().start(() -> {
                Mbuf[] burst = new Mbuf[32];
                while (!Thread.currentThread().isInterrupted()) {
                    int n = port.rxBurst(0, burst, 32);
                    for (int i = 0; i < n; i++) {
                        got.addAndGet(Rig.isUdp(Rig.bytes(burst[i])) ? 1 : 0);
                        burst[i].free();
                    }
                    waiter.polled(n);
                }
            });
            long sent = 0;
            for (int i = 0; i < BURSTS; i++) {
                Mbuf[] burst = new Mbuf[1 + random.nextInt(32)];
                for (int k = 0; k < burst.length; k++) {
                    burst[k] = rig.packet(Rig.udp(9, new byte[20]));
                }
                int n = sender.txBurst(0, burst, 0, burst.length);
                Mbuf.freeBulk(burst, n, burst.length - n);
                sent += n;
                long all = sent;
                Rig.await("room", 30, () -> all - got.get() < MOST_UNREAD);
                // sometimes just as the other is about to sleep, sometimes long after
                LockSupport.parkNanos(random.nextInt(4) == 0 ? random.nextInt(3_000_000) : random.nextInt(200_000));
            }
            long all = sent;
            Rig.await("all " + all, 30, () -> got.get() == all);
            long busySleeps = waiter.sleeps();
            assertTrue(busySleeps > 10, busySleeps + " sleeps");
            // asleep: no turn, so hardly any further sleep is counted
            Thread.sleep(500);
            assertTrue(waiter.sleeps() - busySleeps < 50, waiter.sleeps() - busySleeps + " sleeps while nothing came");
            loop.interrupt();
            loop.join();
            assertEquals(all, got.get());
            assertEquals(0, port.stats().rxMissed() + sender.stats().txErrors());
        }
    }
}
