package dev.penstock.apps.testpmd;

/** start, stop, load, help, quit. */
final class ControlCommands {
    private final Testpmd app;

    ControlCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("control");
        c.add("start", "start to forward, with the settings in force", a -> app.forwarding.start(0));
        c.add("start tx_first", "the same, after each stream has sent one burst", a -> app.forwarding.start(1));
        c.add("start tx_first <n:u32>", "the same, after each stream has sent n bursts",
                a -> app.forwarding.start(a.integer("n")));
        c.add("stop", "stop to forward and show what was forwarded", a -> app.forwarding.stop());
        c.add("load <file:text>", "run the commands of a file", a -> app.prompt.file(a.text("file")));
        c.add("quit", "stop and close everything, and end", a -> app.prompt.quit());
    }
}
