package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.OptionTable;
import dev.penstock.ethdev.DeviceInfo;
import dev.penstock.ethdev.RssType;
import dev.penstock.ethdev.RxOffload;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.MacAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** testpmd's own options, behind the {@code --} of the EAL's. */
final class Options {
    private static final int MAX_CACHE = 512;
    private static final int MIN_MBUFS = 1024;
    private static final int MIN_FRAME = 64;
    private static final int OVERHEAD = 18;

    private final Testpmd app;
    private final Settings s;
    private final OptionTable table = new OptionTable();

    Options(Testpmd app) {
        this.app = app;
        this.s = app.settings;
        general();
        forwarding();
        memory();
        queues();
        offloads();
        generators();
        noisy();
        compiler();
        withoutEffect();
    }

    /** Reads the options into the settings. */
    void parse(List<String> args) {
        try {
            table.parse(args, Map.of("-i", "--interactive", "-a", "--auto-start", "-h", "--help"));
        } catch (IllegalArgumentException e) {
            usage();
            app.console.error(e.getMessage());
            throw new ExitException("Command line is incomplete or incorrect");
        }
        if (s.rxQueues == 0 && s.txQueues == 0) {
            throw new ExitException("Either rx or tx queues should be non-zero");
        }
    }

    private void usage() {
        app.console.print("\nUsage: testpmd [EAL options] -- [testpmd options]\n\n" + table.help()
                + "\nExample: ./penstock testpmd --no-huge --vdev net_null0 --vdev net_null1 -- -i\n");
    }

    private void general() {
        table.flag("interactive", "take commands at a prompt; also -i", () -> {
            app.console.println("Interactive-mode selected");
            s.interactive = true;
        });
        table.value("cmdline-file", "FILE", "run the commands of a file first", v -> {
            app.console.println("CLI commands to be read from " + v);
            s.commandFile = v;
        });
        table.flag("auto-start", "forward at once, as without a prompt always; also -a", () -> {
            app.console.println("Auto-start selected");
            s.autoStart = true;
        });
        table.flag("help", "show this and end; also -h", () -> {
            usage();
            throw new ExitException();
        });
        table.flag("tx-first", "send a burst from each stream first (not with a prompt)", () -> {
            app.console.println("Ports to start sending a burst of packets first");
            s.txFirst = true;
        });
        table.value("stats-period", "S", "show statistics every S seconds (not with a prompt)", v -> {
            if (!v.matches("\\d{1,9}")) {
                throw new ExitException("Invalid stats-period value");
            }
            s.statsPeriodS = Integer.parseInt(v);
        });
        table.value("display-xstats", "NAME[,NAME]*", "extended statistics to show with the others",
                v -> s.shownXstats = List.of(v.split(",")));
    }

    private void forwarding() {
        table.value("nb-cores", "N", "how many lcores forward", v -> s.cores = Numbers.within(v, 1, s.coreList.size(),
                "nb-cores should be > 0 and <= " + s.coreList.size()));
        table.value("nb-ports", "N", "how many ports forward", v -> s.ports = Numbers.within(v, 1, s.portList.size(),
                "Invalid port " + v));
        table.value("coremask", "MASK", "hexadecimal mask of the lcores that forward; not the main one", v -> {
            if (Numbers.hex(v) == -1 || !new Selection(app).lcores(Numbers.bits(Numbers.hex(v)))) {
                throw new ExitException("Invalid fwd core mask");
            }
        });
        table.value("portmask", "MASK", "hexadecimal mask of the ports that forward", v -> {
            if (Numbers.hex(v) == -1) {
                throw new ExitException("Invalid fwd port mask");
            }
            new Selection(app).ports(Numbers.bits(Numbers.hex(v)));
        });
        table.value("portlist", "N[-N][,N]*", "the ports that forward", v -> {
            List<Integer> ports = Numbers.ranges(v);
            if (ports == null) {
                throw new ExitException("Invalid fwd port list");
            }
            new Selection(app).ports(ports);
        });
        table.value("port-topology", "paired|chained|loop", "which port a port sends to", v -> s.topology = switch (v) {
            case "paired" -> Settings.Topology.PAIRED;
            case "chained" -> Settings.Topology.CHAINED;
            case "loop" -> Settings.Topology.LOOP;
            default -> throw new ExitException("port-topology " + v + " invalid - must be: paired, chained or loop");
        });
        table.value("forward-mode", Mode.words(), "what is done with packets", v -> new Selection(app).mode(v, false));
        table.value("burst", "N", "packets a burst", v -> {
            if (Numbers.decimal(v) == 0) {
                throw new ExitException("PMD does not recommend a burst size. Provided value must be between 1 and "
                        + Stream.MAX_BURST);
            }
            s.burst = Numbers.within(v, 1, Stream.MAX_BURST, "burst must be between1 and " + Stream.MAX_BURST);
        });
        table.value("eth-peer", "PORT,MAC", "what mac writes as destination for a port", this::peer);
        table.value("eth-peers-configfile", "FILE", "the same for all ports, an address a line", v -> Peers.read(v, app));
        table.flag("no-flush-rx", "don't empty the receive queues first", () -> s.flushRx = false);
        table.flag("record-core-cycles", "count cycles", () -> s.recordCycles = true);
        table.flag("adaptive", "sleep while nothing comes, poll under load; not in DPDK", () -> s.adaptive = true);
        table.flag("record-burst-stats", "count the sizes of bursts", () -> s.recordBursts = true);
        table.value("latencystats", "LCORE", "measure how long packets stay; that lcore keeps the figures, see show metrics",
                v -> s.latencyLcore = lcore(v, "latencystats"));
        table.value("bitrate-stats", "LCORE", "compute bits a second of ports, by that lcore, see show metrics",
                v -> s.bitrateLcore = lcore(v, "bitrate stats"));
        table.flag("disable-link-check", "don't look at links when ports start and stop", () -> s.linkCheck = false);
        table.flag("disable-device-start", "don't start ports", () -> s.deviceStart = false);
        table.flag("no-lsc-interrupt", "no events of link changes", () -> s.linkInterrupt = false);
    }

