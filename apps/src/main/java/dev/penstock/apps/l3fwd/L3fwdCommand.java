package dev.penstock.apps.l3fwd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.EalProgram;

/** {@code penstock l3fwd}: DPDK's l3fwd, with DPDK's arguments and rule files. */
public final class L3fwdCommand {
    static final String EXAMPLE = "./penstock l3fwd -l 0,1 --vdev net_af_packet0,iface=eth0 --vdev net_af_packet1,iface=eth1"
            + " -- -p 3 --config=\"(0,0,1),(1,0,1)\" --rule_ipv4=routes4.txt --rule_ipv6=routes6.txt --exception";

    private L3fwdCommand() {}

    /**
     * Runs until SIGINT or SIGTERM.
     *
     * @param args EAL arguments, {@code --}, l3fwd's own
     * @return the exit code
     */
    @SuppressWarnings("resource")
    public static int run(String[] args) {
        return run(args, Console.standard());
    }

    /** The same on a console of the caller's; ends also when the calling thread is interrupted. */
    static int run(String[] args, Console console) {
        return EalProgram.run("l3fwd", EXAMPLE, console, args,
                eal -> EalProgram.withPorts(eal, console, ports -> new L3fwd(eal, ports, console).run(eal.remainingArgs())));
    }
}
