package dev.penstock.drivers.pcap;

import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes {@code net_pcap} ports: {@code rx_pcap=FILE} and {@code tx_pcap=FILE}, once for each queue;
 * {@code infinite_rx=1}, {@code eof=1}, {@code snaplen=BYTES}. Without {@code tx_pcap} what is sent is
 * dropped, without {@code rx_pcap} nothing is received.
 */
public final class PcapDriver implements PortDriver {
    /** The most queues each way (DPDK: RTE_PMD_PCAP_MAX_QUEUES). */
    static final int MAX_QUEUES = 16;
    /** Locally administered, then "pcap" in ASCII, then a number, as DPDK's. */
    private static final long MAC_PREFIX = 0x0270_6361_7000L;

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
        return Set.of("rx_pcap", "tx_pcap", "infinite_rx", "eof", "snaplen");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        boolean infinite = request.number("infinite_rx", 0, 0, Integer.MAX_VALUE) > 0;
        boolean eof = request.number("eof", 0, 0, Integer.MAX_VALUE) > 0;
        int snaplen = request.number("snaplen", PcapWriter.DEFAULT_SNAPLEN, 1, PcapWriter.MAX_SNAPLEN);
        List<String> rx = request.all("rx_pcap");
        List<String> tx = request.all("tx_pcap");
        check(request, rx, tx, infinite, eof);
        List<PcapReader> readers = new ArrayList<>();
        List<PcapWriter> writers = new ArrayList<>();
        try {
            for (String file : rx) {
                readers.add(reader(request.name(), file));
            }
            for (String file : tx) {
                writers.add(writer(request.name(), file, snaplen));
            }
        } catch (IllegalArgumentException e) {
            PcapDevice.closeAll(readers, e);
            PcapDevice.closeAll(writers, e);
            throw e;
        }
        return new PcapDevice(MAC_PREFIX | made++ & 0xff, snaplen, readers, writers, infinite, eof);
    }

    private static void check(Request request, List<String> rx, List<String> tx, boolean infinite, boolean eof) {
        String name = request.name();
        if (rx.isEmpty() && tx.isEmpty()) {
            throw new IllegalArgumentException(name + ": no rx or tx queues; give rx_pcap=FILE, tx_pcap=FILE or both");
        }
        if (rx.size() > MAX_QUEUES || tx.size() > MAX_QUEUES) {
            throw new IllegalArgumentException(name + ": more than " + MAX_QUEUES + " queues; give fewer rx_pcap or tx_pcap");
        }
        if (infinite && eof) {
            throw new IllegalArgumentException(name + ": infinite_rx and eof exclude each other; give one of them");
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

    private static IllegalArgumentException wrong(String name, String key, String file, IOException e) {
        String what = switch (e) {
            case PcapException p -> p.getMessage();
            case NoSuchFileException n -> "there is no such " + (key.equals("rx_pcap") ? "file" : "folder") + "; check the path";
            case AccessDeniedException a -> "no permission; check the file's mode and owner";
            default -> "can't be opened: " + (e.getMessage() == null ? e : e.getMessage());
        };
        return new IllegalArgumentException(name + ": " + key + "=" + file + ": " + what, e);
    }
}
