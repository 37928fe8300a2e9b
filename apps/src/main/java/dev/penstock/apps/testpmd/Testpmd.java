package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.Input;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.DynamicFields;
import dev.penstock.mbuf.MbufPool;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One testpmd: its environment, ports, pools, settings and what forwards. All but the engines runs in one thread. */
final class Testpmd {
    private static final int MAX_DESCRIPTORS = 2048;
    private static final int DPDK_MAX_PORTS = 32;

    final Eal eal;
    final Ports ports;
    final Console console;
    final Settings settings = new Settings();
    final Map<Integer, PortSettings> portSettings = new TreeMap<>();
    final List<MbufPool> pools = new ArrayList<>();
    /** Of all pools. */
    final DynamicFields dynamicFields = new DynamicFields();
    /** Names of the flags that commands have registered, by bit. */
    final Map<Long, String> dynamicFlags = new TreeMap<>();
    final FlowCommands flows = new FlowCommands(this);
    final EncapCommands encaps = new EncapCommands(this);
    final MeterCommands meters = new MeterCommands(this);
    final PortControl control = new PortControl(this);
    final Forwarding forwarding = new Forwarding(this);
    final JitWatch jit = new JitWatch(this);
    final Measures measures;
    final Prompt prompt;
    private final Set<String> withoutEffect = new HashSet<>();

    Testpmd(Eal eal, Ports ports, Console console, Input input) {
        this.eal = eal;
        this.ports = ports;
        this.console = console;
        for (Lcore lcore : eal.workers()) {
            settings.coreList.add(lcore.id());
        }
        settings.cores = Math.min(1, settings.coreList.size());
        for (Port port : ports.list()) {
            settings.portList.add(port.id());
        }
        settings.ports = settings.portList.size();
        measures = new Measures(this);
        prompt = new Prompt(this, input);
    }

    /** Reads the options, starts ports, forwards, and ends when input or a signal says so. */
    void run(List<String> args) {
        if (settings.ports == 0) {
            console.error("testpmd: No probed ethernet devices");
        }
        if (settings.coreList.isEmpty()) {
            throw new ExitException("No cores defined for forwarding\nCheck the core mask argument");
        }
        new Options(this).parse(args);
        if (settings.txFirst && settings.interactive) {
            throw new ExitException("--tx-first cannot be used on interactive mode.");
        }
        if (settings.txFirst && settings.linkInterrupt) {
            console.error("Warning: lsc_interrupt needs to be off when using tx_first. Disabling.");
            settings.linkInterrupt = false;
        }
        if (settings.rxQueues > 1 && settings.rxQueues > settings.txQueues) {
            console.error("Warning: nb_rxq=" + settings.rxQueues + " enables RSS configuration, but nb_txq="
                    + settings.txQueues + " will prevent to fully test it.");
        }
        makePools();
        measures.open();
        for (Port port : ports.list()) {
            control.adopt(port);
        }
        forwarding.set();
        if (settings.warmUpMs > 0) {
            new Rehearsal(this).run();
        }
        if (settings.deviceStart && !control.start(PortControl.ALL)) {
            if (!settings.interactive) {
                throw new ExitException("Start ports failed");
            }
            console.error("Start ports failed");
        }
        for (Port port : ports.list()) {
            control.promiscuous(port, true);
        }
        if (settings.latencyLcore >= 0) {
            console.error("Latencystats running on lcore " + settings.latencyLcore);
        }
        if (settings.commandFile != null) {
            prompt.file(settings.commandFile);
        }
        if (settings.interactive) {
            if (settings.autoStart) {
                console.println("Start automatic packet forwarding");
                forwarding.start(0);
            }
            prompt.run();
        } else {
            console.println("No commandline core given, start packet forwarding");
            forwarding.start(settings.txFirst ? 1 : 0);
            prompt.waitForEnd();
        }
        end();
    }

    private void makePools() {
        int n = settings.mbufs != 0 ? settings.mbufs
                : (2 * MAX_DESCRIPTORS + settings.coreList.size() * settings.mbufCache + Stream.MAX_BURST) * DPDK_MAX_PORTS;
        for (int i = 0; i < settings.mbufSizes.size(); i++) {
            String name = "mb_pool_0" + (i == 0 ? "" : "_" + i);
            int size = settings.mbufSizes.get(i);
            console.error("testpmd: create a new mbuf pool <" + name + ">: n=" + n + ", size=" + size + ", socket=0");
            try {
                pools.add(MbufPool.with(eal, name, n).cacheSize(Math.min(settings.mbufCache, n * 2 / 3)).dataRoom(size)
                        .dynamicFields(dynamicFields).memory(eal.options().channels(), eal.options().ranks()).create());
            } catch (RuntimeException e) {
                throw new ExitException("Creation of mbuf pool for socket 0 failed: " + e.getMessage());
            }
            console.error("testpmd: preferred mempool ops selected: " + pools.get(i).opsName());
        }
    }

    /** Says goodbye to everything, as at quit. */
    private void end() {
        if (forwarding.running()) {
            forwarding.stop();
        }
        jit.close();
        measures.close();
        console.print("\nPrimary: Sending 'stop_req' request to secondary...\n");
        settings.linkCheck = false;
        for (Port port : ports.list()) {
            console.print("\nStopping port " + port.id() + "...\n");
            control.stop(port.id());
        }
        for (Port port : ports.list()) {
            console.print("\nShutting down port " + port.id() + "...\n");
            control.close(port.id());
        }
        console.print("\nBye...\n");
        console.flush();
    }

    /** Says once of a command or option that it is taken and nothing comes of it. */
    void noEffect(String what) {
        noEffect(what, "");
    }

    /** The same, with what to do instead behind it. */
    void noEffect(String what, String instead) {
        if (withoutEffect.add(what)) {
            console.error("testpmd: " + what + " has no effect" + instead);
        }
    }

    /** The port of a number, or null. */
    Port portOrNull(int id) {
        return ports.list().stream().filter(port -> port.id() == id).findFirst().orElse(null);
    }

    /** The port of a number, or null after saying that there is none. */
    Port port(int id) {
        Port port = portOrNull(id);
        if (port == null) {
            console.error("Invalid port " + id);
        }
        return port;
    }

    /** As {@link #port}, naming those that there are. */
    Port portOrList(int id) {
        Port port = port(id);
        if (port == null) {
            StringBuilder text = new StringBuilder("The valid ports array is [");
            ports.list().forEach(p -> text.append(' ').append(p.id()));
            console.println(text.append(" ]").toString());
        }
        return port;
    }
}
