package dev.penstock.drivers.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.linux.NetInterface;
import dev.penstock.mbuf.MbufPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces that get another name under a port: it stays on the same one, also when another one gets the name. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class RenamedTest {
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
    @ValueSource(strings = {"net_af_packet0,iface=l0", "net_af_xdp0,iface=l0", "net_tap0,iface=l0"})
    void shouldStayOnItsInterface(String devargs) {
        if (devargs.startsWith("net_tap")) {
            rig.left.run("ip", "link", "delete", "l0");
        }
        Port port = rig.started(devargs);
        rename();
        assertTrue(port.link().up());
        port.filters().mtu(1400);
        assertEquals("1400", show("moved", "mtu"));
        assertEquals("1500", show("l0", "mtu"));
        port.filters().promiscuous(true);
        assertEquals("1", show("moved", "promiscuity"));
        port.linkUp(false);
        assertFalse(port.link().up());
        port.linkUp(true);
        port.stop();
        rig.left.within(() -> rig.start(port, PortConfig.of(1, 1)));
        Rig.await("the link", () -> port.link().up());
        port.close();
    }

    @Test
    void shouldGiveATapThatWasRenamedItsFurtherQueues() {
        rig.left.run("ip", "link", "delete", "l0");
        Port port = rig.started("net_tap0,iface=l0");
        rename();
        port.stop();
        rig.left.within(() -> rig.start(port, PortConfig.of(3, 3)));
        // The port's own has three queues; no TAP of the name before has come.
        assertEquals("3", rig.left.run("sh", "-c", "ls -d /sys/class/net/moved/queues/rx-* | wc -l").strip());
        assertFalse(rig.left.run("ip", "-d", "link", "show", "l0").contains("tun type tap"));
        port.close();
    }

    @Test
    void shouldKnowTheNameOfNowAndThatOfThen() {
        try (NetInterface netif = rig.left.within(() -> new NetInterface("l0"))) {
            rename();
            assertEquals("l0", netif.name());
            assertEquals("moved", netif.nameNow());
            assertTrue(netif.isThere());
        }
    }

    /** Another interface gets the name. */
    private void rename() {
        rig.left.run("ip", "link", "set", "l0", "name", "moved");
        rig.left.run("ip", "tuntap", "add", "x0", "mode", "tun");
        rig.left.run("ip", "link", "set", "x0", "name", "l0");
    }

    private String show(String name, String what) {
        String all = rig.left.run("ip", "-d", "link", "show", name);
        return all.replaceAll("(?s).*\\b" + what + " (\\S+).*", "$1");
    }
}
