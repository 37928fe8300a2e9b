package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.ethdev.Port;
import dev.penstock.net.MacAddress;
import java.util.Map;
import java.util.function.Supplier;

/** The values of a command's named words. */
final class Arguments {
    /** What DPDK says of a command whose words fit none. */
    static final String BAD = "Bad arguments";

    private final Testpmd app;
    private final String syntax;
    private final Map<String, String> values;

    Arguments(Testpmd app, String syntax, Map<String, String> values) {
        this.app = app;
        this.syntax = syntax;
        this.values = values;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name) {
        return values.get(name);
    }

    boolean is(String name, String word) {
        return word.equals(values.get(name));
    }

    boolean on(String name) {
        return is(name, "on");
    }

    long number(String name) {
        return Syntax.number(values.get(name));
    }

    int integer(String name) {
        return (int) number(name);
    }

    long mac(String name) {
        return MacAddress.parse(values.get(name));
    }

    /** The port of {@code <port:u16>}, or null after saying that there is none. */
    Port port() {
        Port port = app.portOrNull(integer("port"));
        if (port == null) {
            app.console.error(MissingPort.words(syntax, this));
        }
        return port;
    }

    /** As {@link #port}; then also says which there are. */
    Port portOrList() {
        return app.portOrList(integer("port"));
    }

    /** What a reader makes of a word that is a language of its own; of a mistake DPDK's words are said before it is told. */
    <T> T read(Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            app.console.println(BAD);
            throw e;
        }
    }

    /** As {@link #read(Supplier)}, of what is done while it is read. */
    void read(Runnable reader) {
        read(() -> {
            reader.run();
            return null;
        });
    }
}
