package dev.penstock.apps.cli;

import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A person at a terminal: history and completion. */
final class TerminalInput implements Input {
    private final Terminal terminal;
    private final LineReader reader;
    private Function<List<String>, ? extends Iterable<String>> words = before -> List.of();

    TerminalInput(String program) {
        try {
            // by stty, since only the linux module has native access
            terminal = TerminalBuilder.builder().system(true).provider("exec").signalHandler(Terminal.SignalHandler.SIG_DFL).build();
        } catch (IOException e) {
            throw new IllegalStateException("no terminal: " + e.getMessage(), e);
        }
        reader = LineReaderBuilder.builder().terminal(terminal).appName(program)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .completer((r, line, candidates) -> {
                    for (String word : words.apply(line.words().subList(0, line.wordIndex()))) {
                        candidates.add(new Candidate(word));
                    }
                }).build();
    }

    @Override
    public void completions(Function<List<String>, ? extends Iterable<String>> next) {
        words = next;
    }

    @Override
    public String line(Console console, String prompt) {
        console.flush();
        try {
            return reader.readLine(prompt);
        } catch (UserInterruptException | EndOfFileException e) {
            return null;
        }
    }

    @Override
    public void anyKey() {
        try {
            terminal.reader().read();
        } catch (IOException e) {
            // as the end of input
        }
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            // nothing more can be done for it
        }
    }
}
