package dev.penstock.apps.testpmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.apps.demo.DemoTraffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands whose effect is more than what they print. */
class CommandsTest {
    private static final String[] NULLS = {"--vdev", "net_null0", "--vdev", "net_null1", "--", "-i", "--total-num-mbufs=4095"};

    @Test
    void shouldSayThatAPortInMemoryTellsNoPacketTypes() {
        Session s = Session.pipe("show port 0 ptypes\nset port 0 ptype_mask 0xffffffff\nquit\n", NULLS);
        assertTrue(s.err().contains("Port 0 doesn't support any ptypes."), s.err());
        assertTrue(s.out().contains("L2 ptypes unsupported\nL3 ptypes unsupported\nL4 ptypes unsupported\nTunnel ptypes unsupported\n"
                + "Inner L2 ptypes unsupported\nInner L3 ptypes unsupported\nInner L4 ptypes unsupported\n"), s.out());
    }

    /** Words and order are those that dpdk-testpmd 22.11 prints of its net_tap. */
    @Test
    @EnabledIf("dev.penstock.testkit.Root#here")
    void shouldListThePacketTypesThatATapTells() {
        Session s = Session.pipe("show port 0 ptypes\nset port 0 ptype_mask 0xf0\nset port 0 ptype_mask 0xf000\nquit\n",
                "--vdev", "net_tap0,iface=ptypes%d", "--", "-i", "--total-num-mbufs=4095");
        assertEquals(2, s.out().split("Successfully set following ptypes for Port 0\n", -1).length - 1, s.out() + s.err());
        assertTrue(s.out().contains("Supported L2 ptypes:\nL2_ETHER \nL2_ETHER_VLAN \nL2_ETHER_QINQ \nSupported L3 ptypes:\nL3_IPV4 \n"
                + "L3_IPV4_EXT \nL3_IPV6_EXT \nL3_IPV6 \nSupported L4 ptypes:\nL4_FRAG \nL4_UDP \nL4_TCP \nL4_SCTP \n"
                + "Tunnel ptypes unsupported\nSupported Inner L2 ptypes:\nINNER_L2_ETHER \n"), s.out() + s.err());
    }

    @Test
    void shouldMakeAPortAnewAtResetAndForwardWithItAgain() {
        Session s = Session.script(List.of("set promisc 0 off", "port stop all", "port reset 0", "port start all", "show port info 0",
                "start", "WAIT", "stop"), NULLS);
        assertTrue(s.out().contains("Resetting ports...\nDone\n"), s.out());
        assertTrue(s.out().contains("Promiscuous mode: disabled"), s.out());
        assertFalse(s.out().substring(0, s.out().indexOf("Shutting down")).contains("is closed"), s.out());
        assertTrue(s.forwarded(0, "RX-packets") > 0, s.out());
    }

    @Test
    void shouldRefuseToForwardWithoutQueuesAndGoOn() {
        Session s = Session.pipe("port stop all\nport config all rxq 0\nport start all\nstart\nshow port summary 0\nquit\n", NULLS);
        assertEquals(0, s.code(), s.err());
        assertTrue(s.err().contains("Either rxq or txq are 0, cannot use io fwd mode"), s.err());
        assertTrue(s.out().contains("net_null0"), s.out());
    }

    @Test
    void shouldPrintPacketsFromTheMomentThatVerboseIsSet() {
        Session s = Session.script(List.of("start", "set verbose 1", "WAIT", "set verbose 0", "WAIT", "stop", "show fwd balance"),
                "--vdev", "net_null0,rate=1000", "--vdev", "net_null1,no-rx=1", "--", "-i", "--total-num-mbufs=4095");
        assertTrue(s.out().contains("port 0/queue 0: received"), s.out());
        assertEquals(0, unaccounted(s.out()));
        assertTrue(s.forwarded(0, "RX-packets") > 0, s.out());
    }

