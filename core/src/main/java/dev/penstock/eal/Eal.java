package dev.penstock.eal;

import dev.penstock.linux.Platform;
import dev.penstock.telemetry.Telemetry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One instance of the environment: its arguments, lcores, memory and log (DPDK: rte_eal).
 *
 * <p>Several may live in one process; they share nothing but the worker slots of {@link LcoreThread}. The
 * thread that starts an instance is not pinned: each lcore, the main one too, is a thread of its own.
 */
public final class Eal implements AutoCloseable {
    private static final long CLOSE_PATIENCE_NS = 5_000_000_000L;

    private final EalOptions options;
    private final Log log;
    private final Log.Type eal;
    private final Machine machine = Machine.detect();
    private final List<Lcore> lcores = new ArrayList<>();
    private final Deque<Runnable> closeHooks = new ConcurrentLinkedDeque<>();
    private final Object folderLock = new Object();
    private final ReentrantLock closing = new ReentrantLock();
    private final Memory memory;
    private final Unpinned unpinned = new Unpinned(machine.allowed);
    private final Alarms alarms;
    private final Services services;
    private final Telemetry telemetry = new Telemetry(version());
    private Path runtimeFolder;
    private Lcore main;
    private volatile boolean closed;

    private Eal(EalOptions options, Consumer<String> sink) {
        this.options = options;
        log = new Log(sink);
        eal = log.type("lib.eal", "EAL");
        alarms = new Alarms(eal, unpinned);
        services = new Services(lcores, eal);
        memory = new Memory(new Pages(eal, options.noHuge(), machine.nodes), machine.nodes, options.socketLimit(),
                !options.has(Option.LEGACY_MEM) || options.memory() == 0 && options.socketMem().length == 0);
        options.logLevels().stream().filter(text -> !text.equals("help")).forEach(log::level);
        if (options.has(Option.HELP) || options.logLevels().contains("help")) {
            throw new Help(options.has(Option.HELP) ? help() : log.help());
        }
    }

    /**
     * Starts an instance; its log goes to standard error.
     *
     * @param args DPDK's EAL arguments, up to {@code --}; what follows is kept for {@link #remainingArgs()}
     * @return the instance
     * @throws IllegalArgumentException when an argument is wrong; says which, where and how to mend it
     * @throws Help when the arguments ask for help
     */
    public static Eal start(String... args) {
        return start(System.err::println, args);
    }

    /**
     * Starts an instance whose log goes elsewhere.
     *
     * @param sink takes each line of the log; called from any thread. Lines that it throws at go to standard error
     * @param args DPDK's EAL arguments
     * @return the instance
     * @throws IllegalArgumentException when an argument is wrong; says which, where and how to mend it
     * @throws Help when the arguments ask for help
     */
    public static Eal start(Consumer<String> sink, String... args) {
        Eal instance = new Eal(EalOptions.parse(args), sink);
        try {
            instance.start();
        } catch (Throwable e) {
            instance.close();
            throw e;
        }
        return instance;
    }

    private void start() {
        if (options.has(Option.VERSION)) {
            eal.log(Log.Level.CRITICAL, "RTE Version: '" + version() + "'");
        }
        eal.info("Detected CPU lcores: " + machine.cpus.cardinality());
        eal.info("Detected NUMA nodes: " + machine.nodes);
        sayWhatHasNoEffect();
        makeLcores();
        JvmCheck.advice(lcores.size()).ifPresent(eal::warning);
        eal.info("Selected IOVA mode 'VA'");
        lcores.forEach(Lcore::start);
        takeMemory();
        lcores.forEach(Lcore::awaitStart);
        offerTelemetry();
    }

    private void takeMemory() {
        long[] nodes = options.socketMem();
        if (nodes.length > machine.nodes) {
            throw new IllegalArgumentException("--socket-mem: names " + nodes.length + " NUMA nodes, the machine has "
                    + machine.nodes);
        }
        try {
            for (int node = 0; node < nodes.length; node++) {
                memory.prepare(nodes[node], node);
            }
            for (int node = 0; node < machine.nodes && options.memory() > 0; node++) {
                int socket = node;
                long here = lcores.stream().filter(l -> Math.max(0, l.socket()) == socket).count();
                memory.prepare(options.memory() * here / lcores.size(), node);
            }
        } catch (MemzoneException e) {
            throw new IllegalArgumentException((nodes.length > 0 ? "--socket-mem " : "-m ") + e.getMessage(), e);
        }
    }

