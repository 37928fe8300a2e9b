package dev.penstock.drivers.trace;

import dev.penstock.drivers.StackedDevice;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Device;
import dev.penstock.ethdev.PortDriver;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Makes {@code net_trace} ports, which print a line for each packet that passes: {@code on=PORT},
 * {@code file=FILE} (standard error if not given), {@code count=N} lines at most, {@code dir=rx|tx|both}.
 */
public final class TraceDriver implements PortDriver {
    private static final int DEFAULT_COUNT = 100;

    /** For the service loader. */
    public TraceDriver() {}

    @Override
    public String name() {
        return "net_trace";
    }

    @Override
    public Set<String> parameters() {
        return Set.of(StackedDevice.ON, StackedDevice.DIR, "file", "count");
    }

    @Override
    public Device probe(Eal eal, Request request) {
        boolean rx = StackedDevice.covers(request, "rx");
        boolean tx = StackedDevice.covers(request, "tx");
        String file = request.text("file", "");
        // A terminal is soon full, a file is not.
        int count = request.number("count", file.isEmpty() ? DEFAULT_COUNT : Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
        StackedDevice.Below below = StackedDevice.Below.take(request);
        try {
            TraceOutput output = file.isEmpty() ? new TraceOutput(System.err, false, count)
                    : new TraceOutput(new BufferedOutputStream(Files.newOutputStream(Path.of(file)), 1 << 16), true, count);
            return new TraceDevice(below, output, rx, tx);
        } catch (IOException e) {
            below.release();
            throw new IllegalArgumentException(request.name() + ": file=" + file + " can't be written: " + e.getMessage()
                    + "; check the path and its permissions", e);
        } catch (RuntimeException e) {
            below.release();
            throw e;
        }
    }
}