    private static int lcore(String v, String what) {
        return Numbers.within(v, 0, Integer.MAX_VALUE, "invalid lcore id " + v + " for " + what + " must be >= 0");
    }

    private void compiler() {
        table.value("warm-up", "MS", "before ports open, forward made-up packets until the path is compiled, MS milliseconds at most",
                v -> s.warmUpMs = Numbers.within(v, 0, 60_000, "warm-up must be 0 to 60000 milliseconds"));
        table.flag("first-second", "show the rate and what was missed in each 10 ms of the first second", () -> s.firstSecond = true);
        table.flag("jit-health", "warn when the path falls out of its compiled form; see the command show jit", () -> s.jitHealth = true);
    }

    private void peer(String v) {
        int comma = v.indexOf(',');
        if (comma <= 0) {
            throw new ExitException("Invalid eth-peer: " + v);
        }
        int port = Numbers.within(v.substring(0, comma), 0, Settings.MAX_PEERS - 1,
                "eth-peer: port " + v.substring(0, comma) + " >= RTE_MAX_ETHPORTS(" + Settings.MAX_PEERS + ")");
        try {
            s.peers[port] = MacAddress.parse(v.substring(comma + 1));
        } catch (IllegalArgumentException e) {
            throw new ExitException("Invalid ethernet address: " + v.substring(comma + 1));
        }
    }

    private void memory() {
        table.value("mbuf-size", "N[,N]*", "bytes of a packet buffer, headroom included; a pool for each", v -> {
            int[] sizes = Numbers.list(v);
            if (sizes == null) {
                throw new ExitException("bad mbuf-size");
            }
            for (int size : sizes) {
                if (size <= 0 || size > 0xffff) {
                    throw new ExitException("mbuf-size should be > 0 and < 65536");
                }
            }
            s.mbufSizes = Arrays.stream(sizes).boxed().toList();
        });
        table.value("total-num-mbufs", "N", "packet buffers in each pool", v -> {
            s.mbufs = Numbers.within(v, MIN_MBUFS + 1, Integer.MAX_VALUE, "total-num-mbufs should be > " + MIN_MBUFS);
        });
        table.value("mbcache", "N", "buffers that each lcore keeps aside", v -> s.mbufCache = Numbers.within(v, 0, MAX_CACHE,
                "mbcache must be >= 0 and <= " + MAX_CACHE));
        table.value("max-pkt-len", "N", "longest frame", v -> {
            s.maxPacketLength = Numbers.within(v, MIN_FRAME, Integer.MAX_VALUE, "Invalid max-pkt-len=" + v
                    + " - should be > " + MIN_FRAME);
            s.mtu = s.maxPacketLength - OVERHEAD;
        });
        table.flag("numa", "buffers near their port", () -> s.numa = true);
        table.flag("no-numa", "buffers anywhere", () -> s.numa = false);
        table.value("mp-alloc", "native|anon|xmem|xmemhuge|xbuf", "kind of memory; there is one kind here, the word is shown",
                v -> {
                    if (!List.of("native", "anon", "xmem", "xmemhuge", "xbuf").contains(v)) {
                        throw new ExitException("mp-alloc " + v + " invalid - must be: native, anon, xmem or xmemhuge");
                    }
                    s.allocation = v;
                });
    }

