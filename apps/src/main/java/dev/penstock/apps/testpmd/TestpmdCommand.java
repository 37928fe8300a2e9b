package dev.penstock.apps.testpmd;

import dev.penstock.eal.Eal;
import dev.penstock.eal.Help;
import dev.penstock.ethdev.Ports;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;

/** {@code penstock testpmd}: DPDK's testpmd, with DPDK's arguments. */
public final class TestpmdCommand {
    private TestpmdCommand() {}

    /**
     * Runs until quit, the end of input, SIGINT or SIGTERM.
     *
     * @param args EAL arguments, {@code --}, testpmd's own
     * @return the exit code
     */
    @SuppressWarnings("resource")
    public static int run(String[] args) {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        // a channel, so that a signal can interrupt a read that waits
        Input input = System.console() != null && System.console().isTerminal() ? new TerminalInput()
                : new Input.Pipe(Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel()));
        return run(args, input, out, err, true);
    }

    /** The same with streams of the caller's; signals are the caller's too unless he says otherwise. */
    static int run(String[] args, Input input, OutputStream out, OutputStream err, boolean signals) {
        Console console = new Console(out, err);
        try (Eal eal = Eal.start(console::error, args)) {
            int[] code = {0};
            eal.mainLcore().launch(self -> {
                code[0] = run(eal, console, input, signals);
                return 0;
            });
            eal.mainLcore().await();
            return code[0];
        } catch (Help help) {
            console.print("Usage: ./penstock testpmd [EAL options] -- [testpmd options]\n\n" + help.getMessage()
                    + "\nThe options behind -- are listed by: ./penstock testpmd --no-huge -- --help"
                    + "\nExample: ./penstock testpmd --no-huge --vdev net_null0 --vdev net_null1 -- -i\n");
            return 0;
        } catch (IllegalArgumentException e) {
            return fail(console, "Cannot init EAL: " + e.getMessage());
        } finally {
            input.close();
            console.flush();
        }
    }

    @SuppressWarnings("try")
    private static int run(Eal eal, Console console, Input input, boolean signals) {
        try (Ports ports = new Ports(eal); Interrupts watch = signals ? Interrupts.of(Thread.currentThread()) : null) {
            try {
                for (String vdev : eal.options().vdevs()) {
                    ports.attach(vdev);
                }
            } catch (RuntimeException e) {
                return fail(console, "Cannot init EAL: " + e.getMessage());
            }
            new Testpmd(eal, ports, console, input).run(eal.remainingArgs());
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
