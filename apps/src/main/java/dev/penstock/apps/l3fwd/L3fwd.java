package dev.penstock.apps.l3fwd;

import dev.penstock.acl.AclBuildException;
import dev.penstock.acl.AclRule;
import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.forward.ForwardReport;
import dev.penstock.apps.forward.LcoreRun;
import dev.penstock.apps.forward.PortSetup;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.ExceptionPath;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RssType;
import dev.penstock.ethdev.Xstat;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Sets everything up as the options say, routes until it is told to end, and says what became of each packet. */
final class L3fwd {
    private static final long LOCAL_ADMIN = 0x0200_0000_0000L;
    private static final int MAX_PORTS = 256;
    private static final long L4 = RssType.UDP | RssType.TCP | RssType.SCTP;

    private final Eal eal;
    private final Ports ports;
    private final Console console;
    private final List<Router> routers = new ArrayList<>();
    private final Map<Port, ExceptionPath> ways = new LinkedHashMap<>();
    private final LocalAddresses locals = new LocalAddresses();

    L3fwd(Eal eal, Ports ports, Console console) {
        this.eal = eal;
        this.ports = ports;
        this.console = console;
    }

    void run(List<String> args) {
        Options options = new Options(console, args);
        List<Port> chosen = PortSetup.chosen(ports, options.portMask);
        Config config = new Config(options.config, chosen, eal.lcores());
        Supplier<Lookup> lookups = lookups(options, chosen);
        PortSetup setup = new PortSetup(eal, console);
        setup.promiscuous = options.promiscuous;
        setup.rxDescriptors = options.rxDescriptors;
        setup.txDescriptors = options.txDescriptors;
        setup.maxFrame = options.maxFrame;
        try {
            start(options, setup, chosen, config);
            setup.awaitLinks(chosen);
            try (LcoreRun run = new LcoreRun(eal)) {
                launch(run, options, chosen, config, lookups);
                console.flush();
                run.until(options.periodS, () -> {
                    console.print(report().text());
                    console.flush();
                }, this::watch);
                console.print(report().text());
                closeWays();
                setup.close(chosen);
            }
        } finally {
            closeWays();
        }
    }

    private void closeWays() {
        ways.values().forEach(ExceptionPath::close);
    }

    private void watch() {
        if (!ways.isEmpty()) {
            locals.refresh();
        }
    }

    private void start(Options options, PortSetup setup, List<Port> chosen, Config config) {
        int lcores = config.lcores().size();
        MbufPool shared = options.perPortPool ? null : setup.pool("mbuf_pool_0", chosen.size(), config.maxQueues(), lcores);
        for (Port port : chosen) {
            MbufPool pool = options.perPortPool ? setup.pool("mbuf_pool_" + port.id(), 1, config.queues(port), lcores) : shared;
            setup.start(port, config.queues(port), lcores, RssType.IP | (options.method == Options.Method.ACL ? L4 : 0), pool);
            if (options.exception != null) {
                String iface = options.exception + port.id();
                ways.put(port, open(port, iface, pool));
                console.println("Port " + port.id() + ": what is not routed goes to the kernel's interface " + iface);
            }
        }
        watch();
    }

    private ExceptionPath open(Port port, String iface, MbufPool pool) {
        try {
            return ExceptionPath.open(ports, port, iface, pool);
        } catch (RuntimeException e) {
            throw new ExitException("Cannot make the interface " + iface + ": " + e.getMessage());
        }
    }

