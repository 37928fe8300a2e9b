package dev.penstock.apps;

import picocli.CommandLine.Command;

/** {@code penstock version}. */
@Command(name = "version", description = "Says which version this is, and on which JDK.", mixinStandardHelpOptions = true,
        footer = {"", "Example: ./penstock version"})
final class VersionCommand implements Runnable {
    @Override
    public void run() {
        System.out.println("Penstock " + VersionCommand.class.getModule().getDescriptor().rawVersion().orElse("(unpackaged)") + " on "
                + System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch"));
    }
}
