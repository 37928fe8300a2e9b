package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Syntax;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.mbuf.MbufPool;

/** dump_*, RSS displays. */
final class DumpCommands {
    private final Testpmd app;

    DumpCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("display");
        c.add("show port <port:u16> rss-hash", "what is hashed", a -> hash(a, false));
        c.add("show port <port:u16> rss-hash key", "the same and the key", a -> hash(a, true));
        c.add("show port <port:u16> rss reta <size:u16> <masks:text>", "which queue gets which hash", this::reta);
        c.add("dump_mempool", "all pools", a -> app.pools.forEach(p -> app.console.print(p.dump())));
        c.add("dump_mempool <name:text>", "one pool", this::pool);
        c.add("dump_ring [<name:text>]", "the rings under the pools", this::rings);
        c.add("dump_memzone", "reserved memory", a -> dump(true));
        c.add("dump_physmem", "mapped memory", a -> dump(false));
        c.add("dump_socket_mem", "memory taken", a -> app.console.println("Total: " + app.eal.memoryBytes() + " bytes"));
        c.add("dump_lcores", "lcores and what they do", a -> app.eal.lcores().forEach(this::lcore));
        c.add("dump_devargs", "devices and their arguments", a -> app.ports.list().forEach(p -> app.console.println(
                "[vdev]: " + p.name() + (p.devargs().isEmpty() ? "" : "," + p.devargs()))));
    }

    private void dump(boolean zones) {
        StringBuilder text = new StringBuilder();
        if (zones) {
            app.eal.dumpMemzones(text);
        } else {
            app.eal.dumpMemory(text);
        }
        app.console.print(text.toString());
    }

    private void pool(Arguments a) {
        for (MbufPool pool : app.pools) {
            if (pool.name().equals(a.text("name"))) {
                app.console.print(pool.dump());
                return;
            }
        }
        app.console.println("Cannot find mempool");
    }

    private void rings(Arguments a) {
        boolean found = false;
        for (MbufPool pool : app.pools) {
            if (!a.has("name") || a.text("name").equals("MP_" + pool.name())) {
                app.console.println("ring <MP_" + pool.name() + ">@" + Integer.toHexString(System.identityHashCode(pool)));
                app.console.println("  capacity=" + pool.size());
                app.console.println("  used=" + pool.availCount());
                app.console.println("  avail=" + (pool.size() - pool.availCount()));
                found = true;
            }
        }
        if (!found) {
            app.console.println("Cannot find ring");
        }
    }

    private void lcore(Lcore lcore) {
        app.console.println("lcore " + lcore.id() + ", socket " + Math.max(0, lcore.socket()) + ", role "
                + (lcore.role() == Lcore.Role.SERVICE ? "SERVICE" : "RTE") + ", cpuset " + lcore.cpus().toString()
                .replaceAll("[{} ]", ""));
    }

    private void hash(Arguments a, boolean key) {
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
            StringBuilder text = new StringBuilder();
            for (byte b : port.rss().key()) {
                text.append(String.format("%02X", b));
            }
            app.console.println("RSS key:\n" + text);
        }
    }

    private void reta(Arguments a) {
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