    /** Metadata and flags go along with what is sent; levels above 3 print both ways, as DPDK's do. */
    @Test
    void shouldSendMetadataAndDynamicFlagsAlong() {
        Session s = Session.script(List.of("port config 1 tx_metadata 4660", "show port 1 tx_metadata", "port config 1 dynf foo set",
                "port config 1 dynf bar clear", "port config 7 tx_metadata 1", "port config 7 dynf foo set",
                "port config 1 dynf " + "n".repeat(64) + " set", "set verbose 4", "start", "WAIT", "stop", "port config 1 dynf foo clear",
                "port config 1 tx_metadata 0", "start", "WAIT", "stop", "show port 1 tx_metadata"),
                "--vdev", "net_null0,rate=1000", "--vdev", "net_null1,no-rx=1", "--", "-i", "--total-num-mbufs=4095");
        assertTrue(s.out().contains("Port 1 tx_metadata: 4660\n"), s.out());
        assertTrue(s.out().contains("Port 1 tx_metadata: 0\n"), s.out());
        assertTrue(s.out().contains("port 0/queue 0: received"), s.out());
        assertTrue(s.out().contains(" - Tx metadata: 0x1234 - dynf foo: 1 - dynf bar: 0 - sw ptype"), s.out());
        assertTrue(s.out().contains("nb_segs=1 - dynf foo: 0 - dynf bar: 0 - sw ptype"), s.out());
        assertTrue(s.err().contains("Invalid port 7\nInvalid port 7\nFlag name too long\n"), s.err());
    }

    @Test
    void shouldSendSegmentsThatFillTheirBuffers() {
        for (String mode : List.of("txonly", "flowgen")) {
            Session s = Session.script(List.of("set txpkts 2177", "set txpkts 2176", "show config txpkts", "set fwd " + mode, "start", "WAIT",
                    "stop", "set txpkts 2176,2176", "start", "WAIT", "stop", "show fwd balance"),
                    "--vdev", "net_null0,copy=1", "--", "-i", "--total-num-mbufs=4095", "--port-topology=loop");
            assertTrue(s.err().contains("length[0]=2177 > mbuf_data_size=2176 - give up\n"), s.err());
            assertTrue(s.out().contains("Segment sizes: 2176"), s.out());
            assertTrue(s.forwarded(0, "TX-packets") > 0, s.out());
            assertEquals(0, unaccounted(s.out()));
        }
    }

    @Test
    void shouldTakeGroupsAtAPortWithOneAddress() {
        Session s = Session.pipe("mcast_addr add 0 01:00:5e:00:00:01\nmcast_addr add 0 01:00:5e:00:00:02\nshow port 0 mcast_macs\n"
                + "mcast_addr remove 0 01:00:5e:00:00:01\nshow port 0 mcast_macs\nshow port 0 macs\nquit\n", NULLS);
        assertTrue(s.out().contains("Number of Multicast MAC address added: 2\n  01:00:5E:00:00:01\n  01:00:5E:00:00:02\n"), s.out());
        assertTrue(s.out().contains("Number of Multicast MAC address added: 1\n  01:00:5E:00:00:02\n"), s.out());
        assertTrue(s.out().contains("Number of MAC address added: 1\n"), s.out());
    }

    @Test
    void shouldStripVlansOfAStartedPort() {
        Session s = Session.pipe("vlan set strip on 0\nvlan set filter on 0\nrx_vlan add 7 0\nshow port info 0\nvlan set strip off 0\n"
                + "show port 0 rx_offload configuration\nquit\n", NULLS);
        assertTrue(s.out().contains("strip on, filter on, extend off, qinq strip off"), s.out());
        assertTrue(s.out().contains("Queue[ 0] : VLAN_FILTER\n"), s.out());
        assertEquals("", s.err().replaceAll("(?m)^(testpmd: (create|preferred)|EAL: ).*\n", ""));
    }

