package dev.penstock.apps.vswitch;

import dev.penstock.apps.cli.Console;
import dev.penstock.ethdev.Port;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.MacAddress;
import dev.penstock.vswitch.PortStatistics;
import dev.penstock.vswitch.SwitchPort;
import dev.penstock.vswitch.Tunnel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the show commands print. */
final class Show {
    private static final Set<String> TX_LOSSES = Set.of("tx_too_long", "tx_too_short", "tx_malformed", "tx_wrong_format", "tx_no_device",
            "tx_undeliverable", "tx_bad_buffer", "tx_unwritten");

    private final Vswitch app;
    private final Console console;

    Show(Vswitch app, Console console) {
        this.app = app;
        this.console = console;
    }

    void ports() {
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of("port", "link", "tenant", "vlan", "forwarder", "macs", "rx packets", "tx packets", "drops", "device"));
        for (SwitchPort port : app.vswitch().ports()) {
            PortStatistics s = port.statistics();
            rows.add(List.of(port.name(), link(port), port.isUnderlay() ? "-" : port.settings().domain(),
                    port.isUnderlay() ? "-" : port.settings().vlanText(), port.forwarder(), app.vswitch().addresses(port),
                    s.rxPackets(), s.txPackets(), s.dropped(), device(port)));
        }
        table(rows);
    }

    private static String link(SwitchPort port) {
        return port.port() == null ? port.tunnel().nextHopMac() == 0 ? "no ARP" : "up" : port.port().link().up() ? "up" : "down";
    }

    private static String device(SwitchPort port) {
        if (port.port() != null) {
            return port.port().name() + (port.port().devargs().isEmpty() ? "" : "," + port.port().devargs());
        }
        Tunnel tunnel = port.tunnel();
        return "vxlan " + tunnel.vni() + " to " + Ipv4Address.format(tunnel.remoteIp()) + " by " + tunnel.underlay().name();
    }

    void port(String name) {
        SwitchPort port = app.vswitch().port(name);
        PortStatistics s = port.statistics();
        console.println("port " + name + ": " + device(port) + ", link " + link(port) + ", forwarder " + port.forwarder());
        if (!port.isUnderlay()) {
            console.println("  tenant " + port.settings().domain() + ", " + port.settings().vlanText());
            port.settings().limitTexts().forEach(line -> console.println("  " + line));
        }
        counter("rx packets", s.rxPackets());
        counter("rx bytes", s.rxBytes());
        counter("tx packets", s.txPackets());
        counter("tx bytes", s.txBytes());
        counter("copies", s.copies());
        counter("originated", s.originated());
        counter("macs", app.vswitch().addresses(port));
        counter("macs learned", s.learned());
        counter("macs moved here", s.moved());
        counter("macs refused", s.learnRefused());
        s.drops().forEach((reason, n) -> counter("drop " + reason.counter(), n));
        if (port.port() != null) {
            port.port().xstats().stream().filter(x -> x.value() != 0).forEach(x -> counter("device " + x.name(), x.value()));
        }
    }

    private void counter(String name, long value) {
        console.printf("  %-32s %d%n", name, value);
    }

    void macs(String name) {
        if (name != null) {
            app.vswitch().port(name);
        }
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of("mac", "tenant", "vlan", "port", "age s", "rx packets"));
        app.vswitch().forEachAddress((mac, domain, vlan, port, ageS, packets) -> {
            if (name == null || port.equals(name)) {
                rows.add(List.of(MacAddress.format(mac), domain, vlan, port, ageS, packets));
            }
        });
        table(rows);
        console.println(rows.size() - 1 + " of at most " + app.vswitch().macs().maxEntries());
    }

    void drops() {
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of("port", "reason", "packets"));
        for (SwitchPort port : app.vswitch().ports()) {
            port.statistics().drops().forEach((reason, n) -> rows.add(List.of(port.name(), reason.counter(), n)));
            if (port.port() != null) {
                lost(port.port()).forEach((counter, n) -> rows.add(List.of(port.name(), "device " + counter, n)));
            }
        }
        table(rows);
    }

    /** What a device took to send and lost, by its names for why; those that it has no name for behind them. */
    private static Map<String, Long> lost(Port port) {
        Map<String, Long> lost = new LinkedHashMap<>();
        port.xstats().stream().filter(x -> TX_LOSSES.contains(x.name()) && x.value() != 0).forEach(x -> lost.put(x.name(), x.value()));
        long unnamed = port.stats().txErrors() - lost.values().stream().mapToLong(Long::longValue).sum();
        if (unnamed > 0) {
            lost.put("tx_errors", unnamed);
        }
        return lost;
    }

    void tunnels() {
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of("tunnel", "vni", "remote", "underlay", "next hop"));
        for (SwitchPort port : app.vswitch().ports()) {
            Tunnel t = port.tunnel();
            if (t != null) {
                rows.add(List.of(port.name(), t.vni(), Ipv4Address.format(t.remoteIp()), t.underlay().name(),
                        t.nextHopMac() == 0 ? "unknown" : MacAddress.format(t.nextHopMac())));
            }
        }
        table(rows);
    }

    void mirrors() {
        List<List<Object>> rows = new ArrayList<>();
        rows.add(List.of("file", "ports", "packets", "lost", "error"));
        app.mirrors().forEach((file, mirror) -> rows.add(List.of(file, app.mirrored().entrySet().stream()
                .filter(e -> e.getValue().equals(file)).map(e -> e.getKey()).sorted().reduce((a, b) -> a + "," + b).orElse("-"),
                mirror.captured(), mirror.lost(), mirror.failure() == null ? "-" : mirror.failure())));
        table(rows);
    }

    private void table(List<List<Object>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<Object> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).toString().length());
            }
        }
        for (List<Object> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i) instanceof Number ? Console.right(row.get(i), widths[i]) : Console.left(row.get(i), widths[i])).append("  ");
            }
            console.println(line.toString().stripTrailing());
        }
    }
}
