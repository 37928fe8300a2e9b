package dev.penstock.apps.cli;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Help;
import dev.penstock.ethdev.Ports;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** How programs with EAL arguments, {@code --} and arguments of their own begin and end. */
public final class EalProgram {
    private static boolean alone;

    private EalProgram() {}

    /** Says that the process is the program's own, so that the JVM's threads may be moved off the workers' CPUs. */
    public static void alone() {
        alone = true;
    }

    /**
     * Moves the JVM's threads off the workers' CPUs, where the process is the program's own. For the moment before lcores
     * are launched: until then the start is the quicker the more CPUs the JIT has.
     *
     * @param eal the environment
     */
    public static void freeWorkers(Eal eal) {
        if (alone) {
            eal.keepWorkersFree();
        }
    }

    /**
     * Starts an environment, runs a program in it and closes it.
     *
     * @param name the program's name as the launcher has it
     * @param example a command line to show in help
     * @param console where it writes
     * @param args EAL arguments, {@code --}, its own
     * @param body the program; gives the exit code
     * @return the exit code
     */
    public static int run(String name, String example, Console console, String[] args, ToIntFunction<Eal> body) {
        try (Eal eal = Eal.start(console::error, args)) {
            return body.applyAsInt(eal);
        } catch (Help help) {
            console.print("Usage: ./penstock " + name + " [EAL options] -- [" + name + " options]\n\n" + help.getMessage()
                    + "\nThe options behind -- are listed by: ./penstock " + name + " --no-huge -- --help\nExample: " + example + "\n");
            return 0;
        } catch (IllegalArgumentException e) {
            return fail(console, "Cannot init EAL: " + e.getMessage());
        } finally {
            console.flush();
        }
    }

    /**
     * Makes the ports that the EAL arguments name, uses and closes them.
     *
     * @param eal the environment
     * @param console where it writes
     * @param body what is done; may raise an {@link ExitException}
     * @return the exit code
     */
    @SuppressWarnings("try")
    public static int withPorts(Eal eal, Console console, Consumer<Ports> body) {
        try (Ports ports = new Ports(eal)) {
            try {
                for (String vdev : eal.options().vdevs()) {
                    ports.attach(vdev);
                }
            } catch (RuntimeException e) {
                return fail(console, "Cannot init EAL: " + e.getMessage());
            }
            body.accept(ports);
            return 0;
        } catch (ExitException e) {
            return e.code() == 0 ? 0 : fail(console, e.getMessage());
        }
    }

    private static int fail(Console console, String cause) {
        console.error("EAL: Error - exiting with code: 1\n  Cause: " + cause);
        return 1;
    }
}
