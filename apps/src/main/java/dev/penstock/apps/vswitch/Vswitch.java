package dev.penstock.apps.vswitch;

import dev.penstock.apps.cli.Console;
import dev.penstock.apps.cli.EalProgram;
import dev.penstock.apps.cli.ExitException;
import dev.penstock.apps.cli.Input;
import dev.penstock.apps.cli.Interrupts;
import dev.penstock.apps.cli.Trouble;
import dev.penstock.eal.DeviceArgs;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Lcore;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.vswitch.Forwarder;
import dev.penstock.vswitch.Mirror;
import dev.penstock.vswitch.PortSettings;
import dev.penstock.vswitch.SwitchPort;
import dev.penstock.vswitch.Underlay;
import dev.penstock.vswitch.VirtualSwitch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One running switch: its ports, pools, lcores and mirrors. All but the forwarders runs in the thread of the prompt. */
final class Vswitch {
    private static final int CACHE = 256;
    private static final int COPIES = 8191;
    private static final int MIRRORED = 4095;
    private static final long TICK_MS = 200;

    private final Eal eal;
    private final Ports ports;
    private final Console console;
    private final Interrupts signals;
    private final Map<Path, Mirror> mirrors = new LinkedHashMap<>();
    private final Map<String, Path> mirrored = new HashMap<>();
    private Options options;
    private MbufPool pool;
    private VirtualSwitch vswitch;
    private int pools;

    /** Signals may be null, when nobody turns them into interrupts. */
    Vswitch(Eal eal, Ports ports, Console console, Interrupts signals) {
        this.eal = eal;
        this.ports = ports;
        this.console = console;
        this.signals = signals;
    }

    void run(Input input) {
        options = new Options(console, eal.remainingArgs());
        Config config = options.config == null ? Config.EMPTY : read(options.config);
        List<Lcore> lcores = eal.lcores().stream().filter(l -> l.role() != Lcore.Role.SERVICE).toList();
        pool = pool("rx", options.mbufs);
        vswitch = new VirtualSwitch(lcores.size(), pool("copies", COPIES), config.maxMacs(), config.ageingS());
        Thread clock = eal.controlThread("vswitch-clock", this::keepTime);
        EalProgram.freeWorkers(eal);
        try {
            for (int i = 0; i < lcores.size(); i++) {
                Forwarder forwarder = vswitch.forwarder(i);
                lcores.get(i).launch(self -> forward(self, forwarder));
            }
            for (Port port : ports.list()) {
                addOrClose(port, 1, p -> vswitch.add(p.name(), p, new PortSettings()));
            }
            config.apply(this);
            console.println("Switching between " + vswitch.ports().size() + " ports on lcores"
                    + lcores.stream().map(l -> " " + l.id()).reduce("", String::concat));
            console.flush();
            if (options.prompt) {
                new Prompt(this, console, input).run();
            } else {
                serve(lcores);
            }
        } finally {
            endSignals();
            clock.interrupt();
            end(lcores);
        }
    }

    /** What is closed from here on would take an interrupt for its own, and a file lose its end. */
    private void endSignals() {
        if (signals != null) {
            signals.end();
        }
        Thread.interrupted();
    }

    /** Waits for all forwarders and ends the mirrors; then throws what one of those threw. */
    private void end(List<Lcore> lcores) {
        lcores.forEach(Lcore::requestStop);
        RuntimeException failure = null;
        for (Lcore lcore : lcores) {
            try {
                lcore.await();
            } catch (RuntimeException e) {
                failure = failure == null ? e : failure;
            }
        }
        endMirrors();
        if (failure != null) {
            throw failure;
        }
    }

    private static Config read(Path file) {
        try {
            return Config.parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ExitException("can't read " + file + ": " + Trouble.reason(e));
        } catch (IllegalArgumentException e) {
            throw new ExitException(e.getMessage());
        }
    }

    private MbufPool pool(String name, int mbufs) {
        return MbufPool.with(eal, "vswitch_" + name, mbufs).cacheSize(Math.min(CACHE, mbufs / 4)).dataRoom(options.mbufSize).create();
    }

    private int forward(Lcore self, Forwarder forwarder) {
        try {
            poll(self, forwarder);
        } catch (RuntimeException | Error e) {
            console.error("lcore " + self.id() + " has failed: what its ports receive is not forwarded any more; end the switch and start it"
                    + " again. " + e);
            throw e;
        }
        return 0;
    }

