package dev.penstock.apps.l2fwd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.OptionTable;
import dev.penstock.apps.forward.Words;
import java.util.List;
import java.util.Map;

/** l2fwd's own options, behind the {@code --} of the EAL's. */
final class Options {
    private static final int MAX_QUEUES = 15;
    private static final int MAX_PERIOD_S = 86_400;
    private static final int MAX_PORT = 31;

    long portMask;
    boolean promiscuous;
    int portsPerLcore = 1;
    int periodS = 10;
    boolean macUpdating = true;
    List<int[]> pairs = List.of();

    Options(Console console, List<String> args) {
        OptionTable table = new OptionTable();
        table.value("portmask", "PORTMASK", "hexadecimal mask of ports (all when not given); also -p", v -> {
            portMask = Words.mask(v);
            if (portMask == 0) {
                throw new IllegalArgumentException("invalid portmask: '" + v + "'; give a hexadecimal mask such as 3");
            }
        });
        table.flag("promiscuous", "take frames to all addresses; also -P", () -> promiscuous = true);
        table.value("queues", "NQ", "ports per lcore, 1 to " + MAX_QUEUES + " (default 1); also -q", v -> {
            portsPerLcore = (int) Words.number(v, 10, MAX_QUEUES);
            if (portsPerLcore < 1) {
                throw new IllegalArgumentException("invalid queue number: '" + v + "'; give 1 to " + MAX_QUEUES);
            }
        });
        table.value("period", "PERIOD", "show statistics each PERIOD seconds (0 to disable, 10 default, 86400 maximum); also -T", v -> {
            periodS = (int) Words.number(v, 10, MAX_PERIOD_S);
            if (periodS < 0) {
                throw new IllegalArgumentException("invalid timer period: '" + v + "'; give 0 to " + MAX_PERIOD_S);
            }
        });
        table.flag("no-mac-updating", "leave addresses as they are", () -> macUpdating = false);
        table.flag("mac-updating", "write the sending port's address as source and 02:00:00:00:00:TX_PORT as destination (default)",
                () -> macUpdating = true);
        table.value("portmap", "(PORT,PORT)[,(PORT,PORT)]", "which ports forward to each other (default: each to its neighbour)",
                v -> pairs = Words.groups("portmap", v, List.of("port", "port"), MAX_PORT));
        String usage = "\nUsage: ./penstock l2fwd [EAL options] -- [l2fwd options]\n\n" + table.help() + "\nExample: "
                + L2fwdCommand.EXAMPLE + "\n";
        table.flag("help", "show this and end", () -> {
            console.print(usage);
            throw new ExitException();
        });
        try {
            table.parse(args, Map.of("-p", "--portmask", "-P", "--promiscuous", "-q", "--queues", "-T", "--period", "-h", "--help"));
        } catch (IllegalArgumentException e) {
            console.error(e.getMessage());
            console.print(usage);
            throw new ExitException("Invalid L2FWD arguments");
        }
    }
}