    @Test
    void shouldSayOnceThatACommandHasNoEffect() {
        Session s = Session.pipe("set rxpkts 64,64\nset rxpkts 32,32\nset port 0 gso on\nset gso segsz 700\n"
                + "show port 0 gso\nset port 0 gro on\nset port 0 gro on\nshow port 0 gro\nquit\n", NULLS);
        assertEquals(1, s.err().split("set rxpkts has no effect", -1).length - 1, s.err());
        assertTrue(s.out().contains("Max GSO'd packet size: 700B\n") && s.out().contains("GRO type: TCP/IPv4\n"), s.out());
        assertTrue(s.err().contains("Port 0 has enabled GRO. Please disable GRO first"), s.err());
    }

    /** The words are dpdk-testpmd 22.11's. */
    @Test
    void shouldRefuseRssWhereThePortHasNone() {
        Session s = Session.pipe("port config all rss udp\nport config all rss 70\nport config all rss level-inner\n"
                + "port config 0 rss reta (0,9)\nport config 0 rss reta (0,0)\nport config 0 rss reta (500,0)\n"
                + "show port 0 rss reta 64 (0x1)\nport config 0 rss-hash-key ipv4 00\nquit\n", NULLS);
        String refused = "Multi-queue RSS mode isn't enabled.\nConfiguration of RSS hash at ethernet port 0 failed with error (95): "
                + "Operation not supported.\n";
        assertEquals(2, s.err().split(Pattern.quote(refused), -1).length - 1, s.err());
        assertFalse(s.out().contains("rss_hf"), s.out());
        assertTrue(s.out().contains("requested:0x800000000a38c configured:0xa38c\n"), s.out());
        assertTrue(s.err().contains("flowtype_id should be greater than 0 and less than 64.\n"
                + refused + refused.replace("port 0", "port 1")
                + "reta_conf[0]->reta[0]: 9 exceeds the maximum rxq index: 1\n"
                + "Bad redirection table parameter, return code = -22\nMulti-queue RSS mode isn't enabled.\n"
                + "Bad redirection table parameter, return code = -95\nInvalid RETA hash index=500\n"
                + "Invalid RSS Redirection Table config entered\nFailed to get RSS RETA info, return code = -22\n"
                + "key length: 2 invalid - key must be a string of 80 hexa-decimal numbers\n"), s.err());
    }

    /** A device with one queue, without RSS of its own: the hash is computed in software, and each queue gets its flows. */
    @Test
    void shouldSpreadADeviceOfOneQueueOverSeveral(@TempDir Path folder) throws IOException {
        Path in = folder.resolve("in.pcap");
        int packets = DemoTraffic.write(in);
        String[] args = {"--vdev", "net_pcap0,rx_pcap=" + in + ",tx_pcap=/dev/null,tx_pcap=/dev/null", "--", "-i", "--rxq=2", "--txq=2",
            "--total-num-mbufs=4095", "--no-flush-rx", "--port-topology=loop", "--rss-udp"};
        Session s = Session.script(List.of("start", "WAIT", "stop"), args);
        long first = received(s, 0);
        long second = received(s, 1);
        assertTrue(first > 0 && second > 0, s.out());
        assertEquals(packets, first + second, s.out());
        Session all = Session.script(List.of("port config 0 rss reta " + IntStream.range(0, 128).mapToObj(i -> "(" + i + ",1)")
                .collect(Collectors.joining(",")), "show port 0 rss reta 128 (0x1,0x0)", "start", "WAIT", "stop"), args);
        assertTrue(all.out().contains("RSS RETA configuration: hash index=0, queue=1\n"), all.out());
        assertTrue(received(all, 1) > second, all.out());
    }

    private static long received(Session s, int queue) {
        Matcher m = Pattern.compile("RX Port= 0/Queue= " + queue + " ->[^\n]*\n  RX-packets: (\\d+)").matcher(s.out());
        return m.find() ? Long.parseLong(m.group(1)) : 0;
    }

