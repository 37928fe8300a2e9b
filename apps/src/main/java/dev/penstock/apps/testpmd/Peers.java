package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.ExitException;
import dev.penstock.net.MacAddress;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The addresses that mode mac writes as destinations, from a file: one a line, the n-th for port n. A file that ends in
 * a newline is taken too; DPDK 22.11 refuses it.
 */
final class Peers {
    private Peers() {}

    /** Reads a file into the settings, or ends the program with DPDK's words. */
    static void read(String file, Testpmd app) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            app.console.error("Failed to open eth config file\n: " + reason(e, file));
            throw new ExitException("Cannot open logfile");
        }
        long[] peers = app.settings.peers;
        for (int i = 0; i < Math.min(lines.size(), peers.length); i++) {
            try {
                peers[i] = MacAddress.parse(lines.get(i).strip());
            } catch (IllegalArgumentException e) {
                app.console.error("Bad MAC address format on line " + (i + 1));
                throw new ExitException("Cannot open logfile");
            }
        }
    }

    private static String reason(IOException e, String file) {
        return switch (e) {
            case NoSuchFileException none -> "No such file or directory";
            case AccessDeniedException denied -> "Permission denied";
            case MalformedInputException binary -> file + " is not text";
            default -> e.getMessage();
        };
    }
}