    private Supplier<Lookup> lookups(Options options, List<Port> chosen) {
        boolean[] enabled = new boolean[MAX_PORTS];
        chosen.forEach(port -> enabled[port.id()] = true);
        if ((options.ruleIpv4 == null) != (options.ruleIpv6 == null)) {
            console.error("L3FWD: one rule file given; there are no rules for IPv" + (options.ruleIpv4 == null ? 4 : 6));
        } else if (options.ruleIpv4 == null && options.method != Options.Method.ACL) {
            console.error("L3FWD: Missing 1 or more rule files, using default instead");
        }
        try {
            return switch (options.method) {
                case EM -> {
                    FlowRoutes routes = new FlowRoutes(options.ruleIpv4, options.ruleIpv6, port -> enabled[port]);
                    say("EM", routes.ipv4.size() - routes.repeats4.count(), routes.ipv6.size() - routes.repeats6.count(), routes.skipped);
                    say(routes.repeats4, routes.repeats6);
                    yield EmLookup.of(routes, options.hashEntries)::another;
                }
                case ACL -> {
                    if (options.ruleIpv4 == null && options.ruleIpv6 == null) {
                        throw new IllegalArgumentException("--lookup=acl has no rules of its own; give --rule_ipv4, --rule_ipv6 or both");
                    }
                    Repeats repeats4 = new Repeats();
                    Repeats repeats6 = new Repeats();
                    List<AclRule> ipv4 = AclRules.ipv4(options.ruleIpv4, port -> enabled[port], repeats4);
                    List<AclRule> ipv6 = AclRules.ipv6(options.ruleIpv6, port -> enabled[port], repeats6);
                    say("ACL", ipv4.size(), ipv6.size(), 0);
                    say(repeats4, repeats6);
                    yield AclLookup.of(ipv4, ipv6)::another;
                }
                default -> {
                    PrefixRoutes routes = new PrefixRoutes(options.ruleIpv4, options.ruleIpv6, port -> enabled[port]);
                    say(options.method.name(), routes.ipv4.size() - routes.repeats4.count(), routes.ipv6.size() - routes.repeats6.count(),
                            routes.skipped);
                    say(routes.repeats4, routes.repeats6);
                    if (options.method == Options.Method.FIB) {
                        yield FibLookup.of(routes)::another;
                    }
                    LpmLookup lookup = LpmLookup.of(routes);
                    yield () -> lookup;
                }
            };
        } catch (IllegalArgumentException | IllegalStateException | AclBuildException e) {
            throw new ExitException(e.getMessage());
        }
    }

    private void say(String method, int ipv4, int ipv6, int skipped) {
        console.println(method + ": " + ipv4 + " IPv4 and " + ipv6 + " IPv6 rules" + (skipped == 0 ? ""
                : "; " + skipped + " to ports that are not enabled are left out"));
    }

    private void say(Repeats four, Repeats six) {
        four.texts().forEach(text -> console.error("L3FWD: " + text));
        six.texts().forEach(text -> console.error("L3FWD: " + text));
    }

    private void launch(LcoreRun run, Options options, List<Port> chosen, Config config, Supplier<Lookup> lookups) {
        Map<Lcore, Router> tasks = new LinkedHashMap<>();
        for (Lcore lcore : config.lcores()) {
            TxPort[] outs = new TxPort[MAX_PORTS];
            for (Port port : chosen) {
                outs[port.id()] = new TxPort(port, tasks.size(), options.ethDest.getOrDefault(port.id(), LOCAL_ADMIN | port.id()));
            }
            List<RxLine> lines = new ArrayList<>();
            for (Config.Queue queue : config.of(lcore)) {
                ExceptionPath way = ways.get(queue.port());
                lines.add(new RxLine(queue.port(), queue.number(), way == null ? null : new KernelWay(way, locals)));
                console.println("L3FWD:  -- lcoreid=" + lcore.id() + " portid=" + queue.port().id() + " rxqueueid=" + queue.number());
            }
            Router router = new Router(lines.toArray(RxLine[]::new), outs, lookups.get());
            tasks.put(lcore, router);
            routers.add(router);
        }
        tasks.forEach(run::launch);
    }

    private ForwardReport report() {
        ForwardReport report = new ForwardReport();
        for (Router router : routers) {
            for (RxLine line : router.lines()) {
                int port = line.port.id();
                report.traffic(port, line.received, 0);
                for (Drop why : Drop.values()) {
                    report.drop(port, why.name().toLowerCase(Locale.ROOT), line.drops[why.ordinal()]);
                }
                if (line.kernel != null) {
                    report.also(port, "to_kernel", line.kernel.given);
                    report.also(port, "from_kernel", line.kernel.taken);
                }
            }
            for (TxPort out : router.outs()) {
                int port = out.buffer.port().id();
                report.traffic(port, 0, out.buffer.sent());
                report.drop(port, "tx_full", out.buffer.dropped());
            }
        }
        ways.forEach((port, way) -> {
            for (Xstat x : way.xstats()) {
                report.also(port.id(), x.name(), x.value());
            }
        });
        return report;
    }
}