    private void queues() {
        table.value("rxq", "N", "receive queues a port", v -> s.rxQueues = queues(v, "rxq", DeviceInfo::maxRxQueues));
        table.value("txq", "N", "transmit queues a port", v -> s.txQueues = queues(v, "txq", DeviceInfo::maxTxQueues));
        table.value("rxd", "N", "descriptors a receive queue", v -> s.rxDescriptors = Numbers.within(v, 1, 65535, "rxd("
                + v + ") invalid - must be > 0"));
        table.value("txd", "N", "descriptors a transmit queue", v -> s.txDescriptors = Numbers.within(v, 1, 65535,
                "txd must be in > 0"));
        table.value("rxfreet", "N", "receive descriptors freed at once", v -> s.rxFreeThreshold = positive(v, "rxfreet"));
        table.value("txfreet", "N", "transmit descriptors freed at once", v -> s.txFreeThreshold = positive(v, "txfreet"));
        table.value("txrst", "N", "transmit RS threshold", v -> s.txRsThreshold = positive(v, "txrst"));
        String[] registers = {"pt", "ht", "wt"};
        for (int i = 0; i < registers.length; i++) {
            int at = i;
            table.value("rx" + registers[i], "N", "receive threshold register",
                    v -> s.rxThresholds[at] = positive(v, "rx" + registers[at]));
            table.value("tx" + registers[i], "N", "transmit threshold register",
                    v -> s.txThresholds[at] = positive(v, "tx" + registers[at]));
        }
    }

    private static int positive(String v, String name) {
        return Numbers.within(v, 0, Integer.MAX_VALUE, name + " must be >= 0");
    }

    private int queues(String v, String name, ToIntFunction<DeviceInfo> max) {
        int limit = app.ports.list().stream().map(p -> p.info()).mapToInt(max).map(n -> n == 1 ? 64 : n).min().orElse(0);
        return Numbers.within(v, 0, limit, name + " " + v + " invalid - must be >= 0 && <= " + limit);
    }

    private void offloads() {
        rx("disable-crc-strip", "keep the frame's CRC", RxOffload.KEEP_CRC);
        rx("enable-lro", "join TCP segments", RxOffload.TCP_LRO);
        rx("enable-scatter", "let packets span buffers", RxOffload.SCATTER);
        rx("enable-rx-cksum", "check checksums", RxOffload.IPV4_CKSUM | RxOffload.UDP_CKSUM | RxOffload.TCP_CKSUM);
        rx("enable-rx-timestamp", "stamp packets", RxOffload.TIMESTAMP);
        rx("enable-hw-vlan", "filter, strip and extend VLAN tags", RxOffload.VLAN_FILTER | RxOffload.VLAN_STRIP
                | RxOffload.VLAN_EXTEND | RxOffload.QINQ_STRIP);
        rx("enable-hw-vlan-filter", "filter VLANs", RxOffload.VLAN_FILTER);
        rx("enable-hw-vlan-strip", "strip VLAN tags", RxOffload.VLAN_STRIP);
        rx("enable-hw-vlan-extend", "extend VLANs", RxOffload.VLAN_EXTEND);
        rx("enable-hw-qinq-strip", "strip outer VLAN tags", RxOffload.QINQ_STRIP);
        table.value("rx-offloads", "0xMASK", "all receive offloads", v -> s.rxOffloads = mask(v, "rx-offloads"));
        table.value("tx-offloads", "0xMASK", "all transmit offloads", v -> s.txOffloads = mask(v, "tx-offloads"));
        table.flag("disable-rss", "don't spread packets over queues by their hash", () -> s.rssTypes = 0);
        table.flag("rss-ip", "hash IP addresses", () -> s.rssTypes = RssType.IP);
        table.flag("rss-udp", "hash IP addresses and UDP ports", () -> s.rssTypes = RssType.UDP);
        table.flag("flow-isolate-all", "receive what flow rules say only", () -> s.flowIsolate = true);
    }

    private void rx(String name, String help, long bits) {
        table.flag(name, help, () -> s.rxOffloads |= bits);
    }

    private static long mask(String v, String name) {
        long mask = Numbers.hex(v);
        if (mask < 0) {
            throw new ExitException(name + " must be >= 0");
        }
        return mask;
    }

