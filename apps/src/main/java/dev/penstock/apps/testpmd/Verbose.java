package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;

/** Prints packets as they pass. */
final class Verbose {
    private Verbose() {}

    static void attach(Testpmd app, Port port, PortSettings own) {}
}
