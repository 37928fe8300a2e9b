package dev.penstock.apps.testpmd;

import dev.penstock.eal.Lcore;
import dev.penstock.mbuf.MbufPool;

/** dump_*. */
final class DumpCommands {
    private final Testpmd app;

    DumpCommands(Testpmd app) {
        this.app = app;
    }

    void addTo(Commands c) {
        c.section("display");
        c.add("dump_mempool", "all pools", a -> app.pools.forEach(p -> app.console.print(p.dump())));
        c.add("dump_mempool <name:text>", "one pool", this::pool);
        c.add("dump_ring [<name:text>]", "the rings under the pools", this::rings);
        c.add("dump_memzone", "reserved memory", a -> dump(true));
        c.add("dump_physmem", "mapped memory", a -> dump(false));
        c.add("dump_socket_mem", "memory taken", a -> app.console.println("Total: " + app.eal.memoryBytes() + " bytes"));
        c.add("dump_lcores", "lcores and what they do", a -> app.eal.lcores().forEach(this::lcore));
        c.add("dump_devargs", "devices and their arguments", a -> {
            app.console.println("User device list:");
            app.ports.list().forEach(p -> app.console.println("  [vdev]: " + p.name() + (p.devargs().isEmpty() ? "" : ","
                    + p.devargs())));
        });
        c.add("dump_log_types", "log types and their levels", a -> app.console.print(app.eal.log().help()));
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
}
