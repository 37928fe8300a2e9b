package dev.penstock.drivers.afxdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.Platform;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import dev.penstock.virtqueue.BurstLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Zero-copy and busy polling, which veth does not have: in a virtual machine with a kernel whose virtio_net does (Linux 6.13),
 * on two of its interfaces that are joined.
 */
@Tag("root")
@Tag("slow")
@EnabledIf("dev.penstock.testkit.GuestImage#available")
class ZeroCopyTest {
    private static final int SECONDS = 240;
    private static final int BURSTS = 40;
    private static final int FRAMES = 32 * BURSTS;

    /**
     * Kills a port under traffic: the huge pages that its umem lies in are free again, which they are not as long as the kernel
     * holds it, and the kernel has let go of as many pages as it had pinned.
     */
    private static final String KILLED = """
            free() { grep HugePages_Free /proc/meminfo | grep -qw 32; }
            pinned() { echo $(($(grep acquired /proc/vmstat | cut -d' ' -f2) - $(grep released /proc/vmstat | cut -d' ' -f2))); }
            /java dev.penstock.drivers.afxdp.ZeroCopyMain '' 1000000 -l 0 --in-memory --no-telemetry > /out 2>&1 &
            until grep -q eth1 /out; do sleep 1; done; sleep 2; free || [ $(pinned) = 0 ] || echo there is a umem; kill -9 $!
            for i in $(seq 60); do free && [ $(pinned) = 0 ] && echo nothing is left && break; sleep 1; done; cat /out""".replace('\n', ';')
            .replace("&;", "&");

    @Test
    void shouldMoveFramesWithoutCopiesAndByBusyPollingWhereTheDriverCan(@TempDir Path folder) {
        List<Path> classes = Stream.of(ZeroCopyMain.class, AfXdpDriver.class, BurstLock.class, Eal.class, Platform.class)
                .map(c -> Path.of(c.getProtectionDomain().getCodeSource().getLocation().getPath())).distinct().toList();
        GuestImage image = GuestImage.prepare("trixie-backports").withJava(folder, classes);
        List<String> nics = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            // zero-copy takes a device that asks how its memory is mapped
            nics.addAll(List.of("-netdev", "hubport,id=h" + i + ",hubid=0", "-device",
                    "virtio-net-pci,netdev=h" + i + ",disable-legacy=on,iommu_platform=on,mac=02:00:00:00:00:0" + (i + 1)));
        }
        try (Guest guest = Guest.boot(image, 768, 1, "hugepages=32", nics)) {
            guest.run("ip link set eth0 up; ip link set eth1 up");
            String both = intact(guest, "''", "");
            assertTrue(both.contains("eth0: zero-copy, busy polling") && both.contains("eth1: zero-copy, busy polling"), both);

            // the device stays silent as long as it is polled often enough
            guest.run("for i in 0 1; do cd /sys/class/net/eth$i; echo 10 > napi_defer_hard_irqs; echo 20000000 > gro_flush_timeout; done");
            String polled = intact(guest, "''", "");
            assertTrue(counted(polled, "busy polled") > FRAMES / 2, polled);
            assertTrue(counted(polled, "interrupts") < FRAMES / 32, polled);
            assertEquals(1, counted(polled, "net_af_xdp0 rx_busy_poll_queues"), polled);

            String not = intact(guest, ",busy_budget=0", "");
            assertTrue(not.contains("eth0: zero-copy\n") && counted(not, "busy polled") == 0, not);

            String copies = intact(guest, ",force_copy=1,busy_budget=0", "");
            assertTrue(copies.contains("eth0: copies, as asked\n"), copies);

            String killed = guest.run(KILLED, SECONDS);
            assertTrue(killed.contains("there is a umem") && killed.contains("nothing is left"), killed);
            intact(guest, "''", "");

            guest.run("echo never > /sys/kernel/mm/transparent_hugepage/enabled");
            String small = intact(guest, ",busy_budget=0", " --no-huge");
            assertTrue(small.contains("eth0: copies, its driver has zero-copy but the pool's pages are not huge"), small);
        }
    }

    private static String intact(Guest guest, String arguments, String eal) {
        String said = guest.run("/java dev.penstock.drivers.afxdp.ZeroCopyMain " + arguments + " " + BURSTS
                + " -l 0 --in-memory --no-telemetry" + eal, SECONDS).replace("\r", "");
        assertEquals(FRAMES, counted(said, "intact"), said);
        for (String port : List.of("net_af_xdp0 ", "net_af_xdp1 ")) {
            for (String counter : List.of("kernel_rx_invalid_descs", "kernel_tx_invalid_descs", "kernel_rx_dropped", "rx_malformed", "tx_malformed")) {
                assertEquals(0, counted(said, port + counter), said);
            }
        }
        assertEquals(0, counted(said, "left"), said);
        return said;
    }

    /** The number behind some words. */
    private static long counted(String said, String words) {
        int at = said.indexOf(words + " ");
        assertTrue(at >= 0, said);
        return Long.parseLong(said.substring(at + words.length() + 1).split("\\s")[0]);
    }
}