    private static String version() {
        Module module = Eal.class.getModule();
        // a module has no package with a version, a jar on the class path no module
        String version = module.isNamed() ? module.getDescriptor().rawVersion().orElse(null) : Eal.class.getPackage().getImplementationVersion();
        return "Penstock " + (version == null ? "built from source" : version);
    }

    private void sayWhatHasNoEffect() {
        for (Option option : options.present()) {
            if (option.noEffect != null) {
                eal.warning("Option " + option.dashed() + " has no effect: " + option.noEffect);
            }
        }
        if (options.allowed().stream().anyMatch(device -> EalOptions.isPci(DeviceArgs.parse(device).name()))) {
            eal.warning("Option --allow has no effect for PCI addresses: there are no PCI devices here");
        }
        for (String level : options.logLevels()) {
            String number = Log.levelText(level);
            if (Log.Level.isTooHigh(number)) {
                eal.warning("Log level " + number + " higher than maximum (" + Log.Level.values().length + ")");
            }
        }
        if (options.iovaPa()) {
            eal.warning("Option --iova-mode=pa has no effect: no device here uses physical addresses");
        }
    }

    private void makeLcores() {
        SortedMap<Integer, BitSet> map = new TreeMap<>(options.lcores() != null ? options.lcores() : everyCpu());
        BitSet service = options.serviceCores();
        for (int id = service.nextSetBit(0); id >= 0; id = service.nextSetBit(id + 1)) {
            if (map.putIfAbsent(id, CoreList.only(id)) == null) {
                eal.warning("Service core " + id + " is not among the cores of -l or -c; it is added");
            }
        }
        int mainId = options.mainLcore() >= 0 ? options.mainLcore()
                : map.keySet().stream().filter(id -> !service.get(id)).findFirst().orElseThrow(() ->
                        new IllegalArgumentException("every lcore is a service core; leave one out of -s or -S"));
        if (!map.containsKey(mainId)) {
            throw new IllegalArgumentException("--main-lcore " + mainId + ": not among the lcores " + map.keySet());
        }
        for (Map.Entry<Integer, BitSet> entry : map.entrySet()) {
            int id = entry.getKey();
            BitSet cpus = entry.getValue();
            BitSet missing = (BitSet) cpus.clone();
            missing.andNot(machine.cpus);
            if (!missing.isEmpty()) {
                throw new IllegalArgumentException("lcore " + id + ": this machine has no CPU " + Ranges.text(missing)
                        + "; it has " + Ranges.text(machine.cpus));
            }
            Lcore.Role role = id == mainId ? Lcore.Role.MAIN : service.get(id) ? Lcore.Role.SERVICE : Lcore.Role.WORKER;
            Lcore lcore = new Lcore(id, lcores.size(), cpus, machine.node(cpus), role);
            lcores.add(lcore);
            main = id == mainId ? lcore : main;
        }
    }

    private SortedMap<Integer, BitSet> everyCpu() {
        SortedMap<Integer, BitSet> map = new TreeMap<>();
        machine.allowed.stream().limit(Lcore.MAX).filter(cpu -> cpu < Lcore.MAX)
                .forEach(cpu -> map.put(cpu, CoreList.only(cpu)));
        return map;
    }

    /** @return all EAL options with their meaning, a line each */
    public static String help() {
        return Help.options();
    }

    /** @return the EAL arguments, read */
    public EalOptions options() {
        return options;
    }

    /** @return what followed {@code --}: the application's own arguments */
    public List<String> remainingArgs() {
        return options.remaining();
    }

    /** @return the log, to change its levels while the instance runs */
    public Log log() {
        return log;
    }

