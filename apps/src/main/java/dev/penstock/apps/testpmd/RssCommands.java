package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.ethdev.Port;
import java.util.HexFormat;

/** What is hashed on receive, with which key, and which queue gets which hash. */
final class RssCommands {
    private final Testpmd app;

    RssCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("display");
        c.add("show port <port:u16> rss-hash", "what is hashed", a -> show(a, false));
        c.add("show port <port:u16> rss-hash key", "the same and the key", a -> show(a, true));
        c.add("show port <port:u16> rss reta <size:u16> <masks:text>", "which queue gets which hash", this::showTable);
        c.section("ports");
        c.add("port config all rss <types:text>", "what is hashed: all, default, none, ip, udp, tcp, sctp, ipv4, ...", this::types);
        c.add("port config <port:u16> rss reta <list:text>", "which queue gets which hash: (hash,queue)[,(hash,queue)]*",
                this::table);
        c.add("port config <port:u16> rss-hash-key <type:text> <key:text>", "the key, in hexadecimal digits", this::key);
    }

    private static String hex(long bits) {
        return bits == 0 ? "0" : "0x" + Long.toHexString(bits);
    }

    private void types(Arguments a) {
        String word = a.text("types");
        Long wanted = word.equals("default") ? Long.valueOf(0) : RssNames.bits(word);
        if (wanted == null) {
            app.console.error("Unknown parameter");
            return;
        }
        if (word.startsWith("level-")) {
            wanted |= app.settings.rssTypes & ~RssNames.LEVELS;
        }
        boolean all = true;
        for (Port port : app.ports.list()) {
            long can = port.info().rssTypes();
            long bits = word.equals("default") ? can : wanted;
            if ((bits & ~can) != 0) {
                app.console.println("Port " + port.id() + " modified RSS hash function based on hardware support,requested:"
                        + hex(bits) + " configured:" + hex(bits & can));
            }
            if (port.config().rxQueues() < 2) {
                app.console.error("Multi-queue RSS mode isn't enabled.");
                app.console.error("Configuration of RSS hash at ethernet port " + port.id()
                        + " failed with error (95): Operation not supported.");
                all = false;
            } else {
                port.rss().types(bits & can);
            }
        }
        app.settings.rssTypes = word.equals("default") ? app.settings.rssTypes : wanted;
        if (all && !word.equals("default")) {
            app.console.println("rss_hf " + hex(wanted));
        }
    }

    private void table(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int size = port.info().retaSize();
        if (size == 0) {
            app.console.error("Redirection table size is 0 which is invalid for RSS");
            return;
        }
        app.console.println("The reta size of port " + port.id() + " is " + size);
        String text = a.text("list");
        if (!text.matches("\\(\\d{1,9},\\d{1,9}\\)(,\\(\\d{1,9},\\d{1,9}\\))*")) {
            app.console.error("Invalid RSS Redirection Table config entered");
            app.console.error("Bad redirection table parameter, return code = -22");
            return;
        }
        for (String pair : text.substring(1, text.length() - 1).split("\\),\\(")) {
            int comma = pair.indexOf(',');
            try {
                port.rss().reta(Integer.parseInt(pair.substring(0, comma)), Integer.parseInt(pair.substring(comma + 1)));
            } catch (IllegalArgumentException e) {
                app.console.error(e.getMessage());
                app.console.error("Bad redirection table parameter, return code = -22");
                return;
            }
        }
    }

    private void key(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int size = port.rss().key().length;
        if (!a.text("key").matches("[0-9a-fA-F]{" + 2 * size + "}")) {
            app.console.error("invalid key: it has " + 2 * size + " hexadecimal digits");
            return;
        }
        port.rss().key(HexFormat.of().parseHex(a.text("key")));
    }

    private void show(Arguments a, boolean key) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        long types = port.rss().types();
        if (types == 0) {
            app.console.println("RSS disabled");
            return;
        }
        app.console.println("RSS functions:");
        app.console.print(RssNames.withGroups(types));
        if (key) {
            app.console.println("RSS key:\n" + HexFormat.of().withUpperCase().formatHex(port.rss().key()));
        }
    }

    private void showTable(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int[] table = port.rss().reta();
        int size = a.integer("size");
        if (size == 0 || size > port.info().retaSize()) {
            app.console.error("Invalid redirection table size: " + size + " (1-" + port.info().retaSize() + ")");
            return;
        }
        String text = a.text("masks");
        String[] masks = text.startsWith("(") && text.endsWith(")") ? text.substring(1, text.length() - 1).split(",") : new String[0];
        if (masks.length != (size + 63) / 64) {
            app.console.error("The bits of masks do not match the number of reta entries: " + (size + 63) / 64);
            app.console.error("Invalid string: " + text + " for reta masks");
            return;
        }
        for (int i = 0; i < size; i++) {
            long mask = masks[i / 64].startsWith("0x") ? Numbers.hex(masks[i / 64]) : Syntax.number(masks[i / 64]);
            if ((mask >>> i % 64 & 1) != 0) {
                app.console.println("RSS RETA configuration: hash index=" + i + ", queue=" + table[i]);
            }
        }
    }
}
