package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.EalProgram;
import dev.penstock.apps.cli.Input;
import dev.penstock.apps.cli.Interrupts;
import dev.penstock.apps.cli.StandardOutput;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Ports;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;

/** {@code penstock testpmd}: DPDK's testpmd, with DPDK's arguments. */
public final class TestpmdCommand {
    private static final String EXAMPLE = "./penstock testpmd --no-huge --vdev net_null0 --vdev net_null1 -- -i";

    private TestpmdCommand() {}

    /**
     * Runs until quit, the end of input, SIGINT or SIGTERM.
     *
     * @param args EAL arguments, {@code --}, testpmd's own
     * @return the exit code
     */
    @SuppressWarnings("resource")
    public static int run(String[] args) {
        OutputStream out = new StandardOutput();
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        return run(args, Input.standard("testpmd"), out, err, true);
    }

    /** The same with streams of the caller's; signals are the caller's too unless he says otherwise. */
    static int run(String[] args, Input input, OutputStream out, OutputStream err, boolean signals) {
        Console console = new Console(out, err);
        try {
            return EalProgram.run("testpmd", EXAMPLE, console, args, eal -> {
                int[] code = {0};
                eal.mainLcore().launch(self -> {
                    code[0] = EalProgram.withPorts(eal, console, ports -> run(eal, ports, console, input, signals));
                    return 0;
                });
                eal.mainLcore().await();
                return code[0];
            });
        } finally {
            input.close();
        }
    }

    @SuppressWarnings("try")
    private static void run(Eal eal, Ports ports, Console console, Input input, boolean signals) {
        try (Interrupts watch = signals ? Interrupts.of(Thread.currentThread()) : null) {
            new Testpmd(eal, ports, console, input).run(eal.remainingArgs());
        }
    }
}
