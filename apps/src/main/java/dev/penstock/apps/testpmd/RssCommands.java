package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.ethdev.Port;
import java.util.HexFormat;

/** What is hashed on receive, with which key, and which queue gets which hash. */
final class RssCommands {
    private static final String NOT_ENABLED = "Multi-queue RSS mode isn't enabled.";
    private static final String BAD_TABLE = "Bad redirection table parameter, return code = ";

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

    /** Whether the port was configured to spread packets by their hash. */
    private static boolean enabled(Port port) {
        return port.config().rxQueues() > 1 && port.config().rssTypes() != 0;
    }

    /** Whether the port has a key; says so when not. */
    private boolean hasKey(Port port) {
        boolean has = port.info().rssKeyBytes() != 0 || spread(port);
        if (!has) {
            app.console.error("dev_info did not provide a valid hash key size");
        }
        return has;
    }

    /** Whether a device with one queue is spread over several in software. */
    private static boolean spread(Port port) {
        return port.config().rxQueues() > port.info().maxRxQueues();
    }

    private static int tableSize(Port port) {
        return spread(port) ? port.rss().reta().length : port.info().retaSize();
    }

    private static String hex(long bits) {
        return bits == 0 ? "0" : "0x" + Long.toHexString(bits);
    }

    private void types(Arguments a) {
        String word = a.text("types");
        Long wanted = word.equals("default") ? Long.valueOf(0) : RssNames.bits(word);
        if (wanted == null) {
            app.console.error(Character.isDigit(word.charAt(0)) ? "flowtype_id should be greater than 0 and less than 64."
                    : "Unknown parameter");
            return;
        }
        if (word.startsWith("level-")) {
            app.settings.rssTypes &= ~RssNames.LEVELS;
            wanted |= app.settings.rssTypes;
        }
        boolean all = true;
        for (Port port : app.ports.list()) {
            long can = port.rss().capabilities();
            long bits = word.equals("default") ? can : wanted;
            if ((bits & ~can) != 0) {
                app.console.println("Port " + port.id() + " modified RSS hash function based on hardware support,requested:"
                        + hex(bits) + " configured:" + hex(bits & can));
            }
            if (!enabled(port)) {
                app.console.error(NOT_ENABLED);
                app.console.error("Configuration of RSS hash at ethernet port " + port.id()
                        + " failed with error (95): Operation not supported.");
                all = false;
            } else {
                port.rss().types(bits & can);
            }
        }
        if (all && !word.equals("default")) {
            app.settings.rssTypes = wanted;
            app.console.println("rss_hf " + hex(wanted));
        }
    }

    private void table(Arguments a) {
        Port port = a.port();
        if (port == null) {
            return;
        }
        int size = tableSize(port);
        if (size == 0) {
            app.console.error("Redirection table size is 0 which is invalid for RSS");
            return;
        }
        app.console.println("The reta size of port " + port.id() + " is " + size);
        String text = a.text("list");
        if (!text.matches("\\(\\d{1,9},\\d{1,9}\\)(,\\(\\d{1,9},\\d{1,9}\\))*")) {
            app.console.error("Invalid RSS Redirection Table config entered");
            return;
        }
        String[] pairs = text.substring(1, text.length() - 1).split("\\),\\(");
        if (!valid(port, pairs)) {
            return;
        }
        if (!enabled(port)) {
            app.console.error(NOT_ENABLED);
            app.console.error(BAD_TABLE + "-95");
            return;
        }
        for (String pair : pairs) {
            int comma = pair.indexOf(',');
            port.rss().reta(Integer.parseInt(pair.substring(0, comma)), Integer.parseInt(pair.substring(comma + 1)));
        }
    }

    /** Whether every index and queue is there; says which is not. */
    private boolean valid(Port port, String[] pairs) {
        for (String pair : pairs) {
            int index = Integer.parseInt(pair.substring(0, pair.indexOf(',')));
            if (index >= tableSize(port)) {
                app.console.error("Invalid RETA hash index=" + index);
                app.console.error("Invalid RSS Redirection Table config entered");
                return false;
            }
        }
        int queues = port.config().rxQueues();
        for (String pair : pairs) {
            int index = Integer.parseInt(pair.substring(0, pair.indexOf(',')));
            int queue = Integer.parseInt(pair.substring(pair.indexOf(',') + 1));
            if (queue >= queues) {
                app.console.error("reta_conf[" + index / 64 + "]->reta[" + index % 64 + "]: " + queue
                        + " exceeds the maximum rxq index: " + queues);
                app.console.error(BAD_TABLE + "-22");
                return false;
            }
        }
        return true;
    }

    private void key(Arguments a) {
        Port port = a.port();
        if (port == null || !hasKey(port)) {
            return;
        }
        String key = a.text("key");
        int digits = 2 * port.rss().key().length;
        if (key.length() != digits) {
            app.console.error("key length: " + key.length() + " invalid - key must be a string of " + digits
                    + " hexa-decimal numbers");
            return;
        }
        for (int i = 0; i < digits; i++) {
            if (!HexFormat.isHexDigit(key.charAt(i))) {
                app.console.error("invalid key: character " + key.charAt(i) + " at position " + i + " is not a valid hexa digit");
                return;
            }
        }
        if (!enabled(port)) {
            app.console.error(NOT_ENABLED);
            app.console.error("operation not supported by device");
            return;
        }
        port.rss().key(HexFormat.of().parseHex(key));
    }

    private void show(Arguments a, boolean key) {
        Port port = a.port();
        if (port == null || !hasKey(port)) {
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
        if (size == 0 || size > tableSize(port)) {
            app.console.error("Invalid redirection table size: " + size + " (1-" + tableSize(port) + ")");
            return;
        }
        String text = a.text("masks");
        String[] masks = text.startsWith("(") && text.endsWith(")") ? text.substring(1, text.length() - 1).split(",") : new String[0];
        if (masks.length != (size + 63) / 64) {
            app.console.error("The bits of masks do not match the number of reta entries: " + (size + 63) / 64);
            app.console.error("Invalid string: " + text + " for reta masks");
            return;
        }
        if (size != tableSize(port)) {
            app.console.error("Failed to get RSS RETA info, return code = -22");
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