    private void generators() {
        table.value("txpkts", "N[,N]*", "lengths of the segments of packets that txonly makes", v -> {
            int[] lengths = Numbers.list(v);
            if (lengths == null) {
                throw new ExitException("bad txpkts");
            }
            new Selection(app).txLengths(lengths);
        });
        table.value("rxpkts", "N[,N]*", "lengths of the segments that receive is split into", v -> {
            s.rxLengths = Numbers.list(v);
            if (s.rxLengths == null) {
                throw new ExitException("bad rxpkts");
            }
            app.noEffect("Option --rxpkts");
        });
        table.value("rxoffs", "N[,N]*", "where those segments start in their buffers", v -> {
            s.rxOffsets = Numbers.list(v);
            if (s.rxOffsets == null) {
                throw new ExitException("bad rxoffs");
            }
            app.noEffect("Option --rxoffs");
        });
        table.flag("txonly-multi-flow", "vary the source address in txonly", () -> s.multiFlow = true);
        table.value("tx-ip", "SRC,DST", "addresses in txonly", v -> {
            int comma = v.indexOf(',');
            if (comma <= 0) {
                throw new ExitException("Invalid tx-ip: " + v);
            }
            s.txSrcIp = ip(v.substring(0, comma), "source");
            s.txDstIp = ip(v.substring(comma + 1), "destination");
        });
        table.value("tx-udp", "SRC[,DST]", "ports in txonly", v -> {
            String[] parts = v.split(",", 2);
            s.txSrcPort = udpPort(parts[0], "Invalid UDP port: " + v);
            s.txDstPort = parts.length == 1 ? s.txSrcPort : udpPort(parts[1], "Invalid destination UDP port: " + parts[1]);
        });
        table.value("flowgen-flows", "N", "flows in flowgen", v -> s.flows = Numbers.within(v, 1, Integer.MAX_VALUE,
                "flows must be >= 1"));
        table.value("flowgen-clones", "N", "how often flowgen sends a packet again", v -> s.flowClones = Numbers.within(v, 0,
                65535, "clones must be >= 0 and <= current burst"));
    }

    private static int ip(String text, String which) {
        try {
            return Ipv4Address.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ExitException("Invalid " + which + " IP address: " + text);
        }
    }

    private static int udpPort(String text, String message) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65535) {
            throw new ExitException(message);
        }
        return Integer.parseInt(text);
    }

    private void noisy() {
        table.value("noisy-forward-mode", "io|mac|macswap|5tswap", "what noisy does with packets", v -> {
            Mode mode = Mode.of(v);
            if (mode == null || !List.of(Mode.IO, Mode.MAC, Mode.MACSWAP, Mode.FIVE_TUPLE_SWAP).contains(mode)) {
                throw new ExitException("noisy-forward-mode " + v + " invalid - must be a supported forwarding mode");
            }
            s.noisyMode = mode;
        });
        table.value("noisy-tx-sw-buffer-size", "N", "packets that noisy holds back",
                v -> s.noisyBuffer = positive(v, "noisy-tx-sw-buffer-size"));
        table.value("noisy-tx-sw-buffer-flushtime", "MS", "after how long it lets them go",
                v -> s.noisyFlushMs = positive(v, "noisy-tx-sw-buffer-flushtime"));
        table.value("noisy-lkup-memory", "MB", "memory that noisy disturbs", v -> s.noisyMemoryMb = Numbers.within(v, 0, 2047,
                "noisy-lkup-memory must be >= 0"));
        table.value("noisy-lkup-num-writes", "N", "writes a packet", v -> s.noisyWrites = positive(v, "noisy-lkup-num-writes"));
        table.value("noisy-lkup-num-reads", "N", "reads a packet", v -> s.noisyReads = positive(v, "noisy-lkup-num-reads"));
        table.value("noisy-lkup-num-reads-writes", "N", "reads with writes a packet",
                v -> s.noisyReadWrites = positive(v, "noisy-lkup-num-reads-writes"));
    }

    /** Options of DPDK's that there is nothing to do for; each says so when it is given. */
    private void withoutEffect() {
        for (String name : List.of("enable-drop-en", "rss-level-inner", "rss-level-outer", "no-rmv-interrupt", "hot-plug",
                "mlockall", "no-mlockall", "no-iova-contig", "mp-anon", "multi-rx-mempool")) {
            table.flag(name, "no effect", () -> app.noEffect("Option --" + name));
        }
        for (String name : List.of("port-numa-config", "ring-numa-config", "socket-num", "max-lro-pkt-size", "eth-link-speed",
                "rx-mq-mode", "vxlan-gpe-port", "geneve-parsed-port", "print-event", "mask-event", "rxhdrs", "hairpinq",
                "hairpin-mode", "num-procs", "proc-id")) {
            table.value(name, "VALUE", "no effect", v -> app.noEffect("Option --" + name));
        }
        table.optional("rxq-share", "N", "no effect", v -> app.noEffect("Option --rxq-share"));
    }
}
