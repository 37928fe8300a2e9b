package dev.penstock.apps.vswitch;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.EalProgram;
import dev.penstock.apps.cli.Input;
import dev.penstock.apps.cli.Interrupts;

/** {@code penstock vswitch}: a switch for virtual machines and containers. */
public final class VswitchCommand {
    static final String EXAMPLE = "./penstock vswitch -l 0,1 -- --config=switch.yaml";

    private VswitchCommand() {}

    /**
     * Runs until quit, the end of input, SIGINT or SIGTERM.
     *
     * @param args EAL arguments, {@code --}, the switch's own
     * @return the exit code
     */
    @SuppressWarnings("resource")
    public static int run(String[] args) {
        return run(args, Input.standard("vswitch"), Console.standard(),
                true);
    }

    /** The same with streams of the caller's; signals are the caller's too unless he says otherwise. */
    @SuppressWarnings("try")
    static int run(String[] args, Input input, Console console, boolean signals) {
        try (Interrupts watch = signals ? Interrupts.of(Thread.currentThread()) : null) {
            return EalProgram.run("vswitch", EXAMPLE, console, args,
                    eal -> EalProgram.withPorts(eal, console, ports -> new Vswitch(eal, ports, console, watch).run(input)));
        } finally {
            input.close();
        }
    }
}
