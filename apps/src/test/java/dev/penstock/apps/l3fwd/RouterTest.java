package dev.penstock.apps.l3fwd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.testkit.Allocation;
import dev.penstock.testkit.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {
    @TempDir
    private Path folder;

    private Lookup lookup(String name) throws IOException {
        Path four = folder.resolve("four");
        Path six = folder.resolve("six");
        switch (name) {
            case "em" -> {
                Files.writeString(four, "R198.19.0.1 198.18.0.1 9 9 17 0\n");
                Files.writeString(six, "R2001:db8::1 2001:db8::2 9 9 17 0\n");
                return EmLookup.of(new FlowRoutes(four, six, p -> true), 16);
            }
            case "acl" -> {
                Files.writeString(four, "R0.0.0.0/0 198.19.0.1/32 0 : 65535 9 : 9 17/0xff 0\n");
                Files.writeString(six, "R::/0 2001:db8::1/128 0 : 65535 9 : 9 17/0xff 0\n");
                return AclLookup.of(AclRules.ipv4(four, p -> true, new Repeats()), AclRules.ipv6(six, p -> true, new Repeats()));
            }
            default -> {
                Files.writeString(four, "R198.19.0.1/32 0\n");
                Files.writeString(six, "R2001:db8::1/128 0\n");
                PrefixRoutes routes = new PrefixRoutes(four, six, p -> true);
                return name.equals("lpm") ? LpmLookup.of(routes) : FibLookup.of(routes);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lpm", "fib", "em", "acl"})
    void shouldNotAllocatePerPacket(String name) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        for (int host = 1; host <= 2; host++) {
            frames.add(Frames.ethernet(1, 2, 0x0800, Frames.udp4(0xc612_0001, 0xc613_0000 + host, 9, 9, new byte[9])));
            byte[] six = Frames.ipv6Address(2);
            byte[] to = Frames.ipv6Address(host == 1 ? 1 : 9);
            frames.add(Frames.ethernet(1, 2, 0x86dd, Frames.ipv6(six, to, 17, Frames.udp(six, to, 9, 9, new byte[9]))));
        }
        Path capture = folder.resolve("in.pcap");
        PcapFiles.write(capture, frames);
        try (Eal eal = Eal.start(text -> { }, "--no-huge", "--in-memory"); Ports ports = new Ports(eal)) {
            MbufPool pool = MbufPool.create(eal, "packets", 1023, 64, MbufPool.DEFAULT_DATA_ROOM, -1);
            Port port = ports.attach("net_pcap0,rx_pcap=" + capture + ",infinite_rx=1");
            port.configure(PortConfig.of(1, 1));
            port.setupRxQueue(0, RxQueueConfig.of(pool));
            port.setupTxQueue(0, TxQueueConfig.DEFAULT);
            port.start();
            RxLine line = new RxLine(port, 0, null);
            Router router = new Router(new RxLine[] {line}, new TxPort[] {new TxPort(port, 0, 5)}, lookup(name));

            Runnable loop = () -> {
                for (int i = 0; i < 3000; i++) {
                    router.turn();
                }
            };
            assertEquals(0, Allocation.steadyBytesOf(loop));

            router.flush();
            assertTrue(line.received > 0);
            assertEquals(line.received / 2, line.drops[Drop.NO_ROUTE.ordinal()], Arrays.toString(line.drops));
            assertEquals(line.received, port.stats().txPackets() + line.drops[Drop.NO_ROUTE.ordinal()]);
        }
    }
}
