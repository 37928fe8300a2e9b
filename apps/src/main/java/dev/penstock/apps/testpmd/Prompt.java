package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Input;
import dev.penstock.apps.cli.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads commands and runs them until quit, the end of input, or an interrupt. */
final class Prompt {
    private static final String PROMPT = "testpmd> ";
    private static final int MAX_DEPTH = 16;

    private final Testpmd app;
    private final Input input;
    private final Commands commands;
    private boolean quit;
    private int depth;

    Prompt(Testpmd app, Input input) {
        this.app = app;
        this.input = input;
        commands = new Commands(app);
        input.completions(commands::next);
    }

    void quit() {
        quit = true;
    }

    void run() {
        while (!quit) {
            String line = input.line(app.console, PROMPT);
            if (line == null) {
                return;
            }
            commands.run(line);
            app.console.flush();
        }
    }

    /** Runs the commands of a file, as the command load does. */
    void file(String name) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of(name));
        } catch (IOException e) {
            app.console.error("Failed to open file " + name + ": " + (e instanceof NoSuchFileException ? "No such file or directory"
                    : Trouble.reason(e)));
            return;
        }
        if (depth == MAX_DEPTH) {
            app.console.error(name + ": files that load files are nested " + MAX_DEPTH + " deep; it is not read");
            return;
        }
        depth++;
        for (String line : lines) {
            if (!quit) {
                app.console.print(PROMPT + line + "\r\n");
                commands.run(line);
            }
        }
        depth--;
        app.console.println("Read CLI commands from " + name);
    }

    /** Without a prompt: shows statistics now and then, until something is typed or the thread is interrupted. */
    void waitForEnd() {
        int period = app.settings.statsPeriodS;
        if (period == 0) {
            app.console.println("Press enter to exit");
            app.console.flush();
            input.anyKey();
            return;
        }
        try {
            while (!Thread.currentThread().isInterrupted()) {
                app.console.print("\u001b[2J\u001b[1;1H\nPort statistics ====================================");
                app.settings.portList.subList(0, app.settings.ports)
                        .forEach(id -> PortDisplay.stats(app, app.ports.port(id)));
                app.console.flush();
                Thread.sleep(period * 1000L);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
