package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.ethdev.Port;
import dev.penstock.net.MacAddress;
import java.util.Map;

/** The values of a command's named words. */
final class Arguments {
    private final Testpmd app;
    private final Map<String, String> values;

    Arguments(Testpmd app, Map<String, String> values) {
        this.app = app;
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
        return app.port(integer("port"));
    }

    /** As {@link #port}; then also says which there are. */
    Port portOrList() {
        return app.portOrList(integer("port"));
    }
}