    /** As DPDK 22.11's answers, of which some are by rte_ethdev. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"show port info 9;Invalid port 9", "show port 9 tx_metadata;invalid port id 9", "show port 9 gro;Invalid port id 9.",
        "show port 9 gso;invalid port id 9", "set port 9 gro on;invalid port id 9", "csum show 9;Invalid port 9|invalid port 9",
        "csum parse-tunnel on 9;Invalid port 9", "show port 9 rxq 0 desc 0 status;invalid port id 9", "show port 9 fec_mode;Invalid port id 9",
        "show port 9 rxq 0 desc used count;invalid port id 9", "show port info 9 representor;Invalid port id 9", "port detach 9;Invalid port_id=9",
        "set port 9 fec_mode auto;Invalid port_id=9|Set FEC mode failed",
        "mac_addr add 9 02:00:00:00:00:01;Invalid port_id=9|mac_addr_cmd error: (No such device)",
        "set link-up port 9;Invalid port_id=9||Set link up fail.", "port 9 rxq 0 setup;Invalid port 9", "flow list 9;Invalid port 9",
        "set promisc 9 on;Invalid port_id=9|Error during enabling promiscuous mode for port 9: No such device",
        "show txq info 9 0;Invalid port_id=9|Failed to retrieve information for port: 9, TX queue: 0|error desc: No such device(-19)",
        "port config 9 rss reta (0,0);Invalid port_id=9|Error during getting device (port 9) info: No such device",
        "show port 9 rx_offload configuration;Invalid port_id=9|Error during getting device configuration (port 9): No such device",
        "flow isolate 9 1;port_flow_complain(): Caught PMD error type 1 (cause unspecified): No such device: No such device"})
    void shouldSayThatThereIsNoSuchPortAsDpdkDoes(String command, String words) {
        String without = Session.pipe("quit\n", NULLS).err();
        assertEquals(words.replace('|', '\n') + "\n", Session.pipe(command + "\nquit\n", NULLS).err().substring(without.length()));
    }

    @Test
    void shouldTakeDescriptorsAndOffloadsOfOneQueue() {
        Session s = Session.pipe("port stop all\nport config 0 rxq 0 ring_size 256\nport 0 rxq 0 setup\n"
                + "port 0 rxq 0 rx_offload vlan_strip on\nport start all\nshow rxq info 0 0\nshow port 0 rx_offload configuration\nquit\n",
                NULLS);
        assertTrue(s.out().contains("Number of RXDs: 256"), s.out());
        assertTrue(s.out().contains("  Port :\n  Queue[ 0] : VLAN_STRIP\n"), s.out());
    }

    @Test
    void shouldSetTheLevelOfALogType() {
        Session s = Session.pipe("set log lib.eal 8\ndump_log_types\nquit\n", NULLS);
        assertTrue(s.out().contains("lib.eal, level is debug"), s.out());
    }

    /** Every packet is sent or has a named end, whatever is done with it. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void shouldNameTheEndOfEveryPacket(Mode mode) {
        Session s = Session.script(List.of("set fwd " + mode.word(), "start", "WAIT", "stop", "show fwd balance"), "--vdev", "net_null0",
                "--vdev", "net_ring1", "--", "-i", "--total-num-mbufs=8191", "--noisy-tx-sw-buffer-size=64");
        assertEquals(0, unaccounted(s.out()), s.out());
        long begun = balance(s.out(), "received") + balance(s.out(), "generated");
        assertTrue(begun > 0, s.out());
        if (mode == Mode.RXONLY || mode == Mode.SHARED_RXQ || mode == Mode.ICMPECHO) {
            assertEquals(begun, balance(s.out(), "ended: " + mode.ending()), s.out());
        }
    }

    private static long unaccounted(String out) {
        return balance(out, "unaccounted");
    }

    private static long balance(String out, String label) {
        Matcher m = Pattern.compile("(?m)^  " + Pattern.quote(label) + ": +(-?\\d+)").matcher(out);
        assertTrue(m.find(), out);
        return Long.parseLong(m.group(1));
    }
}