    /**
     * A source of log lines.
     *
     * @param type dotted name for {@code --log-level}, such as {@code pmd.net.tap}
     * @param prefix what its lines start with, such as {@code TAP}
     * @return the same object for the same type
     */
    public Log.Type log(String type, String prefix) {
        return log.type(type, prefix);
    }

    /** @return all lcores, by number */
    public List<Lcore> lcores() {
        return List.copyOf(lcores);
    }

    /** @return the main lcore */
    public Lcore mainLcore() {
        return main;
    }

    /** @return the lcores that are neither main nor for services, by number */
    public List<Lcore> workers() {
        return lcores.stream().filter(l -> l.role() == Lcore.Role.WORKER).toList();
    }

    /**
     * The lcore of a number.
     *
     * @param id its number
     * @return the lcore
     * @throws IllegalArgumentException when there is none; names those that are
     */
    public Lcore lcore(int id) {
        return lcores.stream().filter(l -> l.id() == id).findFirst().orElseThrow(() -> new IllegalArgumentException(
                "no lcore " + id + "; there are " + lcores.stream().map(Lcore::id).toList()));
    }

    /** Asks the tasks of all lcores to end; see {@link Lcore#stopRequested()}. */
    public void requestStop() {
        lcores.forEach(Lcore::requestStop);
    }

    /**
     * Makes the calling thread, which is no lcore, a worker (DPDK: rte_thread_register).
     *
     * @return closed by the same thread when it is done
     */
    public LcoreThread.Registration register() {
        return LcoreThread.register();
    }

    /**
     * A daemon thread, not started, that may run on any CPU of the instance's starter (rte_thread_create_control).
     * A thread that an lcore makes in another way inherits its CPU, and disturbs it.
     *
     * @param name its name
     * @param task what it runs
     * @return the thread
     */
    public Thread controlThread(String name, Runnable task) {
        return unpinned.thread(name, task);
    }

    /**
     * Moves every thread of the process that is no lcore off the workers' CPUs, those of the JVM too: its compilers
     * else take turns with loops that poll, milliseconds each. Threads that are made later follow. For a program that
     * has the process for itself; nothing is undone at {@link #close()}.
     *
     * @return false when no CPU would be left for them; they then stay where they are
     */
    public boolean keepWorkersFree() {
        BitSet busy = new BitSet();
        lcores.stream().filter(l -> l.role() != Lcore.Role.MAIN).forEach(l -> busy.or(l.cpus()));
        return !busy.isEmpty() && unpinned.leave(busy, lcores.stream().map(Lcore::threadId).collect(Collectors.toSet()));
    }

    /** @return callbacks after a delay */
    public Alarms alarms() {
        return alarms;
    }

    /** @return background work and the lcores that run it */
    public Services services() {
        return services;
    }

    /**
     * The folder for sockets, made at the first call, where DPDK has it: {@code dpdk/PREFIX} under
     * {@code $RUNTIME_DIRECTORY}, else {@code /var/run} for root, {@code $XDG_RUNTIME_DIR} or {@code /tmp} for
     * others. Instances with the same {@code --file-prefix} share it; it goes with the last of them.
     *
     * @return the folder
     * @throws java.io.UncheckedIOException when it cannot be made
     */
    public Path runtimeFolder() {
        synchronized (folderLock) {
            if (closed) {
                throw new IllegalStateException("the instance is closed");
            }
            runtimeFolder = RuntimeFolder.make(RuntimeFolder.of(System.getenv(), System.getProperty("user.name"),
                    options.filePrefix()));
            return runtimeFolder;
        }
    }

    /**
     * What tools such as {@code dpdk-telemetry.py} may ask; with {@code --no-telemetry} there is no socket for it.
     *
     * @return the commands, to which a program may add its own
     */
    public Telemetry telemetry() {
        return telemetry;
    }

    private void offerTelemetry() {
        EalTelemetry.register(this, telemetry);
        if (options.telemetry() && Platform.isLinux()) {
            Log.Type type = log.type("lib.telemetry", "TELEMETRY");
            telemetry.listen(this::runtimeFolder, task -> unpinned.thread("telemetry-v2", task),
                    text -> type.warning(text + "; --no-telemetry asks for none"));
        }
    }

    Memory memory() {
        return memory;
    }

