package dev.penstock.vswitch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.testkit.Frames;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which VLAN a frame is in, and that it stays there. */
class SegmentsTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final long ALL = 0xffff_ffff_ffffL;

    private final TestSwitch real = new TestSwitch(1, 1000, 300);

    @AfterEach
    void shouldLoseNothing() {
        assertEquals(0, real.inUse());
        real.close();
    }

    private static BitSet vlans(int... numbers) {
        BitSet set = new BitSet();
        for (int vlan : numbers) {
            set.set(vlan);
        }
        return set;
    }

    /** As in the moment in which a port leaves a VLAN and the addresses behind it are still in the table. */
    @Test
    void shouldNotFollowAnAddressToAPortThatIsNotInTheVlan() {
        real.add("a", new PortSettings().access(1));
        real.add("b", new PortSettings().access(1));
        real.add("c", new PortSettings().access(2));
        int fid = 1;
        assertEquals(MacTable.LEARNED, real.vswitch.macs().learn(MacTable.key(B, fid), real.vswitch.port("b").index, 0, 9, false));
        real.send("a", Frames.ethernet(B, A, 0x88b5, new byte[46]));
        real.poll();
        assertEquals(0, real.stats("a").copies(), "it is VLAN 1's identifier: the address is known");
        assertEquals(1, real.take("b").size());
        assertEquals(MacTable.MOVED, real.vswitch.macs().learn(MacTable.key(B, fid), real.vswitch.port("c").index, 0, 9, false));
        real.send("a", Frames.ethernet(B, A, 0x88b5, new byte[46]));
        real.poll();
        assertEquals(0, real.take("c").size());
        assertEquals(1, real.take("b").size(), "flooded");
        assertEquals(0, real.imbalance());
    }

    @Test
    void shouldGiveAnAccessPortATagBehindTheOneThatIsTakenOff() {
        real.add("trunk", new PortSettings().trunk(vlans(10, 20), 0));
        real.add("ten", new PortSettings().access(10));
        real.add("twenty", new PortSettings().access(20));
        byte[] inner = Frames.vlan(20, 0x88b5, new byte[46]);
        real.send("trunk", Frames.ethernet(ALL, A, 0x8100, Frames.vlan(10, 0x8100, inner)));
        real.poll();
        assertEquals(0, real.take("twenty").size());
        assertArrayEquals(Frames.ethernet(ALL, A, 0x8100, inner), real.take("ten").getFirst());
        assertEquals(0, real.imbalance());
    }

    private void learn(String from, String to) {
        real.send(from, Frames.ethernet(ALL, A, 0x88b5, new byte[46]));
        real.poll();
        real.take(to);
        assertEquals(1, real.vswitch.addresses(real.vswitch.port(from)), from);
    }

    @Test
    void shouldForgetWhatWasLearnedWhereAPortWas() {
        PortSettings settings = new PortSettings().domain("blue").access(5);
        real.add("a", settings);
        real.add("b", settings);
        learn("a", "b");
        real.vswitch.set("a", settings.isolated(true).macLimit(7));
        assertEquals(1, real.vswitch.addresses(real.vswitch.port("a")), "it is where it was");
        real.vswitch.set("a", settings.domain("red"));
        assertEquals(0, real.vswitch.addresses(real.vswitch.port("a")), "another tenant");
        real.vswitch.set("b", settings);
        learn("a", "b");
        real.vswitch.set("a", settings.access(6));
        assertEquals(0, real.vswitch.addresses(real.vswitch.port("a")), "another VLAN");
        real.vswitch.set("a", settings.access(5));
        learn("a", "b");
        real.remove("a");
        real.add("c", settings);
        assertEquals(0, real.vswitch.port("c").index);
        assertEquals(0, real.vswitch.addresses(real.vswitch.port("c")), "another port of the same number");
    }

    @Test
    void shouldSpreadPortsOverForwarders() {
        try (TestSwitch several = new TestSwitch(3, 100, 300)) {
            several.add("first", new PortSettings().forwarder(1));
            for (int expected : new int[] {0, 2, 0, 1, 2}) {
                assertEquals(expected, several.add("p" + several.vswitch.ports().size(), new PortSettings()).forwarder());
            }
        }
    }

    @Test
    void shouldKeepNoAddressesForPortsThatLearnNone() {
        try (TestSwitch small = new TestSwitch(1, 32, 300)) {
            small.vswitch.addUnderlay("wan", small.ringPort("wan"), new Underlay(0xc612_0001, 24, 0, 1500));
            SwitchPort port = small.add("a", new PortSettings());
            for (int i = 0; i < 40; i++) {
                small.send("a", Frames.ethernet(ALL, A + i, 0x88b5, new byte[46]));
            }
            small.poll();
            assertEquals(32, small.vswitch.addresses(port), "all that there are");
        }
    }
}
