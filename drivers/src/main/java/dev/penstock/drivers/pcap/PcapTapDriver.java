package dev.penstock.drivers.pcap;

import dev.penstock.drivers.StackedDevice;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Makes {@code net_pcaptap} ports, which write what passes to a capture file: {@code on=PORT},
 * {@code file=FILE}, {@code snaplen=BYTES}, {@code dir=rx|tx|both}. Forwarding never waits for the disk;
 * what the file misses is counted.
 */
public final class PcapTapDriver implements PortDriver {
    /** For the service loader. */
    public PcapTapDriver() {}

    @Override
    public String name() {
        return "net_pcaptap";
    }

    @Override
    public Set<String> parameters() {
        return Set.of(StackedDevice.ON, StackedDevice.DIR, "file", "snaplen");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        String file = request.text("file", "");
        if (file.isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": says no file; give file=FILE");
        }
        int snaplen = request.number("snaplen", PcapWriter.MAX_SNAPLEN, 1, PcapWriter.MAX_SNAPLEN);
        boolean rx = StackedDevice.covers(request, "rx");
        boolean tx = StackedDevice.covers(request, "tx");
        StackedDevice.Below below = StackedDevice.Below.take(request);
        try {
            TapFile tap = new TapFile(PcapWriter.create(Path.of(file), snaplen), snaplen, request.name());
            return new PcapTapDevice(below, tap, rx, tx);
        } catch (IOException e) {
            below.release();
            throw PcapDriver.wrong(request.name(), "file", file, e);
        } catch (RuntimeException e) {
            below.release();
            throw e;
        }
    }
}
