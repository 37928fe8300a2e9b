package dev.penstock.apps;

import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code penstock version}. */
@Command(name = "version", description = "Says which version this is, and on which JDK.", mixinStandardHelpOptions = true,
        footer = {"", "Example: ./penstock version"})
final class VersionCommand implements Runnable {
    /** What is said of it, by {@code --version} of other commands too. */
    static String text() {
        Module own = VersionCommand.class.getModule();
        return "Penstock " + (own.isNamed() ? own.getDescriptor().rawVersion() : Optional.<String>empty()).orElse("(unpackaged)") + " on "
                + System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch");
    }

    @Override
    public void run() {
        System.out.println(text());
    }
}
