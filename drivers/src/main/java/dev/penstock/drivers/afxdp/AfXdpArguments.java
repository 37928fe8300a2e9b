package dev.penstock.drivers.afxdp;

import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.BpfObject;
import dev.penstock.linux.BpfObjectException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What a port's device arguments say.
 *
 * @param iface the interface's name
 * @param startQueue its first queue that is used
 * @param queueCount how many of its queues
 * @param sharedUmem whether queues with the same pool share one umem, also those of other such ports
 * @param busyBudget packets that one busy poll takes at most, 0 for none
 * @param forceCopy whether zero-copy is not even tried
 * @param mode where the program runs
 * @param steering which frames it takes
 * @param program a program of the user's own in its place, or null
 */
record AfXdpArguments(String iface, int startQueue, int queueCount, boolean sharedUmem, int busyBudget, boolean forceCopy,
        XdpMode mode, Steering steering, BpfObject program) {
    static final int MAX_QUEUES = 1024;
    private static final int DEFAULT_BUSY_BUDGET = 64;
    private static final long MAX_PROGRAM_BYTES = 16 << 20;

    static AfXdpArguments of(PortDriver.Request request) {
        String iface = request.text("iface", "");
        if (iface.isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": iface= is missing; name an interface of the kernel, such as "
                    + request.name() + ",iface=eth0");
        }
        String steer = request.text("steer", "");
        String program = request.text("xdp_prog", "");
        if (!steer.isEmpty() && !program.isEmpty()) {
            throw new IllegalArgumentException(request.name() + ": steer= and xdp_prog= exclude each other: a program of your own"
                    + " decides which frames it takes");
        }
        return new AfXdpArguments(iface, request.number("start_queue", 0, 0, MAX_QUEUES - 1),
                request.number("queue_count", 1, 1, MAX_QUEUES), request.flag("shared_umem", false),
                request.number("busy_budget", DEFAULT_BUSY_BUDGET, 0, 65535), request.flag("force_copy", false),
                XdpMode.of(request.name(), request.text("mode", "")),
                Steering.parse(request.name(), steer), program.isEmpty() ? null : read(request.name(), program));
    }

    private static BpfObject read(String port, String file) {
        Path path = Path.of(file);
        try {
            if (Files.size(path) > MAX_PROGRAM_BYTES) {
                throw new IllegalArgumentException(port + ": xdp_prog=" + file + " is longer than " + MAX_PROGRAM_BYTES + " bytes");
            }
            return BpfObject.parse(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(port + ": xdp_prog=" + file + ": there is no such file; check the path", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(port + ": xdp_prog=" + file + " can't be read: " + e.getMessage(), e);
        } catch (BpfObjectException e) {
            throw new IllegalArgumentException(port + ": xdp_prog=" + file + ": " + e.getMessage(), e);
        }
    }
}
