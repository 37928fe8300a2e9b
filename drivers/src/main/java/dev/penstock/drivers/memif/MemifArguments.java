package dev.penstock.drivers.memif;

import dev.penstock.drivers.LocalMac;
import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Sockaddr;
import java.nio.charset.StandardCharsets;

/**
 * What a port was asked to be.
 *
 * @param name the device's
 * @param server whether it listens; a client connects
 * @param id tells the ports behind one socket apart, 0 to 2^32 - 1
 * @param address of the socket, as {@link dev.penstock.linux.Sockaddr#unix} takes it
 * @param log2Ring of the number of descriptors
 * @param bufferBytes of each buffer that a client makes
 * @param secret must be the same on both sides; empty for none
 * @param zeroCopy whether a client lends its packets' own memory instead of copying
 * @param mac the port's address
 */
record MemifArguments(String name, boolean server, int id, String address, int log2Ring, int bufferBytes, String secret,
        boolean zeroCopy, long mac) {
    private static final String DEFAULT_SOCKET = "/run/memif.sock";

    static MemifArguments of(PortDriver.Request request) {
        String role = request.text("role", "client");
        boolean server = role.equals("server") || role.equals("master");
        if (!server && !role.equals("client") && !role.equals("slave")) {
            throw new IllegalArgumentException(request.name() + ": role=" + role + "; give server or client");
        }
        String socket = request.text("socket", DEFAULT_SOCKET);
        String address = request.flag("socket-abstract", true) ? "@" + socket : socket;
        // now, and not with each try to connect
        Sockaddr.unix(address);
        String secret = request.text("secret", "");
        if (secret.getBytes(StandardCharsets.UTF_8).length >= MemifMessage.SECRET_BYTES) {
            throw new IllegalArgumentException(request.name() + ": secret= has more than 23 bytes");
        }
        boolean zeroCopy = request.flag("zero-copy", false);
        if (zeroCopy && server) {
            throw new IllegalArgumentException(request.name() + ": zero-copy=yes with role=server; the client chooses it, "
                    + "whose memory packets lie in");
        }
        return new MemifArguments(request.name(), server, id(request), address,
                request.number("rsize", 10, 1, MemifRing.MAX_LOG2_SIZE), request.number("bsize", 2048, 64, 65535), secret,
                zeroCopy, LocalMac.asked(request));
    }

    private static int id(PortDriver.Request request) {
        String text = request.text("id", "0");
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(request.name() + ": id=" + text + " is not a number from 0 to 4294967295");
        }
    }
}
