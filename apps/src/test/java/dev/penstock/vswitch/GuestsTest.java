package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Guest;
import dev.penstock.testkit.GuestImage;
import dev.penstock.testkit.NetNamespace;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Two virtual machines and a namespace on one switch. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.GuestImage#available")
class GuestsTest {
    @TempDir
    private Path folder;

    private Guest boot(int n) {
        Guest guest = Guest.boot(GuestImage.prepare(), new Guest.Nic(folder.resolve("vm" + n).toString(), false, 1, ""));
        guest.run("ip link set eth0 address 02:00:00:00:01:0" + n + " && ip link set eth0 up && ip address add 198.18.0." + n + "/24 dev eth0");
        return guest;
    }

    private static void ping(Guest from, String to) {
        // The first answers an ARP request that may have been lost while the other side came up.
        from.run("ping -c 1 -W 10 " + to);
        for (int size : new int[] {56, 1400}) {
            String said = from.run("ping -c 10 -i 0.05 -W 5 -s " + size + " " + to);
            assertTrue(said.contains("10 packets transmitted, 10 packets received"), said);
        }
    }

    @Test
    void shouldJoinGuestsAndANamespaceThroughKillAndReturnOfOne() {
        try (NetNamespace hub = NetNamespace.create(); NetNamespace box = NetNamespace.create();
                Eal eal = Eal.start("-l", "0", "--no-huge", "--in-memory", "--no-telemetry"); Ports ports = new Ports(eal)) {
            NamespacesTest.machine(hub, box, "vbox", "198.18.0.9/24");
            MbufPool pool = MbufPool.create(eal, "rx", 8191, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
            VirtualSwitch vswitch = new VirtualSwitch(1, MbufPool.create(eal, "copies", 1023, 0, MbufPool.DEFAULT_DATA_ROOM, -1), 100, 300);
            NamespacesTest.forward(eal.mainLcore(), vswitch);
            vswitch.add("box", NamespacesTest.port(hub, ports, "net_af_packet0,iface=vbox", pool), new PortSettings());
            for (int n = 1; n <= 2; n++) {
                vswitch.add("vm" + n, NamespacesTest.port(hub, ports, "net_vhost" + n + ",iface=" + folder.resolve("vm" + n), pool),
                        new PortSettings().access(1));
            }
            try (Guest one = boot(1)) {
                try (Guest two = boot(2)) {
                    ping(one, "198.18.0.2");
                    ping(two, "198.18.0.9");
                    vswitch.set("vm2", new PortSettings().domain("red"));
                    assertThrows(IllegalStateException.class, () -> one.run("ping -c 2 -i 0.05 -W 1 198.18.0.2"), "another tenant");
                    vswitch.set("vm2", new PortSettings());
                    ping(one, "198.18.0.2");
                }
                // Killed. The other two talk on.
                ping(one, "198.18.0.9");
                try (Guest two = boot(2)) {
                    ping(two, "198.18.0.1");
                }
            }
            NamespacesTest.stop(eal);
            assertEquals(0, vswitch.port("vm1").statistics().drops().getOrDefault(Drop.NO_MBUF, 0L));
        }
    }
}
