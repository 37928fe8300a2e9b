package dev.penstock.examples.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.net.Checksum;
import dev.penstock.net.Ethernet;
import dev.penstock.net.Ipv4;
import dev.penstock.testkit.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StaticRouterTest {
    private static final int SRC = 0xc612_0009;
    private static final int DST = 0xc612_0105;

    @Test
    void shouldSendToThePortOfTheRouteAndDropTheRest() {
        try (Eal eal = Eal.start("--no-huge", "--in-memory"); Ports all = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "packets", 1023, 32, MbufPool.DEFAULT_DATA_ROOM, -1);
            // What a ring port sends it receives again: so a test puts packets in, and sees what comes out.
            Port in = StaticRouter.open(all.attach("net_ring0"), pool);
            Port out = StaticRouter.open(all.attach("net_ring1"), pool);
            StaticRouter router = new StaticRouter(in, out);
            byte[] good = frame(DST);
            byte[] harmed = good.clone();
            harmed[24]++;
            byte[] old = frame(DST);
            old[22] = 1;
            // Fewer hops by 63 in the high byte: the checksum has as much more.
            old[24] += 63;
            for (byte[] frame : new byte[][] {good, frame(0xc613_0000), harmed, old, Frames.ethernet(1, 2, 0x0806, new byte[28])}) {
                Mbuf m = pool.alloc();
                m.append(frame.length);
                m.write(0, frame, 0, frame.length);
                assertEquals(1, in.txBurst(0, new Mbuf[] {m}, 0, 1));
            }

            router.poll(in);

            Mbuf[] got = new Mbuf[8];
            assertEquals(1, out.rxBurst(0, got, got.length));
            assertEquals(0x0200_0000_0001L, Ethernet.dst(got[0], 0));
            assertEquals(out.filters().mac(), Ethernet.src(got[0], 0));
            assertEquals(63, Ipv4.ttl(got[0], Ethernet.LENGTH));
            assertTrue(Checksum.verifyIpv4(got[0], Ethernet.LENGTH));
            got[0].free();
            assertEquals(4, router.dropped);
        }
    }

    private static byte[] frame(int dst) {
        return Frames.ethernet(1, 2, 0x0800, Frames.ipv4(SRC, dst, 17, new byte[20]));
    }

    @Test
    void shouldStayWithinAHundredLines() throws IOException {
        assertTrue(Files.readAllLines(Path.of("src/main/java/dev/penstock/examples/router/StaticRouter.java")).size() <= 100);
    }
}
