package dev.penstock.apps.demo;

import dev.penstock.apps.cli.Trouble;
import dev.penstock.threads.AtExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
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
        if (folder != null) {
            new MemoryDemo(screen, folder, seconds).run();
            return 0;
        }
        Path made = Files.createTempDirectory("penstock-demo-");
        AtomicBoolean whole = new AtomicBoolean();
        // Only who saw the demo's end knows the folder's name.
        try (AtExit _ = new AtExit(() -> keep(made, whole.get()))) {
            new MemoryDemo(screen, made, seconds).run();
            whole.set(true);
        }
        return 0;
    }

    private static void keep(Path folder, boolean whole) {
        if (whole) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            System.err.println("penstock: left behind: " + Trouble.of(e));
        }
    }
}
