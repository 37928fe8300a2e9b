package dev.penstock.drivers.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real guest, whose kernel drives our device and pings us. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.GuestImage#available")
class GuestTest {
    private static final String UP = "ip link set eth0 up && ip address add 198.18.0.2/24 dev eth0";
    private static final String PING = "ping -c 20 -i 0.02 -s %d -W 2 198.18.0.1";

    private static void ping(Guest guest) {
        for (int size : new int[] {56, 1400}) {
            String said = guest.run(PING.formatted(size));
            assertTrue(said.contains("20 packets transmitted, 20 packets received"), said);
        }
    }

    @Test
    void shouldAnswerGuestThroughRebootDriverReloadAndDeathOfEitherSide() {
        try (Bed bed = new Bed()) {
            Port port = bed.start("net_vhost0,iface=" + bed.socket(), 1);
            Port next;
            try (Guest guest = boot(bed, 1, "")) {
                try (Echo _ = new Echo(port, 1)) {
                    guest.run(UP);
                    ping(guest);
                    guest.run("rmmod virtio_net && insmod /virtio_net.ko && sleep 0.2 && " + UP);
                    ping(guest);
                    guest.reboot();
                    guest.run(UP);
                    ping(guest);
                }
                port.close();
                next = bed.start("net_vhost1,iface=" + bed.socket(), 1);
                try (Echo _ = new Echo(next, 1)) {
                    Bed.up(next, true);
                    guest.run("ping -c 1 -W 5 198.18.0.1");
                    ping(guest);
                }
            }
            Bed.up(next, false);
            try (Echo _ = new Echo(next, 1); Guest guest = boot(bed, 1, ",packed=on")) {
                guest.run(UP);
                ping(guest);
            }
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource(value = {"1;", "1;,packed=on", "1;,mrg_rxbuf=off", "1;,packed=on,mrg_rxbuf=off", "2;", "2;,packed=on",
            "1;,csum=off,guest_csum=off,host_tso4=off,host_tso6=off,guest_tso4=off,guest_tso6=off", "1;,event_idx=off",
            "1;,indirect_desc=off", "1;,disable-modern=on"}, delimiter = ';')
    void shouldAnswerGuestInEveryShapeOfQueue(int queues, String options) {
        try (Bed bed = new Bed()) {
            Port port = bed.start("net_vhost0,tso=1,iface=" + bed.socket() + ",queues=" + queues, queues);
            try (Echo _ = new Echo(port, queues); Guest guest = boot(bed, queues, options == null ? "" : options)) {
                guest.run(UP);
                ping(guest);
                assertEquals(0, port.stats().rxErrors() + port.stats().txErrors());
            } catch (IllegalStateException e) {
                throw new AssertionError(Bed.said + ", " + port.xstats().stream().filter(x -> x.value() != 0).toList(), e);
            }
        }
    }

    private static Guest boot(Bed bed, int queues, String options) {
        return Guest.boot(GuestImage.prepare(), new Guest.Nic(bed.socket(), false, queues, options));
    }
}
