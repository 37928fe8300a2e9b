package dev.penstock.apps.l2fwd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.EalProgram;

/** {@code penstock l2fwd}: DPDK's l2fwd, with DPDK's arguments. */
public final class L2fwdCommand {
    static final String EXAMPLE = "./penstock l2fwd -l 0,1 --vdev net_af_packet0,iface=eth0 --vdev net_af_packet1,iface=eth1 -- -p 3 -q 2 -T 1";

    private L2fwdCommand() {}

    /**
     * Runs until SIGINT or SIGTERM.
     *
     * @param args EAL arguments, {@code --}, l2fwd's own
     * @return the exit code
     */
    @SuppressWarnings("resource")
    public static int run(String[] args) {
        return run(args, Console.standard());
    }

    /** The same on a console of the caller's; ends also when the calling thread is interrupted. */
    static int run(String[] args, Console console) {
        return EalProgram.run("l2fwd", EXAMPLE, console, args,
                eal -> EalProgram.withPorts(eal, console, ports -> new L2fwd(eal, ports, console).run(eal.remainingArgs())));
    }
}
