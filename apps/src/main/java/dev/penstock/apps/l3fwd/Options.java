package dev.penstock.apps.l3fwd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.OptionTable;
import dev.penstock.apps.forward.Words;
import dev.penstock.net.MacAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** l3fwd's own options, behind the {@code --} of the EAL's. */
final class Options {
    /** How next hops are found. */
    enum Method { LPM, EM, FIB, ACL }

    private static final int MAX_HASH_ENTRIES = 4 << 20;
    private static final int MAX_PORTS = 32;
    private static final int MIN_FRAME = 64;
    private static final int MAX_FRAME = 9600;
    private static final List<String> ALGORITHMS = List.of("scalar", "sse", "avx2", "neon", "altivec", "avx512x16", "avx512x32");

    long portMask;
    boolean promiscuous;
    Method method;
    /** Rows of port, queue, lcore; null when not given. */
    List<int[]> config;
    final Map<Integer, Long> ethDest = new HashMap<>();
    Path ruleIpv4;
    Path ruleIpv6;
    int rxDescriptors;
    int txDescriptors;
    int maxFrame;
    int hashEntries = 16;
    boolean perPortPool;
    int periodS;
    /** Beginning of the TAP interfaces' names; null without a way to the kernel. */
    String exception;

    private final Console console;

    Options(Console console, List<String> args) {
        this.console = console;
        OptionTable table = new OptionTable();
        dpdk(table);
        withoutEffect(table);
        eventOnly(table);
        beyondDpdk(table);
        String usage = "\nUsage: ./penstock l3fwd [EAL options] -- [l3fwd options]\n\n" + table.help() + "\nExample: "
                + L3fwdCommand.EXAMPLE + "\n";
        table.flag("help", "show this and end", () -> {
            console.print(usage);
            throw new ExitException();
        });
        try {
            table.parse(args, Map.of("-p", "--portmask", "-P", "--promiscuous", "-E", "--exact-match", "-L", "--longest-prefix-match",
                    "-h", "--help"));
        } catch (IllegalArgumentException e) {
            console.error(e.getMessage());
            console.error("All options: ./penstock l3fwd --no-huge -- --help");
            throw new ExitException("Invalid L3FWD parameters");
        }
        if (method == null) {
            console.error("Neither ACL, LPM, EM, or FIB selected, defaulting to LPM");
            method = Method.LPM;
        }
    }

    private void dpdk(OptionTable table) {
        table.value("portmask", "PORTMASK", "hexadecimal mask of ports (all when not given); also -p", v -> {
            portMask = Words.mask(v);
            check(portMask != 0, "Invalid portmask: '" + v + "'; give a hexadecimal mask such as 3");
        });
        table.flag("promiscuous", "take frames to all addresses; also -P", () -> promiscuous = true);
        table.value("lookup", "lpm|em|fib|acl", "how next hops are found: longest prefix match (default), exact match,"
                + " forwarding information base, access control list", v -> method(switch (v) {
                    case "em" -> Method.EM;
                    case "lpm" -> Method.LPM;
                    case "fib" -> Method.FIB;
                    case "acl" -> Method.ACL;
                    default -> throw new IllegalArgumentException("Invalid lookup option! Accepted options: acl, em, lpm, fib");
                }));
        table.flag("exact-match", "the same as --lookup=em; also -E", () -> method(Method.EM));
        table.flag("longest-prefix-match", "the same as --lookup=lpm; also -L", () -> method(Method.LPM));
        table.value("config", "(port,queue,lcore)[,(port,queue,lcore)]",
                "which lcore polls which receive queue (default: queue 0 of each port, lcores in turn)",
                v -> config = Words.groups("config", v, List.of("port", "queue", "lcore"), 255));
        table.value("rule_ipv4", "FILE", "IPv4 rules, one a line: routes begin with R, ACL entries with @, comments with #",
                v -> ruleIpv4 = Path.of(v));
        table.value("rule_ipv6", "FILE", "IPv6 rules", v -> ruleIpv6 = Path.of(v));
        table.value("eth-dest", "X,MM:MM:MM:MM:MM:MM", "Ethernet destination of what port X sends (default 02:00:00:00:00:X)", this::ethDest);
        table.value("rx-queue-size", "NPKTS", "descriptors of a receive queue", v -> rxDescriptors = size("rx-queue-size", v));
        table.value("tx-queue-size", "NPKTS", "descriptors of a transmit queue", v -> txDescriptors = size("tx-queue-size", v));
        table.value("max-pkt-len", "PKTLEN", "longest frame, " + MIN_FRAME + " to " + MAX_FRAME, v -> {
            maxFrame = (int) Words.number(v, 10, MAX_FRAME);
            check(maxFrame >= MIN_FRAME, "Invalid max packet length: '" + v + "'; give " + MIN_FRAME + " to " + MAX_FRAME);
        });
        table.value("hash-entry-num", "HEX", "flows that exact match has room for, hexadecimal", v -> {
            hashEntries = (int) Words.number(v.replaceFirst("^0[xX]", ""), 16, MAX_HASH_ENTRIES);
            check(hashEntries > 0, "invalid hash entry number: '" + v + "'; give 1 to " + Integer.toHexString(MAX_HASH_ENTRIES));
        });
        table.flag("per-port-pool", "a pool of mbufs for each port", () -> {
            console.println("per port buffer pool is enabled");
            perPortPool = true;
        });
        table.value("mode", "poll", "how packets get to lcores", v -> check(v.equals("poll"), v.equals("eventdev")
                ? "mode eventdev: there are no event devices here; give --mode=poll" : "Invalid mode: '" + v + "'; give poll"));
    }

