package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two virtual machines and a namespace talk TCP and UDP through the switch, in every shape of their queues. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.GuestImage#available")
class GuestTrafficTest {
    private static final int LONGEST_FRAME = 1514;

    @TempDir
    private Path folder;

    /** Split and packed, one queue and two, merged buffers or not, offloads or not. */
    static Stream<Arguments> shapes() {
        return IntStream.range(0, 16).mapToObj(i -> Arguments.of((i & 1) != 0, 1 + (i >> 1 & 1), (i & 4) != 0, (i & 8) != 0));
    }

    private static String options(boolean packed, boolean merge, boolean offloads) {
        return (packed ? ",packed=on" : "") + (merge ? "" : ",mrg_rxbuf=off") + (offloads ? ""
                : ",csum=off,guest_csum=off,host_tso4=off,host_tso6=off,guest_tso4=off,guest_tso6=off,host_ecn=off,guest_ecn=off"
                + ",host_ufo=off,guest_ufo=off");
    }

    @Test
    void shouldCarryTcpAndUdpBetweenGuestsAndANamespace() {
        carry(true, 2, true, true);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("shapes")
    void shouldCarryTcpAndUdpInEveryShape(boolean packed, int queues, boolean merge, boolean offloads) {
        carry(packed, queues, merge, offloads);
    }

    private void carry(boolean packed, int queues, boolean merge, boolean offloads) {
        String options = options(packed, merge, offloads);
        try (GuestBed bed = new GuestBed(folder)) {
            Port first = bed.addVhost("vm1", queues, offloads);
            bed.addVhost("vm2", queues, offloads);
            Process server = bed.serve();
            try (Guest one = bed.boot("vm1", 1, queues, options); Guest two = bed.boot("vm2", 2, queues, options)) {
                two.run("iperf3 -s -D > /dev/null");
                GuestBed.meet(one, "198.18.0.2");
                GuestBed.meet(two, GuestBed.BOX);
                PortStatistics before = bed.vswitch.port("vm1").statistics();
                sound(GuestBed.iperf(one, "198.18.0.2 -t 2 -P 4"));
                PortStatistics after = bed.vswitch.port("vm1").statistics();
                double mean = (double) (after.rxBytes() - before.rxBytes()) / (after.rxPackets() - before.rxPackets());
                assertTrue(offloads == mean > LONGEST_FRAME, "frames of " + mean + " bytes from a guest that "
                        + (offloads ? "leaves" : "does not leave") + " segmentation to us");
                sound(GuestBed.iperf(one, GuestBed.BOX + " -t 1 -P 2"));
                sound(GuestBed.iperf(two, GuestBed.BOX + " -t 1 -R"));
                sound(GuestBed.iperf(two, GuestBed.BOX + " -t 1 -u -b 20M"));
                for (int q = 0; q < queues; q++) {
                    // the guest's processor chooses the queue
                    one.run("busybox taskset " + (1 << q) + " busybox ping -c 1 " + GuestBed.BOX);
                    assertTrue(first.queueStats(q).rxPackets() > 0, "nothing came in queue " + q);
                }
                assertEquals(0, first.stats().rxErrors() + first.stats().txErrors());
            } catch (IllegalStateException e) {
                throw new AssertionError(bed.vswitch.ports().stream().map(p -> p.name() + " " + p.statistics()).toList() + " "
                        + first.xstats().stream().filter(x -> x.value() != 0).toList(), e);
            } finally {
                server.destroyForcibly();
            }
        }
    }

    private static void sound(String report) {
        assertTrue(report.contains("receiver") && !report.contains(" 0.00 Mbits/sec                  receiver"), report);
    }

    /** A machine that uses fewer of its queues than the port has is reached all the same, from every forwarder. */
    @Test
    void shouldReachAGuestThatUsesOneOfItsQueues() {
        try (GuestBed bed = new GuestBed(folder)) {
            bed.addVhost("vm1", 2, false);
            // one queue of the machine's two: it was given two, and its device offers one
            try (Guest one = Guest.boot(GuestImage.prepare(),
                    new Guest.Nic(bed.socket("vm1"), false, 1, ""))) {
                GuestBed.up(one, 1);
                GuestBed.meet(one, GuestBed.BOX);
                for (int i = 0; i < 2; i++) {
                    // the namespace's port is another forwarder's each time, which sends by another queue
                    bed.remove("box");
                    bed.addBox(i);
                    bed.box.run("ping", "-c", "5", "-i", "0.05", "-W", "5", "198.18.0.1");
                }
            }
        }
    }
}
