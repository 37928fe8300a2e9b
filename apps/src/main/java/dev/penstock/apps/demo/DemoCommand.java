package dev.penstock.apps.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code penstock demo}. */
@Command(name = "demo", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Forwards bundled traffic for some seconds and says what happened. Needs no root, NIC or huge pages.",
        footer = {"", "Example: ./penstock demo", "         sudo ./penstock demo --netns"})
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--seconds", defaultValue = "4", description = "How long each part runs (default ${DEFAULT-VALUE}, 1 to 3600).")
    private int seconds;

    @Option(names = "--output", paramLabel = "FOLDER", description = "Where the capture files go (default: a new folder in the temporary one).")
    private Path folder;

    @Option(names = "--netns", description = "As root: makes two network namespaces and forwards the kernel's own traffic between them.")
    private boolean netns;

    /** For the command line. */
    public DemoCommand() {}

    @Override
    public Integer call() throws Exception {
        if (seconds < 1 || seconds > 3600) {
            throw new IllegalArgumentException("--seconds " + seconds + " is out of range; give 1 to 3600");
        }
        Screen screen = new Screen(System.out);
        if (netns) {
            new KernelDemo(screen, seconds).run();
            return 0;
        }
        new MemoryDemo(screen, folder == null ? Files.createTempDirectory("penstock-demo-") : folder, seconds).run();
        return 0;
    }
}