    private void withoutEffect(OptionTable table) {
        table.flag("no-numa", "no effect: pools lie where the lcores run", () -> none("no-numa", "memory is taken where lcores run"));
        table.flag("ipv6", "no effect: both versions are routed", () -> none("ipv6", "both versions are always routed"));
        table.flag("parse-ptype", "no effect: packets are always parsed in software", () -> console.println("soft parse-ptype is enabled"));
        table.flag("relax-rx-offload", "no effect: checksums are checked in software",
                () -> none("relax-rx-offload", "no offload is asked of ports"));
        table.value("alg", String.join("|", ALGORITHMS), "no effect: the fastest way to classify is chosen", v -> {
            check(ALGORITHMS.contains(v), "Invalid alg: '" + v + "'; there are " + String.join(", ", ALGORITHMS));
            none("alg", "the fastest way to classify is chosen");
        });
    }

    private void eventOnly(OptionTable table) {
        for (String name : List.of("eventq-sched", "event-eth-rxqs", "event-vector-size", "event-vector-tmo")) {
            table.value(name, "X", "only with event devices, which are not here", v -> noEvents(name));
        }
        table.flag("event-vector", "only with event devices, which are not here", () -> noEvents("event-vector"));
    }

    private void beyondDpdk(OptionTable table) {
        table.optional("exception", "NAME", "beyond DPDK: what the routes do not handle goes to the kernel by TAP interfaces NAME0,"
                + " NAME1, ... (default l3fwd), and what the kernel sends there goes out", v -> {
                    exception = v == null ? "l3fwd" : v;
                    check(exception.matches("[A-Za-z0-9_.-]{1,12}"), "Invalid exception: '" + v + "'; give 1 to 12 letters");
                });
        table.value("stats-period", "S", "beyond DPDK: show statistics every S seconds", v -> {
            periodS = (int) Words.number(v, 10, 86_400);
            check(periodS > 0, "Invalid stats-period: '" + v + "'; give 1 to 86400");
        });
    }

    private void method(Method wanted) {
        check(method == null, "Only one lookup mode is allowed at a time!");
        method = wanted;
    }

    private void ethDest(String v) {
        int comma = v.indexOf(',');
        int port = comma < 0 ? -1 : (int) Words.number(v.substring(0, comma), 10, MAX_PORTS - 1);
        check(port >= 0, "Invalid eth-dest: '" + v + "'; give a port from 0 to " + (MAX_PORTS - 1)
                + " and an address, such as 0,02:00:00:00:00:01");
        ethDest.put(port, MacAddress.parse(v.substring(comma + 1)));
    }

    private static int size(String option, String v) {
        int size = (int) Words.number(v, 10, 65_535);
        check(size > 0, "Invalid " + option + ": '" + v + "'; give 1 to 65535");
        return size;
    }

    private void none(String option, String why) {
        console.error("Notice: --" + option + " has no effect: " + why);
    }

    private static void noEvents(String option) {
        throw new IllegalArgumentException(option + " is valid only when event mode is selected, and there are no event devices here");
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
