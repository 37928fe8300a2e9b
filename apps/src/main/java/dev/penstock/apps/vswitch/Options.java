package dev.penstock.apps.vswitch;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.OptionTable;
import dev.penstock.mbuf.Mbuf;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The switch's own options. */
final class Options {
    private static final int DEFAULT_MBUFS = 32_768;

    Path config;
    boolean prompt = true;
    int mbufs = DEFAULT_MBUFS;
    int mbufSize = 2048 + Mbuf.HEADROOM;

    Options(Console console, List<String> args) {
        OptionTable table = new OptionTable();
        table.value("config", "FILE", "the switch's ports and settings in YAML, see docs/vswitch.md", v -> config = Path.of(v))
                .flag("no-prompt", "read no commands; run until SIGINT or SIGTERM, as a service does", () -> prompt = false)
                .value("mbufs", "N", "packets in the pool that ports receive into (" + DEFAULT_MBUFS + ")",
                        v -> mbufs = number("mbufs", v, 1024, 1 << 24))
                .value("mbuf-size", "BYTES", "room for one packet (" + mbufSize + "); more for jumbo frames",
                        v -> mbufSize = number("mbuf-size", v, 512, 65535))
                .flag("help", "this text", () -> {
                    console.print("vswitch [EAL options] -- [options]\n" + table.help() + "\nExample: " + VswitchCommand.EXAMPLE
                            + "\n" + Prompt.HELP);
                    throw new ExitException();
                });
        try {
            table.parse(args, Map.of("-c", "--config", "-h", "--help"));
        } catch (IllegalArgumentException e) {
            throw new ExitException(e.getMessage() + "; --help lists the options");
        }
    }

    private static int number(String option, String text, int min, int max) {
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new ExitException("--" + option + "=" + text + ": give a number from " + min + " to " + max);
    }
}