    /**
     * Reserves zeroed memory, until {@link #free} or {@link #close()} (DPDK: rte_memzone_reserve).
     *
     * @param name unique in this instance
     * @param bytes how much
     * @param align what its address is a multiple of, a power of two; at least 64 is used
     * @param socket NUMA node, or -1 for that of the calling lcore
     * @return the zone
     * @throws MemzoneException when the name is taken or memory is lacking; says how to mend it
     */
    public Memzone reserve(String name, long bytes, long align, int socket) {
        return memory.reserve(name, bytes, align, socket);
    }

    /**
     * Gives a zone back; nobody may use it any more.
     *
     * @param zone from {@link #reserve}
     * @throws MemzoneException when it is not of this instance, or was freed before
     */
    public void free(Memzone zone) {
        memory.free(zone);
    }

    /**
     * Finds a zone.
     *
     * @param name as given to {@link #reserve}
     * @return the zone, if there is one
     */
    public Optional<Memzone> memzone(String name) {
        return Optional.ofNullable(memory.zone(name));
    }

    /**
     * Lists the zones by name, a line each, as rte_memzone_dump does.
     *
     * @param to where the lines go
     */
    public void dumpMemzones(Appendable to) {
        memory.dumpZones(to);
    }

    /**
     * The memory that can be shared with a peer process, as of now: all of it when there are huge pages, none of it
     * with ordinary pages.
     *
     * @return the memory
     */
    public List<SharedMemory> sharedMemory() {
        return memory.shared();
    }

    /**
     * Lists the mapped memory, a line a mapping, as rte_dump_physmem_layout does.
     *
     * @param to where the lines go
     */
    public void dumpMemory(Appendable to) {
        memory.dumpRegions(to);
    }

    /** @return bytes taken from the operating system now */
    public long memoryBytes() {
        return memory.takenBytes();
    }

    /**
     * Has something done when the instance is closed: after the tasks have ended, before memory is given back,
     * the last registered first. What a hook throws is thrown by {@link #close()} when all is done.
     *
     * @param hook what to do
     */
    public void onClose(Runnable hook) {
        closeHooks.push(hook);
    }

    /**
     * Ends the lcores, runs the hooks and gives everything back. A second call does nothing. While another thread does it, the call
     * waits for that, unless it is made by an alarm or a telemetry command, whose thread the other one waits for.
     *
     * @throws IllegalStateException when called by one of its lcores, or when a task does not end within five
     *         seconds; then nothing is given back, and close may be called again
     */
    @Override
    public void close() {
        closeWithin(CLOSE_PATIENCE_NS);
    }

    void closeWithin(long patienceNs) {
        if (!closed && lcores.contains(Lcore.current())) {
            throw new IllegalStateException(Lcore.current() + " cannot close its own instance; let its task return");
        }
        if (!alarms.isCurrent() && !telemetry.isCurrent()) {
            closing.lock();
        } else if (!closing.tryLock()) {
            return;
        }
        try {
            if (!closed) {
                end(patienceNs);
            }
        } finally {
            closing.unlock();
        }
    }

    private void end(long patienceNs) {
        lcores.forEach(Lcore::close);
        long deadlineNs = System.nanoTime() + patienceNs;
        for (Lcore lcore : lcores) {
            if (!lcore.ended(deadlineNs)) {
                throw new IllegalStateException("the task of " + lcore + " does not end; let it poll stopRequested()."
                        + " It is at " + lcore.place());
            }
        }
        for (Lcore lcore : lcores) {
            Throwable failure = lcore.takeFailure();
            if (failure != null) {
                eal.error("the task of " + lcore + " failed, and nobody awaited it", failure);
            }
        }
        alarms.close();
        telemetry.close();
        closed = true;
        giveBack();
    }

    private void giveBack() {
        RuntimeException first = null;
        while (!closeHooks.isEmpty()) {
            try {
                closeHooks.pop().run();
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        synchronized (folderLock) {
            if (runtimeFolder != null) {
                RuntimeFolder.removeIfEmpty(runtimeFolder);
            }
        }
        memory.close();
        if (first != null) {
            throw first;
        }
    }
}
