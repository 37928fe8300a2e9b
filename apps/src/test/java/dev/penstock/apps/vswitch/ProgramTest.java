package dev.penstock.apps.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.Input;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir
    private Path folder;

    private int run(String yaml, String commands, String... options) throws IOException {
        Path file = folder.resolve("switch.yaml");
        Files.writeString(file, yaml);
        String[] args = new String[8 + options.length];
        System.arraycopy(new String[] {"-l", "0", "--no-huge", "--in-memory", "--no-telemetry", "--", "-c", file.toString()}, 0, args, 0, 8);
        System.arraycopy(options, 0, args, 8, options.length);
        return VswitchCommand.run(args, new Input.Pipe(new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8))),
                new Console(out, err), false);
    }

    /** A port of net_virtio_user was refused, since it has no filters that could be told to take all. */
    @Test
    void shouldTakePortsOfEachKindOfSharedMemory() throws IOException {
        assertEquals(0, run("""
                ports:
                  - {name: a, vdev: "net_vhost0,iface=%1$s/a"}
                  - {name: b, vdev: "net_virtio_user0,path=%1$s/b,server=1"}
                  - {name: c, vdev: "net_memif0,role=server,socket=%1$s/c,socket-abstract=no"}
                """.formatted(folder), """
                add port d net_virtio_user1,path=%1$s/a
                show port b
                show port d
                quit
                """.formatted(folder)), err.toString());
        assertFalse(err.toString().contains("no port named"), err.toString());
        String text = out.toString();
        assertTrue(text.contains("net_virtio_user0") && text.contains("net_virtio_user1"), text);
    }

    @Test
    void shouldTakeCommandsFromAPipe() throws IOException {
        assertEquals(0, run("""
                ports:
                  - {name: a, vdev: net_ring0, vlan: 10}
                  - {name: b, vdev: net_null0, tenant: red}
                underlays:
                  - {name: wan, vdev: "net_null1,no-rx=1", address: 198.18.0.1/24}
                tunnels:
                  - {name: host2, underlay: wan, remote: 198.18.0.2, vni: 7, vlan: 10}
                """, """
                add port c net_ring1 vlan: 20, isolated: true, queues: 2
                set port a trunk {vlans: [10, 20-22], native: 1}
                set port a acl-in [{deny: {proto: tcp, dst-port: 25}}]
                show ports
                mirror b rx %s
                show mirrors
                mirror b off
                show port b
                show drops
                show macs
                show tunnels
                del port c
                del port wan
                del port c
                set port a vlan none
                add port d net_nonsense0
                frobnicate
                help
                quit
                """.formatted(folder.resolve("b.pcapng"))), err.toString());
        String text = out.toString().replace("\r", "");
        assertTrue(text.contains("trunk 10,20-22 native 1"), text);
        assertTrue(text.contains("drop bad_source"), text);
        assertTrue(Pattern.compile("vlan +forwarder +macs").matcher(text).find(), "as the field of that name counts them: " + text);
        assertTrue(text.contains("b.pcapng"), text);
        assertTrue(text.contains("vxlan 7 to 198.18.0.2 by wan"), text);
        String errors = err.toString();
        assertTrue(errors.contains("tunnel host2 goes over port wan; remove it first"), errors);
        assertTrue(errors.contains("no port named c; there are a b wan host2"), errors);
        assertTrue(errors.contains("set port:1: 'none' is no number from 1 to 4094"), errors);
        assertTrue(errors.contains("no driver for 'net_nonsense0'"), errors);
        assertTrue(errors.contains("no such command: frobnicate"), errors);
        assertTrue(Files.size(folder.resolve("b.pcapng")) > 100, "mirrored packets");
    }

    @Test
    void shouldShowWhatAPortIsSetTo() throws IOException {
        assertEquals(0, run("""
                ports:
                  - name: a
                    vdev: "net_null0,no-rx=1"
                    isolated: true
                    mac-limit: 3
                    rx-rate: 1gbit
                    flood: {broadcast: 100, multicast: off, unknown: unlimited}
                    acl-in:
                      - permit: {src-mac: "02:00:00:00:00:01", type: 0x0806}
                      - deny: {src: 198.18.0.0/15, proto: tcp, src-port: 1-5, dst-port: 25}
                      - deny: {dst: "2001:db8::/32", proto: 47}
                  - {name: b, vdev: "net_null1,no-rx=1"}
                """, """
                show port a
                set port a isolated false
                set port a rx-rate off
                set port a acl-in []
                set port a acl-out [{deny: {}}]
                show port a
                set port a queues 2
                set port a forwarder 0
                set port a colour red
                show port b
                """), err.toString());
        String text = out.toString().replace("\r", "");
        for (String line : new String[] {"mac-limit 3, isolated", "rx-rate 1gbit burst 6250000, tx-rate off",
            "flood broadcast 100, multicast off, unknown unlimited", "acl-in permit: {src-mac: 02:00:00:00:00:01, type: 0x0806}",
            "acl-in deny: {src: 198.18.0.0/15, proto: tcp, src-port: 1-5, dst-port: 25}", "acl-in deny: {dst: 2001:db8::/32, proto: 47}",
            "mac-limit 3", "rx-rate off, tx-rate off", "acl-out deny: {}", "flood broadcast 10000, multicast 10000, unknown 10000"}) {
            assertTrue(text.contains("\n  " + line + "\n"), line + " in " + text);
        }
        assertEquals(1, text.split("acl-in permit", -1).length - 1, text);
        String errors = err.toString();
        assertTrue(errors.contains("queues is set when a port is made"), errors);
        assertTrue(errors.contains("forwarder is set when a port is made"), errors);
        assertTrue(errors.contains("set port:1: no such field; there are tenant, vlan"), errors);
    }

    @Test
    void shouldMakeTunnelsAndForgetAddressesFromThePrompt() throws IOException {
        assertEquals(0, run("ports:\n  - {name: a, vdev: net_ring0}\n", """
                add underlay wan net_null1,no-rx=1 address: 198.18.0.1/24, mtu: 1600
                add tunnel host2 underlay: wan, remote: 198.18.0.2, vni: 7, vlan: 10
                add tunnel host3 underlay: lan, remote: 198.18.0.3, vni: 7
                add tunnel host4 underlay: wan, remote: 198.18.0.3, vin: 7
                add underlay x net_null2 address: 198.18.0.1
                add tunnel host5 underlay: wan, remote: 198.18.0.5, vni: 7, forwarder: 0
                add tunnel host5 underlay: wan, remote: 198.18.0.5, vni: 7, queues: 2
                add port 'b net_null3
                show tunnels
                set ageing 20
                set ageing never
                clear macs
                clear macs nobody
                del port host2
                del port wan
                show ports
                quit
                """), err.toString());
        String text = out.toString().replace("\r", "");
        assertTrue(Pattern.compile("host2 +7 +198.18.0.2 +wan +unknown").matcher(text).find(), text);
        assertTrue(text.contains("forgot 0 addresses"), text);
        assertFalse(text.substring(text.lastIndexOf("show ports")).contains("wan"), text);
        String errors = err.toString();
        assertTrue(errors.contains("no port named lan; there are a wan host2"), errors);
        assertTrue(errors.contains("add tunnel:1: vni is missing; give the network identifier"), errors);
        assertTrue(errors.contains("forwarder: a tunnel has no forwarder of its own") && errors.contains("a tunnel has no queues of its own"), errors);
        assertTrue(errors.contains("add underlay:1: address: '198.18.0.1' is not an address with its prefix length"), errors);
        assertTrue(errors.contains("''b' is no name"), errors);
        assertTrue(errors.contains("set ageing:1: 'never' is no number from 1 to 1000000"), errors);
        assertTrue(errors.contains("no port named nobody; there are a wan host2"), errors);
    }

    @Test
    void shouldSayTheLineOfAPortThatCanNotBeMade() throws IOException {
        assertEquals(1, run("ports:\n  - name: a\n    vdev: net_null0,sise=9\n", ""));
        assertTrue(err.toString().contains("switch.yaml:2: ports[0]: "), err.toString());
        assertTrue(err.toString().contains("sise"), err.toString());
    }

    @Test
    void shouldHelp() throws IOException {
        assertEquals(0, run("ports: []", "", "--help"));
        assertTrue(out.toString().contains("--config=FILE"), out.toString());
        assertTrue(out.toString().contains("show macs"), out.toString());
        assertFalse(out.toString().contains("Switching"), out.toString());
    }

    /** Each of these ended the switch, with all of its ports. */
    @Test
    void shouldGoOnAfterACommandThatFails() throws IOException {
        assertEquals(0, run("""
                ports:
                  - {name: a, vdev: "net_null0,no-rx=1"}
                  - {name: v, vdev: "net_vhost0,iface=%s/v"}
                """.formatted(folder), """
                set port a rx-rate 99999999999gbit
                add port b net_virtio_user0,path=%1$s/v,queues=2 queues: 2
                add port w net_vhost1,iface=%1$s/w,queues=2
                add port c net_null1,no-rx=1 vlan: 10, trunk: [20]
                set port a vlan 010
                show ports
                quit
                """.formatted(folder)), err.toString());
        String errors = err.toString();
        assertTrue(errors.contains("is no rate from 8bit to 400gbit"), errors);
        assertTrue(errors.contains("the back end has 1 queue pairs, 2 are wanted"), errors);
        assertTrue(errors.contains("has 2 queues and the port's field 'queues' is 1; give both the same number"), errors);
        assertTrue(errors.contains("either of one vlan or a trunk"), errors);
        assertTrue(errors.contains("'010' is no number from 1 to 4094"), errors);
        assertTrue(out.toString().contains("tx packets"), out.toString());
    }

    @Test
    void shouldNameTheLineOfAPortWhosePeerHasFewerQueues() throws IOException {
        assertEquals(1, run("""
                ports:
                  - {name: v, vdev: "net_vhost0,iface=%1$s/v"}
                  - {name: b, vdev: "net_virtio_user0,path=%1$s/v,queues=2", queues: 2}
                """.formatted(folder), "quit\n"));
        assertTrue(err.toString().contains("switch.yaml:3: ports[1]: vhost-user: the back end has 1 queue pairs"), err.toString());
    }

    /** A mirror, or a port on a file, that was refused left the file empty. */
    @Test
    void shouldLeaveTheFilesOfWhatItRefusesAsTheyWere() throws IOException {
        for (int i = 0; i < 5; i++) {
            Files.writeString(folder.resolve("keep" + i), "kept");
        }
        assertEquals(0, run("""
                ports:
                  - {name: a, vdev: "net_null0,no-rx=1"}
                underlays:
                  - {name: wan, vdev: "net_null1,no-rx=1", address: 198.18.0.1/24}
                """, """
                mirror nobody both %1$s/keep0
                mirror wan both %1$s/keep1
                mirror a both %1$s/a.pcapng
                mirror a both %1$s/keep2
                show mirrors
                add port a net_pcap0,tx_pcap=%1$s/keep3
                add port b net_pcap0,tx_pcap=%1$s/keep4 forwarder: 5
                quit
                """.formatted(folder)), err.toString());
        String errors = err.toString();
        assertTrue(errors.contains("no port named nobody") && errors.contains("is an underlay; mirror its tunnels")
                && errors.contains("is mirrored already; end that first") && errors.contains("there is a port named a already")
                && errors.contains("forwarder 5; there are 0 to 0"), errors);
        for (int i = 0; i < 5; i++) {
            assertEquals("kept", Files.readString(folder.resolve("keep" + i)), "keep" + i);
        }
        assertTrue(Pattern.compile("a.pcapng +a +0").matcher(out.toString()).find(), out.toString());
    }

    /** The end of the file was lost: the thread that closed it was still interrupted. */
    @Test
    void shouldWriteFilesToTheirEndsWhenASignalEndsIt() throws IOException, InterruptedException {
        int frames = 100;
        ByteBuffer capture = ByteBuffer.allocate(24 + frames * (16 + 60)).order(ByteOrder.LITTLE_ENDIAN);
        capture.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65535).putInt(1);
        for (int i = 0; i < frames; i++) {
            capture.putLong(0).putInt(60).putInt(60);
            capture.put(new byte[] {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, 1, (byte) 0x88, (byte) 0xb5}).put(new byte[46]);
        }
        Path in = Files.write(folder.resolve("in.pcap"), capture.array());
        Path copy = folder.resolve("out.pcap");
        Files.writeString(folder.resolve("switch.yaml"), """
                ports:
                  - {name: b, vdev: "net_pcap1,rx_pcap=%2$s,tx_pcap=%1$s"}
                  - {name: a, vdev: "net_pcap0,rx_pcap=%3$s,tx_pcap=/dev/null"}
                """.formatted(copy, Files.write(folder.resolve("none.pcap"), Arrays.copyOf(capture.array(), 24)), in));
        CountDownLatch waits = new CountDownLatch(1);
        Input signal = new Input() {
            private String next = "show port b";

            @Override
            public String line(Console console, String prompt) {
                String line = next;
                next = null;
                if (line == null) {
                    waits.countDown();
                    try {
                        Thread.sleep(Long.MAX_VALUE);
                    } catch (InterruptedException e) {
                        // as a channel that a signal interrupts
                        Thread.currentThread().interrupt();
                    }
                } else {
                    sleep();
                }
                return line;
            }

            @Override
            public void anyKey() {}
        };
        Thread program = Thread.ofPlatform().start(() -> VswitchCommand.run(new String[] {"-l", "0", "--no-huge", "--in-memory",
            "--no-telemetry", "--", "-c", folder.resolve("switch.yaml").toString()}, signal, new Console(out, err), false));
        waits.await();
        program.interrupt();
        program.join();
        assertTrue(Pattern.compile("tx packets +" + frames).matcher(out.toString()).find(), out.toString());
        assertEquals(capture.capacity(), Files.size(copy), err.toString());
    }

    private static void sleep() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
