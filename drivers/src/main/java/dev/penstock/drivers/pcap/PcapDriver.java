package dev.penstock.drivers.pcap;

import dev.penstock.drivers.afpacket.PacketPair;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes {@code net_pcap} ports: {@code rx_pcap=FILE} and {@code tx_pcap=FILE}, or {@code rx_iface=NAME},
 * {@code rx_iface_in=NAME} (without what the kernel sends) and {@code tx_iface=NAME}, once for each queue;
 * {@code iface=NAME} for both ways and {@code phy_mac=1} for its address; {@code infinite_rx=1},
 * {@code eof=1}, {@code snaplen=BYTES}. Without a way to send what is sent is dropped, without one to
 * receive nothing is received.
 */
public final class PcapDriver implements PortDriver {
    /** The most queues each way (DPDK: RTE_PMD_PCAP_MAX_QUEUES). */
    static final int MAX_QUEUES = 16;
    /** Locally administered, then "pcap" in ASCII, then a number, as DPDK's. */
    private static final long MAC_PREFIX = 0x0270_6361_7000L;

    /** What ports read; closed ones are taken out with the next port. */
    private final List<PcapReader> reading = new ArrayList<>();
    private int made;

    /** For the service loader. */
    public PcapDriver() {}

    @Override
    public String name() {
        return "net_pcap";
    }

    @Override
    public List<String> aliases() {
        return List.of("eth_pcap");
    }

    @Override
    public Set<String> parameters() {
        return Set.of("rx_pcap", "tx_pcap", "rx_iface", "rx_iface_in", "tx_iface", "iface", "phy_mac", "infinite_rx", "eof", "snaplen");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        boolean infinite = request.number("infinite_rx", 0, 0, Integer.MAX_VALUE) > 0;
        boolean eof = request.number("eof", 0, 0, Integer.MAX_VALUE) > 0;
        int snaplen = request.number("snaplen", PcapWriter.DEFAULT_SNAPLEN, 1, PcapWriter.MAX_SNAPLEN);
        check(request, infinite, eof);
        checkFiles(request);
        PcapStreams streams = new PcapStreams(infinite, eof);
        try {
            open(request, snaplen, streams);
        } catch (RuntimeException e) {
            PcapDevice.closeAll(streams.all(), e);
            throw e;
        }
        boolean phyMac = request.number("phy_mac", 0, 0, Integer.MAX_VALUE) > 0 && !request.all("iface").isEmpty();
        long mac = phyMac ? streams.rxIfaces().getFirst().mac() : MAC_PREFIX | made++ & 0xff;
        reading.addAll(streams.readers());
        return new PcapDevice(mac, snaplen, streams, eal.log("pmd.net.pcap", "PCAP"));
    }

    private static void open(Request request, int snaplen, PcapStreams to) {
        String name = request.name();
        for (String file : request.all("rx_pcap")) {
            to.readers().add(reader(name, file));
        }
        for (String file : request.all("tx_pcap")) {
            to.writers().add(writer(name, file, snaplen));
        }
        for (String key : List.of("rx_iface", "rx_iface_in", "tx_iface", "iface")) {
            for (String iface : request.all(key)) {
                PacketPair pair = pair(name, key, iface);
                (key.equals("tx_iface") ? to.txIfaces() : to.rxIfaces()).add(pair);
                if (key.equals("iface")) {
                    to.txIfaces().add(pair);
                }
            }
        }
    }

    private static void check(Request request, boolean infinite, boolean eof) {
        String name = request.name();
        int rxFiles = request.all("rx_pcap").size();
        int txFiles = request.all("tx_pcap").size();
        int rxIfaces = request.all("rx_iface").size() + request.all("rx_iface_in").size();
        int txIfaces = request.all("tx_iface").size();
        int both = request.all("iface").size();
        if (rxFiles + txFiles + rxIfaces + txIfaces + both == 0) {
            throw new IllegalArgumentException(name + ": no rx or tx queues; give rx_pcap=FILE, tx_pcap=FILE, rx_iface=NAME, tx_iface=NAME"
                    + " or iface=NAME");
        }
        if (both > 1 || both == 1 && rxFiles + txFiles + rxIfaces + txIfaces > 0) {
            throw new IllegalArgumentException(name + ": iface stands alone and once; give rx_iface, tx_iface, rx_pcap and tx_pcap without it");
        }
        if (rxFiles > 0 && rxIfaces > 0 || txFiles > 0 && txIfaces > 0) {
            throw new IllegalArgumentException(name + ": files and interfaces in one direction; give one kind for rx and one for tx");
        }
        if (rxFiles + rxIfaces > MAX_QUEUES || txFiles + txIfaces > MAX_QUEUES) {
            throw new IllegalArgumentException(name + ": more than " + MAX_QUEUES + " queues; give fewer files or interfaces");
        }
        if (infinite && eof) {
            throw new IllegalArgumentException(name + ": infinite_rx and eof exclude each other; give one of them");
        }
    }

    /** A file that is written is emptied before: it must be none that is read. */
    private void checkFiles(Request request) {
        reading.removeIf(reader -> !reader.in.isOpen());
        List<String> read = new ArrayList<>(request.all("rx_pcap"));
        reading.forEach(reader -> read.add(reader.in.name()));
        for (String to : request.all("tx_pcap")) {
            for (String from : read) {
                if (isSameFile(from, to)) {
                    throw new IllegalArgumentException(request.name() + ": tx_pcap=" + to + " is the file of rx_pcap=" + from
                            + " and would be emptied; give another file to write");
                }
            }
        }
    }

    private static boolean isSameFile(String from, String to) {
        try {
            return Files.isRegularFile(Path.of(to)) && Files.isSameFile(Path.of(from), Path.of(to));
        } catch (IOException e) {
            // what can't be looked at can't be opened either, which says why
            return false;
        }
    }

    private static PacketPair pair(String name, String key, String iface) {
        try {
            return PacketPair.open(iface, !key.equals("rx_iface_in"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + key + "=" + iface + ": " + e.getMessage(), e);
        }
    }

    private static PcapReader reader(String name, String file) {
        try {
            return PcapReader.open(Path.of(file));
        } catch (IOException e) {
            throw wrong(name, "rx_pcap", file, e);
        }
    }

    private static PcapWriter writer(String name, String file, int snaplen) {
        try {
            return PcapWriter.create(Path.of(file), snaplen);
        } catch (IOException e) {
            throw wrong(name, "tx_pcap", file, e);
        }
    }

    static IllegalArgumentException wrong(String name, String key, String file, IOException e) {
        String what = switch (e) {
            case PcapException p -> p.getMessage();
            case NoSuchFileException n -> "there is no such " + (key.equals("rx_pcap") ? "file" : "folder") + "; check the path";
            case AccessDeniedException a -> "no permission; check the file's mode and owner";
            default -> "can't be opened: " + (e.getMessage() == null ? e : e.getMessage());
        };
        return new IllegalArgumentException(name + ": " + key + "=" + file + ": " + what, e);
    }
}