    private static void poll(Lcore self, Forwarder forwarder) {
        forwarder.begin();
        try {
            while (!self.stopRequested()) {
                forwarder.poll();
            }
        } finally {
            forwarder.end();
        }
    }

    private void keepTime() {
        try {
            while (true) {
                Thread.sleep(TICK_MS);
                vswitch.tick();
            }
        } catch (InterruptedException e) {
            // The end.
        }
    }

    /** Until a signal comes, or an lcore has failed: who supervises the switch starts it anew. */
    private static void serve(List<Lcore> lcores) {
        try {
            while (lcores.stream().allMatch(l -> l.state() == Lcore.State.RUNNING)) {
                Thread.sleep(TICK_MS);
            }
        } catch (InterruptedException e) {
            // A signal: that is how it ends.
        }
    }

    VirtualSwitch vswitch() {
        return vswitch;
    }

    /** Makes a port of device arguments and adds it. */
    void addPort(String name, String vdev, PortSettings settings) {
        checkQueues(vdev, settings.queues());
        vswitch.checkNew(name, settings);
        addOrClose(ports.attach(vdev), settings.queues(), port -> vswitch.add(name, port, settings));
    }

    /** A machine sends into all queues that the device offers; nobody would take what comes in those that the port has not. */
    private static void checkQueues(String vdev, int queues) {
        DeviceArgs.parse(vdev).value("queues").filter(text -> text.matches("\\d+") && !text.equals("" + queues)).ifPresent(other -> {
            throw new IllegalArgumentException(vdev + " has " + other + " queues and the port's field 'queues' is " + queues
                    + "; give both the same number");
        });
    }

    /** Makes a port of device arguments that tunnels can go over. */
    void addUnderlay(String name, String vdev, Underlay underlay) {
        vswitch.checkNew(name, new PortSettings());
        addOrClose(ports.attach(vdev), 1, port -> vswitch.addUnderlay(name, port, underlay));
    }

    private void addOrClose(Port port, int queues, Function<Port, SwitchPort> add) {
        try {
            port.configure(VirtualSwitch.config(port, queues));
            for (int q = 0; q < queues; q++) {
                port.setupRxQueue(q, RxQueueConfig.of(pool));
                port.setupTxQueue(q, TxQueueConfig.DEFAULT);
            }
            port.start();
            takeAll(port);
            add.apply(port);
        } catch (RuntimeException e) {
            port.close();
            throw e;
        }
    }

    private static void takeAll(Port port) {
        try {
            port.filters().promiscuous(true);
        } catch (UnsupportedOperationException e) {
            // one that can't be told which frames to take takes all (VIRTIO 1.2, 5.1.6.5.1): net_virtio_user without cq=1
        }
    }

    /** Takes a port out and closes it. */
    void remove(String name) {
        Port port = vswitch.remove(name);
        endMirror(mirrored.remove(name));
        if (port != null) {
            port.close();
        }
    }

    /** Copies a port's packets into a file, one for as many ports as name it. */
    void mirror(String name, boolean rx, boolean tx, Path file) {
        vswitch.checkMirror(name);
        Path path = file.toAbsolutePath().normalize();
        Mirror mirror = mirrors.get(path);
        try {
            if (mirror == null) {
                mirror = new Mirror(path, pool("mirror" + pools++, MIRRORED));
                mirrors.put(path, mirror);
            }
            vswitch.mirror(mirror, name, rx, tx);
            mirrored.put(name, path);
        } catch (IOException e) {
            throw new IllegalArgumentException("can't write " + file + ": " + (e instanceof NoSuchFileException ? "there is no such folder"
                    : Trouble.reason(e)), e);
        } finally {
            endMirror(path);
        }
    }

    /** Ends the mirroring of a port, and its file with the last. */
    void unmirror(String name) {
        vswitch.unmirror(name);
        Path path = mirrored.remove(name);
        if (path == null) {
            throw new IllegalArgumentException("port " + name + " is not mirrored");
        }
        endMirror(path);
    }

    private void endMirror(Path path) {
        if (path != null && !mirrored.containsValue(path) && mirrors.containsKey(path)) {
            try {
                mirrors.remove(path).close();
            } catch (IOException e) {
                console.error("can't write " + path + ": " + Trouble.reason(e));
            }
        }
    }

    private void endMirrors() {
        mirrored.clear();
        List.copyOf(mirrors.keySet()).forEach(this::endMirror);
    }

    Map<Path, Mirror> mirrors() {
        return mirrors;
    }

    Map<String, Path> mirrored() {
        return mirrored;
    }
}
